"""Draw likely ranges of the synthetic league, with all that robustness does.

python bench/robustness_engine.py [ORGANISATIONS METRICS REPLICATES]
"""

from __future__ import annotations

import sys

from robustness_league import league, print_ranges, timed
from robustness_numpy import METRICS, ORGANISATIONS, REPLICATES

from nhs_league.analysis.robustness.robustness import Design, robustness


def main(organisations: int, metrics: int, replicates: int) -> None:
    scored, design = league(organisations, metrics), Design(replicates=replicates)
    ranges, seconds = timed(lambda: robustness(scored, design).ranges)
    print_ranges(ranges.sort("org_code").to_dict(as_series=False), seconds)


if __name__ == "__main__":
    main(*(map(int, sys.argv[1:]) if sys.argv[1:] else (ORGANISATIONS, METRICS, REPLICATES)))
