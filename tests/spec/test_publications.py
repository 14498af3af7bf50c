"""Every shipped source spec against a second way to read the same files, figure by figure.

The second way is ``tests.publication_oracle``: exact sums with the standard library. Made-up files
in the publishers' layouts are always at hand; the published files are read where they are.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from nhs_league.resources import sample_directory
from nhs_league.sources.dataset import Dataset, load_data
from nhs_league.sources.specs.catalogue import load_sources
from tests import publication_oracle as oracle
from tests.publication_oracle import Figures, Key, Published
from tests.publications import (
    AE_COUNTS,
    DM01_BANDS,
    RTT_BANDS,
    Row,
    ae_csv,
    ambulance_csv,
    cancer_xlsx,
    dm01_csv,
    rtt_csv,
    sickness_csv,
    zip_of,
)

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "official"
FIGURES = ("value", "numerator", "denominator")


@dataclass(frozen=True)
class Publication:
    """A shipped spec, its oracle, where the published files are, and what those must come to."""

    source: str
    oracle: Callable[[bytes], Published]
    folder: str
    figures: int


PUBLICATIONS = (
    Publication("ae-monthly", oracle.ae_figures, "ae", 2388),
    Publication("rtt-full-extract", oracle.rtt_figures, "rtt", 1030),
    Publication("dm01-full-extract", oracle.dm01_figures, "dm01", 458),
    Publication("cancer-provider-extract", oracle.cancer_figures, "cancer", 1686),
    Publication("ambulance-systems-indicators", oracle.ambulance_figures, "ambulance", 638),
    Publication("sickness-absence", oracle.sickness_figures, "workforce", 840),
)


def every(dataset: Dataset) -> pl.DataFrame:
    return pl.concat([dataset.observations, dataset.others])


def assert_the_same(dataset: Dataset, expected: Mapping[Key, Figures]) -> None:
    """Hold that every organisation's figures are the oracle's, and that there are no others."""
    found = {
        (row["org_code"], row["period"], row["metric_id"]): row
        for row in every(dataset).iter_rows(named=True)
    }
    assert found.keys() == expected.keys()
    assert len(found) == len(every(dataset))
    wrong = [
        (key, figure, row[figure], getattr(expected[key], figure))
        for key, row in found.items()
        for figure in FIGURES
        if not is_said(row[figure], getattr(expected[key], figure), row["status"], figure)
    ]
    assert wrong == []


def is_said(found: float | None, expected: Fraction | None, status: str, figure: str) -> bool:
    """Compare a figure with an exact one; none but a denominator is said that is not reported."""
    if expected is None or found is None:
        is_held_back = status != "reported" and figure != "denominator"
        return found is None and (expected is None or is_held_back)
    return found == pytest.approx(float(expected), rel=1e-12)


# Made-up files

A, OVER = "A&E attendances Type 1", "Attendances over 4hrs Type 1"
EVERY_COUNT = {count: 100 + at for at, count in enumerate(AE_COUNTS)} | {
    count: 1 + at for at, count in enumerate(name for name in AE_COUNTS if "over 4hrs" in name)
}
AE_ROWS: list[Row] = [
    {"Org Code": "RCX", **EVERY_COUNT},
    {"Org Code": "RGT", A: 1204, OVER: 400},
    {"Org Code": "G6V2S", A: 10, OVER: 3},
    {"Org Code": "AXG02", "A&E attendances Other A&E Department": 33},
    {"Org Code": "RBV"},
]
COMMISSIONERS = ("99Z", "10R", "X24")
RTT_ROWS: list[Row] = [
    {
        "Provider Org Code": org,
        "Commissioner Org Code": commissioner,
        "RTT Part Type": part,
        "Treatment Function Code": function,
        RTT_BANDS[0]: 5,
        RTT_BANDS[17]: 7 + at,
        RTT_BANDS[18]: 11,
        RTT_BANDS[51]: 13,
        RTT_BANDS[52]: 17,
        RTT_BANDS[104]: 19,
    }
    for at, org in enumerate(("RCX", "RGT", "G6V2S", "NT4"))
    for commissioner in COMMISSIONERS[: at % 3 + 1]
    for part in ("Part_1A", "Part_2", "Part_2A")
    for function in ("C_100", "C_999")
]
DM01_ROWS: list[Row] = [
    {
        "Provider Org Code": org,
        "Commissioner Org Code": commissioner,
        "Diagnostic Tests": test,
        DM01_BANDS[0]: 50,
        DM01_BANDS[5]: 3,
        DM01_BANDS[6]: 2 + at,
        DM01_BANDS[12]: 1,
        DM01_BANDS[13]: 4,
    }
    for at, org in enumerate(("RCX", "RGT", "NT4"))
    for commissioner in COMMISSIONERS
    for test in ("MRI", "CT", "GASTROSCOPY")
]
CANCER_ROWS: list[Row] = [
    {
        "ORG CODE": org,
        "STANDARD": standard,
        "STAGE/ROUTE": route,
        "CANCER TYPE": type_,
        "TOTAL TREATED": 40.5 + at,
        "WITHIN STANDARD": 20 + at / 2,
    }
    for at, org in enumerate(("RCX", "RGT", "NT4"))
    for standard in ("28-day FDS", "31-day Combined", "62-day Combined", "31-day First")
    for route in ("Screening", "Urgent")
    for type_ in ("Breast", "Lung", "ALL CANCERS")
]
AMBULANCE_ROWS: list[Row] = [
    {"Org Code": org, "Month": month, "A8": 900, "A25": 480 + month, "A10": 9000, "A31": 1700 + at}
    for month in (4, 5, 6)
    for at, org in enumerate(("ENG", "Y60", "RRU", "RX6", "R1F"))
]
AMBULANCE_ROWS[-1] = {**AMBULANCE_ROWS[-1], "A25": "-", "A31": "."}
SICKNESS_ROWS: list[Row] = [
    {"ORG_CODE": "RCX", "FTE_DAYS_LOST": 4012.25, "FTE_DAYS_AVAILABLE": 98123.5},
    {"ORG_CODE": "RGT", "FTE_DAYS_LOST": 1, "FTE_DAYS_AVAILABLE": 20},
    {
        "ORG_CODE": "QE1",
        "ORG_TYPE": "Integrated Care Board",
        "FTE_DAYS_LOST": 3,
        "FTE_DAYS_AVAILABLE": 40,
    },
    {"ORG_CODE": "T1150", "ORG_TYPE": "Other", "FTE_DAYS_LOST": 3, "FTE_DAYS_AVAILABLE": 40},
]

MADE_UP: Mapping[str, tuple[str, bytes]] = {
    "ae-monthly": ("ae.csv", ae_csv(AE_ROWS)),
    "rtt-full-extract": ("rtt.csv", rtt_csv(RTT_ROWS)),
    "dm01-full-extract": ("dm01.csv", dm01_csv(DM01_ROWS)),
    "cancer-provider-extract": ("cancer.xlsx", cancer_xlsx(CANCER_ROWS)),
    "ambulance-systems-indicators": ("ambulance.csv", ambulance_csv(AMBULANCE_ROWS)),
    "sickness-absence": ("sickness.csv", sickness_csv(SICKNESS_ROWS)),
}
LEFT_OUT = {
    "ae-monthly": (6, {"total": 1, "other_provider": 1}),
    "rtt-full-extract": (42, {"other_part": 28, "single_specialty": 7, "other_provider": 1}),
    "dm01-full-extract": (36, {"total": 9, "other_provider": 9}),
    "cancer-provider-extract": (
        72,
        {"by_treatment": 24, "other_figures": 12, "other_provider": 12},
    ),
    "ambulance-systems-indicators": (15, {"total": 6}),
    "sickness-absence": (4, {"commissioner": 1, "other_organisation": 1}),
}


def loaded(folder: Path, name: str, content: bytes) -> Dataset:
    (folder / name).write_bytes(content)
    return load_data([folder / name])


def test_every_shipped_spec_of_a_publication_is_held_here() -> None:
    shipped = {source.id for source in load_sources().publications}
    assert shipped == {publication.source for publication in PUBLICATIONS} == MADE_UP.keys()


@pytest.mark.parametrize("publication", PUBLICATIONS, ids=lambda p: p.source)
def test_a_made_up_file_comes_to_the_oracles_figures(
    publication: Publication, tmp_path: Path
) -> None:
    name, content = MADE_UP[publication.source]
    dataset = loaded(tmp_path, name, content)
    expected = publication.oracle(content)
    assert len(expected) >= 3
    assert_the_same(dataset, expected)
    (report,) = dataset.files
    assert report.source == publication.source
    rows_in, left_out = LEFT_OUT[publication.source]
    others = {"other_provider", "other_organisation"}
    assert report.rows_in == rows_in == report.rows_used + sum(report.left_out.values())
    assert {k: v for k, v in report.left_out.items() if k not in others} == {
        k: v for k, v in left_out.items() if k not in others
    }
    assert [f for f in dataset.findings if f.severity == "error"] == []


@pytest.mark.parametrize("publication", PUBLICATIONS, ids=lambda p: p.source)
def test_a_zip_of_the_file_comes_to_the_same(publication: Publication, tmp_path: Path) -> None:
    name, content = MADE_UP[publication.source]
    plain = loaded(tmp_path, name, content)
    zipped = loaded(tmp_path, "published.zip", zip_of({name: content}))
    assert zipped.files[0].name == f"published.zip/{name}"
    assert every(zipped).drop("source_file").equals(every(plain).drop("source_file"))


@pytest.mark.parametrize("publication", PUBLICATIONS, ids=lambda p: p.source)
def test_units_of_figures_are_those_of_their_counts(
    publication: Publication, tmp_path: Path
) -> None:
    dataset = loaded(tmp_path, *MADE_UP[publication.source])
    reported = every(dataset).filter(pl.col("status") == "reported")
    counted = reported.filter(pl.col("numerator").is_not_null())
    assert (counted["numerator"] <= counted["denominator"]).all()
    assert reported.filter(pl.col("numerator").is_null(), pl.col("value").is_null()).is_empty()


# The published files


def official(publication: Publication) -> list[Path]:
    folder = FOLDER / publication.folder
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    if not files:
        pytest.skip("the published files are not at hand")
    return files


@cache
def published(publication: Publication) -> tuple[Dataset, Published]:
    files = official(publication)
    expected: Published = {}
    for path in files:
        data = path.read_bytes()
        expected |= publication.oracle(oracle.unzipped(data) if path.suffix == ".zip" else data)
    return load_data(files), expected


def by_source(source: str) -> Publication:
    return next(publication for publication in PUBLICATIONS if publication.source == source)


@pytest.mark.parametrize("publication", PUBLICATIONS, ids=lambda p: p.source)
def test_every_figure_of_the_published_files_is_the_oracles(publication: Publication) -> None:
    dataset, expected = published(publication)
    assert len(expected) == publication.figures
    assert_the_same(dataset, expected)


@pytest.mark.parametrize("publication", PUBLICATIONS, ids=lambda p: p.source)
def test_published_files_are_sound_and_accounted_for(publication: Publication) -> None:
    dataset, _ = published(publication)
    assert [finding for finding in dataset.findings if finding.severity == "error"] == []
    for report in dataset.files:
        assert report.source == publication.source
        assert report.rows_in == report.rows_used + sum(report.left_out.values())


def england(source: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Add up what was read, over all organisations, by month and metric."""
    dataset, _ = published(by_source(source))
    sums = (
        every(dataset)
        .filter(pl.col("numerator").is_not_null())
        .group_by("period", "metric_id")
        .agg(pl.col("numerator").sum(), pl.col("denominator").sum())
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in sums.iter_rows()}


