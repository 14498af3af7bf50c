"""Scoring alone, from a thousand organisations to a million, against the same arithmetic."""

from __future__ import annotations

from measures import Measure, Options, in_turn, measured, require_one_digest, timing_of

MILLION = 1_000_000
SIZES = (1_000, 10_000, 100_000, MILLION)
PLAIN = {
    "scoring_polars.py": "plain Polars: the same arithmetic",
    "scoring_pandas.py": "pandas: the same arithmetic",
    "scoring_duckdb.py": "DuckDB SQL: the same arithmetic",
}
WEIGHTED = {
    "weighted_pymcdm.py": "pymcdm: WSM of minmax_normalization, and its ranks",
    "weighted_skcriteria.py": "scikit-criteria: MinMaxScaler, WeightedSumModel",
}


def compare_scoring(options: Options) -> list[Measure]:
    """Score by rank, cut, hold back and rank."""
    return _compare("score and rank", "scoring_engine.py", PLAIN, options)


def compare_weighted_sums(options: Options) -> list[Measure]:
    """Score between minimum and maximum, and rank by the weighted mean."""
    return _compare("score by min_max, weigh and rank", "weighted_engine.py", WEIGHTED, options)


def _compare(what: str, engine: str, yardsticks: dict[str, str], options: Options) -> list[Measure]:
    measures = []
    for size in options.sizes(*SIZES):
        name = f"{what} {size:,} organisations x 30 metrics"
        scripts = [[script, str(size)] for script in (engine, *yardsticks)]
        ours, *others = in_turn(scripts, min(3, options.runs))
        require_one_digest(name, ours, *others)
        for (script, yardstick), theirs in zip(yardsticks.items(), others, strict=True):
            limit = 2.0 if (size, script) == (MILLION, "scoring_polars.py") else None
            measures.append(
                measured(name, yardstick, timing_of(ours), timing_of(theirs), limit=limit)
            )
    return measures


TASKS = {"scoring": compare_scoring, "weighted-sums": compare_weighted_sums}
