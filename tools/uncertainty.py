"""The figures of the page on uncertainty: coverage of likely ranges, and doubt in the sample."""

from __future__ import annotations

import numpy as np
import polars as pl

import nhs_league
from nhs_league import Design, Framework, League, Quarter, score_values
from nhs_league.analysis.robustness.arrays import LeagueArrays
from nhs_league.analysis.robustness.chances import score_ends
from nhs_league.analysis.robustness.intervals import Interval, tail_shares
from nhs_league.analysis.robustness.resampling import resampled_composites

METRICS = (6, 9, 12, 18, 25)
ORGANISATIONS = 3_000
REPLICATES = 1_000
SEED = 20260401
QUARTER = "2025Q2"


def coverage_section() -> str:
    """Give the share of ranges that hold the true average, by the number of metrics."""
    lines = ["| metrics | `percentile` | `expanded` |", "|--:|--:|--:|"]
    for metrics in METRICS:
        found = coverage(metrics)
        shares = " | ".join(f"{100 * share:.1f}%" for share in found.values())
        lines.append(f"| {metrics} | {shares} |")
    return "\n".join(lines)


def doubt_section() -> str:
    """Say what each source of doubt leaves of the table of acute trusts."""
    lines = [
        "| framework | source | pairs told apart | could be in the best quarter | in the last "
        "| mean width of a rank's range |",
        "|---|---|--:|--:|--:|--:|",
    ]
    designs = {
        "`metrics`": Design(),
        "`data`": Design(source="data"),
        "`weights`": Design(source="weights"),
        "`weights`, uniform": Design(source="weights", weights="uniform"),
    }
    for framework in ("nof-2025-26", "headline-kpis"):
        league = nhs_league.open_league(quarter=QUARTER, framework=framework).league
        for label, design in designs.items():
            if design.source == "data" and framework == "nof-2025-26":
                continue
            drawn = nhs_league.robustness(league, design)
            told = drawn.separability.row(0, named=True)
            ranges = drawn.ranges.filter(peer_group=told["peer_group"])
            width = (ranges["rank_high"] - ranges["rank_low"]).mean()
            lines.append(
                f"| `{framework}` | {label} | {told['separable_pairs']:,} of {told['pairs']:,} "
                f"({100 * told['separable_pairs'] / told['pairs']:.0f}%) "
                f"| {told['possible_top_quarter']} of {told['organisations']} "
                f"| {told['possible_bottom_quarter']} of {told['organisations']} "
                f"| {width:.0f} places |"
            )
    return "\n".join(lines)


def sway_section() -> str:
    """Say what taking each domain and override away does to the official table."""
    league = nhs_league.open_league(quarter=QUARTER, framework="nof-2025-26").league
    names = {
        "override": "the override `{id}`",
        "domain": "{title}",
        "domain_and_overrides": "{title}, and its override",
    }
    lines = [
        "| taken away | other segment | better | worse | other rank | mean move | Spearman "
        "| Kendall |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in nhs_league.leave_one_out(league).iter_rows(named=True):
        if row["kind"] in names:
            cells = [
                names[row["kind"]].format(**row),
                *(str(row[f"segments_{what}"]) for what in ("changed", "better", "worse")),
                str(row["moved"]),
                f"{row['mean_move']:.1f} places",
                f"{row['spearman']:.3f}",
                f"{row['kendall']:.3f}",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def coverage(metrics: int) -> dict[Interval, float]:
    """Give the share of organisations whose range holds their true average."""
    scores, truth = synthetic_scores(metrics, np.random.default_rng([SEED, metrics]))
    arrays = LeagueArrays.of(league_of(scores))
    composites = resampled_composites(arrays, REPLICATES, SEED)
    found: dict[Interval, float] = {}
    for interval in ("percentile", "expanded"):
        tails = tail_shares(interval, arrays.metrics_scored)
        low, high = score_ends(composites, tails)
        found[interval] = float(((low <= truth) & (truth <= high)).mean())
    return found


def synthetic_scores(metrics: int, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw metric scores of organisations of different quality, and say their true averages.

    A metric is one with a standard or one by rank, each with a chance of a half. A poor trust, at
    0.8, misses 80% of its standards, and is spread over 2 to 4 there; by rank it is at 80% of the
    way from best to worst on average. The true average is the expected score.
    """
    poor = chance.uniform(0.2, 0.8, ORGANISATIONS)[:, None]
    shape = (ORGANISATIONS, metrics)
    missed = chance.random(shape) < poor
    standard = np.where(missed, chance.uniform(2, 4, shape), 1.0)
    ranked = 1 + 3 * chance.beta(2 * poor, 2 * (1 - poor), shape)
    scores = np.where(chance.random(shape) < 0.5, standard, ranked)
    truth = ((1 - poor) + 3 * poor + 1 + 3 * poor) / 2
    return scores, truth[:, 0]


def league_of(scores: np.ndarray) -> League:
    """Make a league of scores that are given, every metric weighing the same."""
    metric = {
        "title": "A score",
        "domain": "all",
        "unit": "score",
        "polarity": "lower_is_better",
        "basis": "in_force",
        "scoring": {"method": "published"},
    }
    framework = Framework.model_validate(
        {
            "id": "coverage",
            "title": "Coverage",
            "applies_to": {"quarters": "2025Q1-"},
            "scale": {"best": 1.0, "worst": 4.0},
            "domains": {"all": "All"},
            "metrics": {f"m{index}": metric for index in range(scores.shape[1])},
            "segments": {"method": "quartiles"},
        }
    )
    codes = [f"T{row}" for row in range(len(scores))]
    values = pl.DataFrame(
        {"org_code": codes, "peer_group": ["All"] * len(codes)}
        | {f"value:m{index}": scores[:, index] for index in range(scores.shape[1])}
    )
    organisations = pl.DataFrame({"org_code": codes, "org_name": codes})
    standings = score_values(values, framework)
    return League(framework, Quarter.parse("2025Q2"), organisations, pl.DataFrame(), standings)
