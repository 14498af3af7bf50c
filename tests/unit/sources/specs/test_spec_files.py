"""Source spec files: what is wrong with one, all at once and by line; which ones stand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from nhs_league.errors import SourceError
from nhs_league.findings import Finding
from nhs_league.resources import configs_directory
from nhs_league.schemas import schema_text
from nhs_league.sources.files import DataFile, find_files
from nhs_league.sources.specs.catalogue import (
    SourceFile,
    load_sources,
    parse_source,
    shipped_sources,
)
from nhs_league.sources.specs.model import Publication, Tidy

SOUND = """\
layout: publication
id: mine
title: My publication
recognise: {columns: [Code, Month, All]}
organisation: {column: Code}
period: {column: Month, formats: ["{year}-{month}"]}
metrics:
  seen:
    title: Seen in time
    unit: percent
    numerator: {add: [Seen]}
    denominator: {add: [All]}
"""

TIDY = """\
layout: tidy
id: ours
title: Our tables
columns: {org_code: [code], period: [month]}
not_used: [name]
"""

SHIPPED = list(shipped_sources())


def spec(old: str = "", new: str = "") -> bytes:
    assert old in SOUND
    return SOUND.replace(old, new, 1).encode()


def findings_of(content: bytes, name: str = "mine.source.yaml") -> list[Finding]:
    with pytest.raises(SourceError) as raised:
        parse_source(content, name)
    found = list(raised.value.findings)
    assert {(f.severity, f.code, f.file) for f in found} == {("error", "source_invalid", name)}
    return found


def places(content: bytes) -> list[tuple[int | None, str | None]]:
    return [(finding.row, finding.column) for finding in findings_of(content)]


def test_a_sound_spec_is_read_with_its_hash() -> None:
    file = parse_source(SOUND.encode(), "mine.source.yaml")
    assert isinstance(file.source, Publication)
    assert (file.source.id, file.name, file.is_shipped) == ("mine", "mine.source.yaml", False)
    assert len(file.sha256) == 64
    assert file.source.encodings == ("utf-8", "cp1252")
    assert file.source.recognise.preamble_rows == 20


@pytest.mark.parametrize(
    ("old", "new", "line", "place", "said"),
    [
        ("title: My", "titel: A\ntitle: My", 3, "titel", "unknown field 'titel'"),
        ("[Code, Month, All]", "Code", 4, "recognise.columns", "should be a list"),
        ("[Code, Month, All]", "[]", 4, "recognise.columns", "at least one item"),
        ("[Code, Month, All]", "[Code, Code]", 4, "recognise.columns", "twice in the list"),
        ("All]}", "All], sheets: A}", 4, "recognise.sheets", "unknown field 'sheets'"),
        ("All]}", "All], preamble_rows: 41}", 4, "recognise.preamble_rows", "40"),
        ("All]}", "All], preamble_rows: -1}", 4, "recognise.preamble_rows", "0"),
        ("column: Code", "column: 5", 5, "organisation.column", "string"),
        ("column: Code", "column: Code, row: 1", 5, "organisation.row", "unknown field"),
        ("column: Code", "column: Code, others: No One", 5, "organisation.others", "pattern"),
        ("{year}-", "{year}{year}-", 6, "period.formats.0", "twice in the pattern"),
        ("{year}-{month}", "{year}-{months}", 6, "period.formats.0", "{year}, {month}"),
        ("{year}-{month}", "{year}-{month", 6, "period.formats.0", "{year}, {month}"),
        ("{year}-{month}", "{year}-01", 6, "period.formats.0", "names no period"),
        ("{year}-{month}", "{quarter} {year}", 6, "period.formats.0", "names no period"),
        (', formats: ["{year}-{month}"]', "", 6, "period", "a column needs formats"),
        ("column: Month, ", "", 6, "period", "state either a column with formats"),
        ("column: Month,", "column: Month, year: Y,", 6, "period", "state either a column"),
        ("column: Month,", "year: Y,", 6, "period", "a year needs a month"),
        ("column: Month,", "month: M,", 6, "period", "a year needs a month"),
        ("column: Month,", "year: Y, month: M,", 6, "period.formats", "a period in one column"),
        ("  seen:", "  se en:", 8, "metrics.se en", "pattern"),
        ("unit: percent", "unit: ''", 10, "metrics.seen.unit", "1 character"),
        ("{add: [Seen]}", "{add: []}", 11, "metrics.seen.numerator.add", "at least one item"),
        ("{add: [Seen]}", "{add: Seen}", 11, "metrics.seen.numerator.add", "should be a list"),
        ("{add: [Seen]}", "{add: [Seen, seen]}", 11, "metrics.seen.numerator.add.1", "twice"),
        (
            "[Seen]}",
            "[Seen], subtract: [SEEN]}",
            11,
            "metrics.seen.numerator.subtract.0",
            "the column 'SEEN' is counted twice",
        ),
        (
            "[Seen]",
            '[{bands: ["{to} Weeks"]}]',
            11,
            "metrics.seen.numerator.add.0.bands.0",
            "has no {from}",
        ),
        (
            "[Seen]",
            '[{bands: ["{from}"], at_least: 6, below: 6}]',
            11,
            "metrics.seen.numerator.add.0",
            "no band begins at 6 and ends by 6",
        ),
        ("    denominator: {add: [All]}\n", "", 11, "metrics.seen.numerator", "needs its denom"),
        ("    numerator: {add: [Seen]}\n", "", 8, "metrics.seen", "state a numerator and denom"),
        ("    numerator:", "    value: Mean\n    numerator:", 11, "metrics.seen.value", "already"),
        ("title: My", "revised: [a, a]\ntitle: My", 3, "revised", "twice in the list"),
        ("title: My", "encodings: [utf-16]\ntitle: My", 3, "encodings.0", "utf-8"),
        ("title: My", "encodings: []\ntitle: My", 3, "encodings", "at least one item"),
        ("id: mine", "id: my own", 2, "id", "pattern"),
        ("id: mine", "id: 5", 2, "id", "string"),
        (
            "period:",
            "leave_out: [{column: Code, values: [T]}]\nperiod:",
            6,
            "leave_out.0",
            "the field 'reason' is missing",
        ),
        (
            "period:",
            "leave_out: [{reason: Total, column: Code, values: [T]}]\nperiod:",
            6,
            "leave_out.0.reason",
            "pattern",
        ),
        (
            "period:",
            "keep: [{column: Code, values: [5]}]\nperiod:",
            6,
            "keep.0.values.0",
            "string",
        ),
    ],
)
def test_each_rule_gives_one_finding_where_it_is_broken(
    old: str, new: str, line: int, place: str, said: str
) -> None:
    (finding,) = findings_of(spec(old, new))
    assert (finding.row, finding.column) == (line, place)
    assert said in finding.message


def test_a_band_that_is_wrong_is_one_finding() -> None:
    content = spec("[Seen]", '[{bands: ["{from}"], at_least: -1}]')
    assert places(content) == [(11, "metrics.seen.numerator.add.0.at_least")]


@pytest.mark.parametrize("field", ["recognise", "organisation", "period", "title", "id"])
def test_a_missing_field_is_named(field: str) -> None:
    lines = [line for line in SOUND.splitlines() if not line.startswith(f"{field}:")]
    (finding,) = findings_of("\n".join(lines).encode())
    assert finding.message == f"the field {field!r} is missing"


@pytest.mark.parametrize("layout", ["page", "[publication]", "5"])
def test_a_layout_that_is_none_is_located(layout: str) -> None:
    content = spec("layout: publication\n", "").decode() + f"layout: {layout}\n"
    assert places(content.encode()) == [(12, "layout")]


def test_a_spec_without_a_layout_lacks_it() -> None:
    (finding,) = findings_of(spec("layout: publication\n", ""))
    assert "layout" in finding.message


def test_all_that_is_wrong_is_said_at_once() -> None:
    content = SOUND.replace("id: mine", "id: my own").replace("{year}-", "{yaer}-")
    content = content.replace("unit: percent", "units: percent")
    assert places(content.encode()) == [
        (2, "id"),
        (6, "period.formats.0"),
        (8, "metrics.seen"),
        (10, "metrics.seen.units"),
    ]


def test_contradictions_between_parts_are_said_at_once() -> None:
    content = SOUND.replace("column: Month,", "year: Y,").replace(
        "    numerator: {add: [Seen]}\n", "    value: V\n    numerator: {add: [Seen, Seen]}\n"
    )
    assert places(content.encode()) == [
        (6, "period"),
        (11, "metrics.seen.value"),
        (12, "metrics.seen.numerator.add.1"),
    ]


def test_repeated_keys_are_refused() -> None:
    (finding,) = findings_of(spec("id: mine", "id: mine\nid: other"))
    assert (finding.row, finding.message) == (3, "duplicate key 'id': first stated on line 2")
    (finding,) = findings_of(SOUND.encode() + b"  seen: {title: Again}\n")
    assert finding.row == 13


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"- a\n- b\n", "a source spec is a mapping with layout, id, title"),
        (b"layout: [", "not YAML"),
        (b"title: \xff\n", "not UTF-8"),
        (b"a: &x 1\nb: *x\n", "alias"),
    ],
)
def test_what_is_no_spec_at_all_is_said(content: bytes, said: str) -> None:
    assert said in findings_of(content)[0].message


def test_a_tidy_spec_needs_an_organisation_and_a_period() -> None:
    assert isinstance(parse_source(TIDY.encode(), "t.source.yaml").source, Tidy)
    (finding,) = findings_of(TIDY.replace("period: [month]", "value: [month]").encode())
    assert (finding.row, finding.column) == (4, "columns")
    (finding,) = findings_of(TIDY.replace("period:", "when: [x], period:").encode())
    assert finding.row == 4
    assert finding.column is not None
    assert finding.column.startswith("columns.when")


# The catalogue


def given(folder: Path, specs: Mapping[str, bytes]) -> list[DataFile]:
    for name, content in specs.items():
        (folder / f"{name}.source.yaml").write_bytes(content)
    return find_files([folder])


def test_without_specs_of_the_user_the_shipped_ones_stand() -> None:
    assert [file.source.id for file in load_sources().files] == [f.source.id for f in SHIPPED]
    assert all(file.is_shipped for file in SHIPPED)


def test_an_own_spec_joins_the_shipped_ones(tmp_path: Path) -> None:
    catalogue = load_sources(given(tmp_path, {"mine": SOUND.encode()}))
    assert [source.id for source in catalogue.publications][-1] == "mine"
    assert len(catalogue.files) == len(SHIPPED) + 1


def test_an_own_spec_replaces_the_shipped_one_of_its_id(tmp_path: Path) -> None:
    content = spec("id: mine", "id: ae-monthly")
    catalogue = load_sources(given(tmp_path, {"mine": content}))
    (file,) = [file for file in catalogue.files if file.source.id == "ae-monthly"]
    assert (file.source.title, file.is_shipped) == ("My publication", False)
    assert len(catalogue.files) == len(SHIPPED)


def test_a_tidy_spec_replaces_the_shipped_one_whatever_its_id(tmp_path: Path) -> None:
    catalogue = load_sources(given(tmp_path, {"t": TIDY.encode()}))
    assert catalogue.tidy.id == "ours"
    assert len(catalogue.files) == len(SHIPPED)


def test_two_specs_of_one_id_are_refused_by_the_names_of_both(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        load_sources(given(tmp_path, dict.fromkeys("ab", SOUND.encode())))
    (finding,) = raised.value.findings
    assert (finding.file, finding.column, finding.value) == ("b.source.yaml", "id", "mine")
    assert "a.source.yaml" in finding.message


def test_two_tidy_specs_are_refused(tmp_path: Path) -> None:
    second = TIDY.replace("id: ours", "id: theirs")
    with pytest.raises(SourceError) as raised:
        load_sources(given(tmp_path, {"a": TIDY.encode(), "b": second.encode()}))
    (finding,) = raised.value.findings
    assert (finding.file, finding.column) == ("b.source.yaml", "layout")


def test_the_problems_of_all_files_are_said_together(tmp_path: Path) -> None:
    bad = spec("id: mine", "id: 5")
    with pytest.raises(SourceError) as raised:
        load_sources(given(tmp_path, {"a": bad, "b": b"", "c": bad}))
    assert [finding.file for finding in raised.value.findings] == [
        "a.source.yaml",
        "b.source.yaml",
        "c.source.yaml",
    ]
    assert "3 problems" in raised.value.message


# The shipped specs


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.source.id)
def test_every_shipped_spec_is_valid_under_the_schema(file: SourceFile) -> None:
    folder = configs_directory()
    schema = json.loads((folder / "schema" / "source.schema.json").read_text("utf-8"))
    text = (folder / "sources" / file.name).read_text("utf-8")
    jsonschema.validate(yaml.safe_load(text), schema)
    assert text.startswith("# yaml-language-server: $schema=../schema/source.schema.json\n")
    assert file.name == f"{file.source.id}.yaml"


def test_the_schema_file_is_that_of_the_model_and_refuses_what_the_model_refuses() -> None:
    text = (configs_directory() / "schema" / "source.schema.json").read_text("utf-8")
    assert text == schema_text("source")
    schema = json.loads(text)
    jsonschema.validate(yaml.safe_load(SOUND), schema)
    for old, new in (("title: My", "titel: My"), ("id: mine", "id: 5"), ("[Seen]", "[]")):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(yaml.safe_load(SOUND.replace(old, new)), schema)


def test_every_shipped_publication_says_whose_it_is() -> None:
    publications = [file.source for file in SHIPPED if isinstance(file.source, Publication)]
    assert len(publications) == 6
    for source in publications:
        assert source.publisher == "NHS England"
        assert source.licence == "OGL v3"
        assert (source.url or "").startswith("https://")


def test_a_publication_may_have_the_id_of_the_tidy_spec_beside_it(tmp_path: Path) -> None:
    (tmp_path / "own.source.yaml").write_bytes(spec("id: mine", "id: tidy"))
    catalogue = load_sources(find_files([tmp_path]))
    assert isinstance(catalogue.tidy, Tidy)
    assert catalogue.publications[-1].id == "tidy"


def test_every_spec_with_the_id_of_another_is_named(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.source.yaml").write_bytes(spec())
    with pytest.raises(SourceError) as raised:
        load_sources(find_files([tmp_path]))
    assert [finding.file for finding in raised.value.findings] == ["b.source.yaml", "c.source.yaml"]
