"""Builders that tests share: small frameworks, observations, and tables of plain text.

A framework here is the mapping that a YAML file would state, so that the engine and
``tests.oracle`` can be given the same one. Tables are read like this:

    trust | type  | waits        | score
    AA    | Acute | 90           | 1
    BB    | Acute | 80 #2        | 3/2
    CC    | Acute | not_submitted| -

A column named after a metric, a published figure or a flag goes in: a value, ``21/40`` for counts,
``80 #2`` for a value with its published rank, ``3 count`` for one in another unit, a status, or
``-`` for no row at all. Every other column is what has to come out, worked out by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from nhs_league.framework.checks import framework_problems
from nhs_league.framework.model import Framework
from nhs_league.league import League, score
from nhs_league.observations import STATUSES, Observation, observations_frame
from nhs_league.organisations import Organisation, organisations_frame
from nhs_league.quarter import Quarter
from nhs_league.scoring.score_choice import ScoreSource
from tests import oracle

QUARTER = "2025Q2"
ACUTE, AMBULANCE, MENTAL = "Acute", "Ambulance", "Mental health"
NAMES = {
    "average": "average_metric_score",
    "adjusted": "adjusted_segment",
    "told": "cuts_are_published",
}
NOTHING = "-"

METRIC: dict[str, Any] = {
    "title": "Waits",
    "domain": "access",
    "unit": "percent",
    "polarity": "higher_is_better",
    "basis": "in_force",
    "scoring": {"method": "rank"},
}
FRAMEWORK: dict[str, Any] = {
    "id": "small",
    "title": "A small framework",
    "applies_to": {"quarters": "2025Q1-"},
    "scale": {"best": 1.0, "worst": 4.0, "decimals": 2},
    "domains": {"access": "Access", "safety": "Safety"},
    "segments": {"method": "quartiles"},
}

Row = Mapping[str, str]


def metric(**changes: Any) -> dict[str, Any]:
    """State a metric; by default it is ranked among all, and more is better."""
    return deepcopy(METRIC) | changes


def score_metric(**changes: Any) -> dict[str, Any]:
    """State a metric whose datum is the score itself."""
    stated = {"polarity": "lower_is_better", "scoring": {"method": "published"}}
    return metric(**(stated | changes))


def framework(metrics: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """State a framework as its YAML file would."""
    return deepcopy(FRAMEWORK) | {"metrics": dict(metrics)} | changes


def framework_of_scores(*metric_ids: str, **changes: Any) -> dict[str, Any]:
    """State a framework whose metrics are given as scores, for rules that begin from scores."""
    return framework({id_: score_metric() for id_ in metric_ids}, **changes)


def built(spec: Mapping[str, Any]) -> Framework:
    """Build the model, and hold that the framework breaks no rule."""
    model = Framework.model_validate(spec)
    assert list(framework_problems(model)) == []
    return model


def read_table(text: str) -> list[Row]:
    """Read a table of plain text: a header, then rows, with a bar between the cells."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    header, *rows = (cells for cells in lines if cells != [""])
    return [dict(zip(header, row, strict=True)) for row in rows]


def observation(org_code: str, metric_id: str, cell: str, period: str = QUARTER) -> dict[str, Any]:
    """Turn a cell into an observation, as plain fields."""
    row: dict[str, Any] = {"org_code": org_code, "metric_id": metric_id, "period": period}
    if cell in STATUSES:
        return row | {"status": cell}
    figure, *others = cell.split()
    for other in others:
        if other.startswith("#"):
            row["published_rank"] = float(other[1:])
        else:
            row["unit"] = other
    numerator, slash, denominator = figure.partition("/")
    if slash:
        return row | {"numerator": float(numerator), "denominator": float(denominator)}
    return row | {"value": float(figure)}


def input_ids(spec: Mapping[str, Any]) -> set[str]:
    """Name the columns that go in: metrics, their published scores, published results, flags."""
    metrics, published = spec["metrics"], spec.get("published") or {}
    ids = {id_ for id_, m in metrics.items() if m["scoring"]["method"] != "matrix"}
    ids |= {m["published_score"] for m in metrics.values() if m.get("published_score")}
    ids |= {rule["when"]["flag"] for rule in spec.get("overrides", ()) if "flag" in rule["when"]}
    ids |= {published[name] for name in oracle.RESULTS if name in published}
    ids |= {id_ for name in oracle.DOMAIN_RESULTS for id_ in published.get(name, {}).values()}
    return ids