def test_england_in_june_2025_saw_75_5_per_cent_within_four_hours() -> None:
    within, attended = england("ae-monthly")["2025-06", "ae_4_hours"]
    assert round(100 * within / attended, 1) == 75.5


@pytest.mark.parametrize("source", ["ae-monthly", "rtt-full-extract", "dm01-full-extract"])
def test_england_is_what_the_oracle_adds_up(source: str) -> None:
    _, expected = published(by_source(source))
    for key, figures in oracle.england(expected).items():
        assert england(source)[key] == (
            float(figures.numerator or 0),
            float(figures.denominator or 0),
        )


# The sample's monthly figures, which were taken from the same publications


def sample_months(metric: str) -> Iterable[dict[str, str]]:
    path = sample_directory() / "monthly" / f"{metric}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize(
    ("source", "metric"),
    [
        ("cancer-provider-extract", "cancer_28_days"),
        ("cancer-provider-extract", "cancer_31_days"),
        ("cancer-provider-extract", "cancer_62_days"),
        ("ambulance-systems-indicators", "ambulance_category_2"),
    ],
)
def test_the_sample_has_the_published_figures_of_the_months_that_both_have(
    source: str, metric: str
) -> None:
    dataset, _ = published(by_source(source))
    found = {
        (row["org_code"], row["period"]): row
        for row in dataset.observations.filter(pl.col("metric_id") == metric).iter_rows(named=True)
    }
    months = {period for _, period in found}
    shared = [row for row in sample_months(metric) if row["period"] in months]
    assert len(shared) > 80
    for row in shared:
        if row["status"] != "reported":
            continue
        read = found[row["org_code"], row["period"]]
        if "mean_seconds" in row:
            stated = (float(row["mean_seconds"]), float(row["incidents"]))
            assert (read["value"], read["denominator"]) == stated
        else:
            stated = (float(row["numerator"]), float(row["denominator"]))
            assert (read["numerator"], read["denominator"]) == stated
