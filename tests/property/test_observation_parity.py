"""An observation is refused by the model exactly where the same row in a file is an error.

A file may say less than a caller: a blank status is decided by the figures, and a percent sign or
a mark is read. So rows here state their status and write their figures as plain numbers.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nhs_league.observations import OBSERVATION_SCHEMA, STATUSES, Observation, observations_frame
from nhs_league.sources.check_cells import observations_from_cells
from nhs_league.sources.files import RawFile
from nhs_league.sources.tabular import read_text_table
from nhs_league.sources.tidy import tidy_cells
from tests.property.settings import many
from tests.unit.sources.support import TIDY

NAME = "a.csv"
FIGURES = ("value", "numerator", "denominator", "published_rank")
COLUMNS = ("org_code", "metric_id", "period", *FIGURES, "status")

figures = st.one_of(
    st.none(),
    st.sampled_from([0.0, -0.0, 1.0, 52.5, -1.0, float("nan"), float("inf"), float("-inf")]),
    st.floats(),
)
keys = st.sampled_from(["RAA", "G6V2S", "waits", ""])
periods = st.sampled_from(
    [
        "2025-04",
        "2025Q2",
        "Q1 2025/26",
        "2025Q1 to 2025Q4",
        "2025-13",
        "2025Q4 to 2025Q1",
        "soon",
        "Q1 2025",
        "",
    ]
)
rows = st.fixed_dictionaries(
    {
        "org_code": keys,
        "metric_id": keys,
        "period": periods,
        **dict.fromkeys(FIGURES, figures),
        "status": st.sampled_from([*STATUSES, "reported", "late"]),
    }
)


def in_a_file(row: dict[str, Any]) -> tuple[pl.DataFrame, list[str]]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerow(["" if row[c] is None else row[c] for c in COLUMNS])
    table = read_text_table(RawFile(NAME, text.getvalue().encode()))
    cells = tidy_cells(table, TIDY)
    frame, findings = observations_from_cells(cells.frame.collect(), {NAME: cells.headers})
    every = [*table.findings, *cells.findings, *findings]
    return frame, [finding.code for finding in every if finding.severity == "error"]


def as_model(row: dict[str, Any]) -> Observation | None:
    try:
        return Observation.model_validate({**row, "source_file": NAME, "source_row": 2})
    except ValidationError:
        return None


@many(80)
@given(rows)
def test_a_row_is_sound_as_a_model_exactly_when_it_is_in_a_file(row: dict[str, Any]) -> None:
    frame, errors = in_a_file(row)
    observation = as_model(row)
    assert (observation is None) == bool(errors), (row, errors)
    if observation is not None:
        assert frame.equals(observations_frame([observation]))
        assert frame.schema == pl.Schema(OBSERVATION_SCHEMA)


@many(30)
@given(st.sampled_from(STATUSES), st.booleans(), st.booleans(), st.booleans())
def test_every_pattern_of_figures_and_statuses_is_judged_alike(
    status: str, has_value: bool, has_numerator: bool, has_denominator: bool
) -> None:
    row = {
        "org_code": "RAA",
        "metric_id": "waits",
        "period": "2025-04",
        "value": 50.0 if has_value else None,
        "numerator": 1.0 if has_numerator else None,
        "denominator": 2.0 if has_denominator else None,
        "published_rank": None,
        "status": status,
    }
    _, errors = in_a_file(row)
    assert (as_model(row) is None) == bool(errors), errors