def table_observations(spec: Mapping[str, Any], rows: Iterable[Row]) -> list[dict[str, Any]]:
    """List the observations that a table of trusts states."""
    ids = input_ids(spec)
    return [
        observation(row["trust"], column, cell)
        for row in rows
        for column, cell in row.items()
        if column in ids and cell != NOTHING
    ]


def organisations(peer_groups: Mapping[str, str]) -> pl.DataFrame:
    """Make a register out of codes and trust types."""
    return organisations_frame(
        Organisation(org_code=code, org_name=f"Trust {code}", trust_type=group)
        for code, group in peer_groups.items()
    )


def observations(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Make the observations' frame out of plain fields."""
    return observations_frame(Observation(**row) for row in rows)


def peer_groups_of(rows: Iterable[Row]) -> dict[str, str]:
    return {row["trust"]: row.get("type", ACUTE) for row in rows}


def league(
    spec: Mapping[str, Any],
    rows: Iterable[Mapping[str, Any]],
    peer_groups: Mapping[str, str],
    scores: ScoreSource = "auto",
) -> League:
    """Score plain observations with the engine."""
    quarter = Quarter.parse(QUARTER)
    return score(observations(rows), organisations(peer_groups), built(spec), quarter, scores)


def standings(table: League | pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Give the standings by organisation."""
    frame = table.standings if isinstance(table, League) else table
    return {row["org_code"]: row for row in frame.iter_rows(named=True)}


def league_of_table(
    spec: Mapping[str, Any], table: str, scores: ScoreSource = "auto"
) -> dict[str, dict[str, Any]]:
    """Score a table of trusts with the engine, and give the standings by organisation."""
    rows = read_table(table)
    return standings(league(spec, table_observations(spec, rows), peer_groups_of(rows), scores))


def check_table(spec: Mapping[str, Any], table: str, scores: ScoreSource = "auto") -> None:
    """Hold that the engine and the oracle both give what the table says."""
    rows = read_table(table)
    stated, groups = table_observations(spec, rows), peer_groups_of(rows)
    expected = {row["trust"]: _expected(spec, row) for row in rows}
    assert_rows(standings(league(spec, stated, groups, scores)), expected)
    assert_rows(oracle.standings(stated, groups, spec, QUARTER, scores), expected)


def _expected(spec: Mapping[str, Any], row: Row) -> dict[str, Any]:
    inputs = {"trust", "type", *input_ids(spec)}
    return {_column(spec, name): _figure(cell) for name, cell in row.items() if name not in inputs}


def _column(spec: Mapping[str, Any], name: str) -> str:
    """Name the standings' column; ``score`` is the first metric's, ``waits score`` another's."""
    if name == "score":
        return f"score:{next(iter(spec['metrics']))}"
    metric_id, _, kind = name.partition(" ")
    return f"{kind}:{metric_id}" if kind else NAMES.get(name, name)


def _figure(cell: str) -> Any:
    if cell == NOTHING:
        return None
    if cell in ("yes", "no"):
        return cell == "yes"
    try:
        return Fraction(cell)
    except ValueError:
        return cell


def assert_rows(
    found: Mapping[str, Mapping[str, Any]], expected: Mapping[str, Mapping[str, Any]]
) -> None:
    """Hold that every expected figure is there, numbers to nine decimals."""
    wrong = []
    for org, row in expected.items():
        for column, figure in row.items():
            if org not in found or column not in found[org]:
                wrong.append(f"{org} {column}: expected {_shown(figure)}, got no such cell")
            elif not is_same(found[org][column], figure):
                got = _shown(found[org][column])
                wrong.append(f"{org} {column}: expected {_shown(figure)}, got {got}")
    assert not wrong, "\n".join(wrong)


def is_same(found: Any, expected: Any) -> bool:
    """Compare figures; a figure that is not there is like no number, and like no nought."""
    if found is None or expected is None or isinstance(found, str) or isinstance(expected, str):
        return bool(found == expected)
    return float(found) == pytest.approx(float(expected), rel=1e-9, abs=1e-9)


def _shown(figure: Any) -> Any:
    return float(figure) if isinstance(figure, Fraction) else figure
