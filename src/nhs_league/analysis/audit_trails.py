"""How a recomputed figure was come by, in a line: the trail of a cell that is not equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import polars as pl

from nhs_league.framework.model import Framework, Metric
from nhs_league.framework.scoring_methods import MatrixScoring
from nhs_league.league import League
from nhs_league.scoring import columns
from nhs_league.scoring.pools import pool_of

Row = Mapping[str, Any]


def with_trails(cells: pl.DataFrame, league: League) -> pl.DataFrame:
    """Add ``trail``: how each recomputed figure that is not the published one was come by.

    ``cells`` have ``kind``, ``id``, ``org_code`` and ``verdict``.
    """
    is_told = ~pl.col("verdict").is_in(["equal", "not_computable"])
    told = cells.with_row_index("place").filter(is_told)
    standings = {
        row[columns.ORG_CODE]: row
        for row in league.standings.join(told, on=columns.ORG_CODE, how="semi").iter_rows(
            named=True
        )
    }
    metric_of = _metrics_by_id(league.framework)
    trails = {
        cell["place"]: _TRAILS[cell["kind"]](
            cell, standings[cell["org_code"]], league.framework, metric_of.get(cell["id"], "")
        )
        for cell in told.iter_rows(named=True)
    }
    written = pl.DataFrame(
        {"place": list(trails), "trail": list(trails.values())},
        schema={"place": pl.UInt32, "trail": pl.String},
    )
    return (
        cells.with_row_index("place")
        .join(written, on="place", how="left", maintain_order="left")
        .drop("place")
    )


def _metrics_by_id(framework: Framework) -> dict[str, str]:
    """Find the metric that a published id is about: its own, its score's or its quartile's."""
    found: dict[str, str] = {}
    for metric_id, metric in framework.metrics.items():
        found[metric_id] = metric_id
        if metric.published_score is not None:
            found[metric.published_score] = metric_id
    quartiles = {f"{k}:{id_}": id_ for id_ in framework.metrics for k in _QUARTILE_KINDS}
    return found | quartiles


_QUARTILE_KINDS: Final = ("median", "lower_quartile", "upper_quartile")


def _figure(value: float | None, decimals: int = 4) -> str:
    if value is None:
        return "none"
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def _metric_trail(cell: Row, row: Row, framework: Framework, metric_id: str) -> str:
    metric = framework.metrics[metric_id]
    value = next((row[name] for name in _value_columns(metric_id, metric, row)), None)
    said = f"{metric_id} {_figure(value)} {metric.unit} scores {_figure(cell['exact'])}"
    if cell["lowest"] is not None and cell["highest"] > cell["lowest"]:
        hidden = "either side of the bound" if cell["is_on_edge"] else "values that print alike"
        said += f", or {_figure(cell['lowest'], 2)} to {_figure(cell['highest'], 2)} by {hidden}"
    return f"{said}; pool: {_pool_text(metric)}"


def _value_columns(metric_id: str, metric: Metric, row: Row) -> list[str]:
    names = [columns.value(metric_id)]
    names += [columns.value_in_unit(metric_id, unit) for unit in metric.scoring_of_unit]
    return [name for name in names if row.get(name) is not None]


def _pool_text(metric: Metric) -> str:
    pool = pool_of(metric)
    if pool.within_peer_group:
        return "trusts of its type"
    return " and ".join((*pool.peer_groups, *pool.include)) or "all trusts that report it"


def _combined_trail(cell: Row, row: Row, framework: Framework, metric_id: str) -> str:
    scoring = framework.metrics[metric_id].scoring
    assert isinstance(scoring, MatrixScoring), "only a matrix combines scores"
    parts = " and ".join(
        f"{part} scores {_figure(row[columns.score(part)])}"
        for part in (scoring.rows, scoring.columns)
    )
    return f"{parts}: the matrix gives {_figure(cell['exact'])}"


def _metric_rank_trail(cell: Row, row: Row, framework: Framework, metric_id: str) -> str:
    # The figure that is ranked may be in another unit, or be a combined score.
    names = _value_columns(metric_id, framework.metrics[metric_id], row)
    value = row[names[0]] if names else row.get(columns.published_score(metric_id))
    first, last = _figure(cell["lowest"]), _figure(cell["highest"])
    places = f"place {first}" if first == last else f"places {first} to {last}"
    return f"{metric_id} {_figure(value)} {framework.metrics[metric_id].unit}: {places}"


def _quartile_trail(cell: Row, row: Row, _framework: Framework, metric_id: str) -> str:
    group = row[columns.PEER_GROUP]
    return f"of printed values of {metric_id}, {group}: {_figure(cell['exact'])}"


def _mean_trail(counted: Mapping[str, Metric], row: Row) -> str:
    scored = {id_: row[columns.score(id_)] for id_ in counted}
    scored = {id_: score for id_, score in scored.items() if score is not None}
    weights = sum(counted[id_].weight for id_ in scored)
    summed = sum(counted[id_].weight * score for id_, score in scored.items())
    scores = ", ".join(f"{id_} {_figure(score)}" for id_, score in scored.items())
    mean = _figure(summed / weights, 6) if weights else "none"
    return f"{_figure(summed)} / {_figure(weights)} = {mean}, of {scores}"


def _average_trail(cell: Row, row: Row, framework: Framework, _metric_id: str) -> str:
    if framework.aggregate.over == "metrics" and framework.aggregate.mean == "arithmetic":
        return _mean_trail(framework.counted_metrics, row)
    return f"the {framework.aggregate.mean} mean is {_figure(cell['exact'], 6)}"


def _domain_score_trail(cell: Row, row: Row, framework: Framework, _metric_id: str) -> str:
    published = framework.published
    domains = published.domain_scores if published else {}
    domain = next(domain for domain, id_ in domains.items() if id_ == cell["id"])
    if framework.aggregate.mean == "arithmetic":
        return _mean_trail(framework.metrics_of_domain(domain), row)
    return f"the {framework.aggregate.mean} mean is {_figure(cell['exact'], 6)}"


def _domain_segment_trail(cell: Row, row: Row, framework: Framework, _metric_id: str) -> str:
    published = framework.published
    domains = published.domain_segments if published else {}
    domain = next(domain for domain, id_ in domains.items() if id_ == cell["id"])
    return f"domain score {_figure(row[columns.domain_score(domain)])}"


def _segment_trail(_cell: Row, row: Row, _framework: Framework, _metric_id: str) -> str:
    cuts = [_figure(row[columns.cut_point(place)]) for place in _cut_places(row)]
    origin = "told by the published segments" if row[columns.CUTS_ARE_PUBLISHED] else "recomputed"
    return f"average {_figure(row[columns.AVERAGE])}; cut points {' / '.join(cuts)}, {origin}"


def _cut_places(row: Row) -> list[int]:
    places: list[int] = []
    while columns.cut_point(len(places) + 1) in row:
        places.append(len(places) + 1)
    return places


def _adjusted_trail(_cell: Row, row: Row, _framework: Framework, _metric_id: str) -> str:
    overrides = row[columns.OVERRIDES] or "no override"
    return f"segment {_figure(row[columns.SEGMENT])}, {overrides}"


def _override_trail(_cell: Row, row: Row, framework: Framework, _metric_id: str) -> str:
    published = framework.published
    before, after = (
        _figure(row.get(columns.published_result(id_ or "")))
        for id_ in ((published.segment, published.adjusted_segment) if published else ())
    )
    return f"published segment {before} and adjusted segment {after}"


def _league_rank_trail(_cell: Row, row: Row, _framework: Framework, _metric_id: str) -> str:
    adjusted, average = row[columns.ADJUSTED_SEGMENT], row[columns.AVERAGE]
    return f"adjusted segment {_figure(adjusted)}, average {_figure(average)}"


def _rank_by_average_trail(_cell: Row, row: Row, _framework: Framework, _metric_id: str) -> str:
    return f"average {_figure(row[columns.AVERAGE])}"


_TRAILS: Final[dict[str, Callable[[Row, Row, Framework, str], str]]] = {
    "metric_score": _metric_trail,
    "combined_score": _combined_trail,
    "metric_rank": _metric_rank_trail,
    **dict.fromkeys(_QUARTILE_KINDS, _quartile_trail),
    "domain_score": _domain_score_trail,
    "domain_segment": _domain_segment_trail,
    "average": _average_trail,
    "segment": _segment_trail,
    "override": _override_trail,
    "adjusted_segment": _adjusted_trail,
    "league_rank": _league_rank_trail,
    "rank_by_average": _rank_by_average_trail,
}
