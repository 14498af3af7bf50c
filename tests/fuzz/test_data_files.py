"""Data files of every kind, spoilt: they are read or refused, and nothing else happens."""

from __future__ import annotations

from hypothesis import strategies as st

from nhs_league.analysis.comparison.saved_tables import compare_tables
from nhs_league.errors import DataError, UsageError
from nhs_league.sources.saved_tables import read_saved_tables
from tests.fuzz.mutations import odd_csv
from tests.fuzz.properties import check_data, check_places, folder_of, refusal
from tests.fuzz.seeds import (
    OWN_SPEC,
    SMALL,
    Files,
    observations,
    oversight,
    publications,
    saved_tables,
    tidy,
)
from tests.fuzz.settings import fuzzed


@st.composite
def spoilt(draw: st.DrawFn, files: Files) -> dict[str, bytes]:
    """Spoil one of some files, perhaps with the others beside it."""
    name = draw(st.sampled_from(sorted(files)))
    beside = draw(st.sampled_from([files, {}, {}]))
    return {**beside, name: draw(odd_csv(files[name]))}


@fuzzed(30, files=st.one_of(spoilt(tidy()), spoilt(tidy()), spoilt(observations())))
def test_tidy_tables_and_registers(files: dict[str, bytes]) -> None:
    with folder_of({**files, "small.yaml": SMALL}) as folder:
        check_data(folder, folder / "small.yaml")


@fuzzed(15, files=spoilt(oversight()))
def test_oversight_files(files: dict[str, bytes]) -> None:
    with folder_of(files) as folder:
        check_data(folder)


@fuzzed(25, files=spoilt(publications()))
def test_publications(files: dict[str, bytes]) -> None:
    with folder_of({**files, "own.source.yaml": OWN_SPEC}) as folder:
        check_data(folder)


@st.composite
def _two_tables(draw: st.DrawFn) -> dict[str, bytes]:
    made = saved_tables()
    return {"a.csv": draw(odd_csv(made["a.csv"])), "b.csv": made["b.csv"]}


@fuzzed(30, files=_two_tables())
def test_saved_tables(files: dict[str, bytes]) -> None:
    def use() -> None:
        (before, after), findings = read_saved_tables([folder / name for name in sorted(files)])
        check_places(findings)
        compare_tables(before.frame, after.frame)

    with folder_of(files) as folder:
        error = refusal(use)
    assert error is None or isinstance(error, DataError | UsageError), repr(error)
    check_places([] if error is None else error.findings)
