"""Finding and reading framework files: every problem at once, each with its line and place."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from nhs_league.errors import FrameworkError, UsageError
from nhs_league.framework.catalogue import (
    load_framework,
    load_shipped_frameworks,
    parse_framework,
    shipped_framework_ids,
)
from nhs_league.resources import configs_directory

SOUND = """\
id: small
title: A small framework
applies_to: {quarters: "2025Q1-"}
scale: {best: 1, worst: 4}
domains:
  access: Access
metrics:
  waits:
    title: Seen within four hours
    domain: access
    unit: percent
    polarity: higher_is_better
    basis: sum
    scoring: {method: rank}
segments: {method: quartiles}
"""
MODELINE = "# yaml-language-server: $schema=../schema/framework.schema.json"


def changed(old: str, new: str) -> str:
    assert SOUND.count(old) == 1, f"{old!r} stands {SOUND.count(old)} times"
    return SOUND.replace(old, new)


def refused(content: str | bytes) -> FrameworkError:
    with pytest.raises(FrameworkError) as caught:
        parse_framework(content.encode() if isinstance(content, str) else content, "small.yaml")
    return caught.value


def places(error: FrameworkError) -> list[tuple[int | None, str | None, str]]:
    return [(finding.row, finding.column, finding.message) for finding in error.findings]


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ship three frameworks of one text from a folder of their own."""
    folder = tmp_path / "frameworks"
    folder.mkdir()
    for framework_id in ("nof-2025-26", "nof-2026-27", "headline-kpis"):
        text = SOUND.replace("id: small", f"id: {framework_id}")
        (folder / f"{framework_id}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr("nhs_league.framework.catalogue.configs_directory", lambda: tmp_path)
    return folder


@pytest.mark.parametrize("framework_id", shipped_framework_ids())
def test_a_shipped_framework_is_sound_and_named_after_its_file(framework_id: str) -> None:
    loaded = load_framework(framework_id)
    assert (loaded.framework.id, loaded.name) == (framework_id, f"{framework_id}.yaml")


@pytest.mark.parametrize("framework_id", shipped_framework_ids())
def test_a_shipped_framework_names_its_schema_for_editors(framework_id: str) -> None:
    path = configs_directory() / "frameworks" / f"{framework_id}.yaml"
    assert path.read_text(encoding="utf-8").splitlines()[0] == MODELINE


def test_the_headline_framework_is_shipped() -> None:
    assert "headline-kpis" in shipped_framework_ids()


def test_shipped_frameworks_are_listed_and_read_in_the_order_of_their_ids(shipped: Path) -> None:
    (shipped / "notes.txt").write_text("not a framework", encoding="utf-8")
    expected = ["headline-kpis", "nof-2025-26", "nof-2026-27"]
    assert shipped_framework_ids() == expected
    assert [loaded.framework.id for loaded in load_shipped_frameworks()] == expected


@pytest.mark.parametrize(
    ("asked", "suggestion"),
    [
        ("headline-kpi", "headline-kpis"),
        ("nof-2025-27", "nof-2026-27 or nof-2025-26"),
        ("xyz", "headline-kpis or nof-2025-26 or nof-2026-27"),
        ("", "headline-kpis or nof-2025-26 or nof-2026-27"),
    ],
)
@pytest.mark.usefixtures("shipped")
def test_an_unknown_id_is_a_usage_error_with_the_nearest_ids(asked: str, suggestion: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_framework(asked)
    assert caught.value.message == (
        f"there is no framework {asked!r}; did you mean {suggestion}? "
        "A file of your own is given by its path, ending in .yaml"
    )


@pytest.mark.parametrize("name", ["mine.yaml", "mine.yml", "MINE.YAML"])
def test_a_framework_of_ones_own_is_read_by_its_path(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(SOUND, encoding="utf-8")
    assert load_framework(path).framework.id == "small"
    assert load_framework(str(path)).name == name


def test_a_path_ending_in_yaml_is_never_taken_for_an_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "headline-kpis.yaml").write_text(SOUND, encoding="utf-8")
    assert load_framework("headline-kpis.yaml").framework.id == "small"


def test_a_missing_file_is_a_framework_error_with_the_path_as_given(tmp_path: Path) -> None:
    path = tmp_path / "absent.yaml"
    with pytest.raises(FrameworkError) as caught:
        load_framework(path)
    assert caught.value.message == f"cannot read the framework {path}: No such file or directory"
    assert caught.value.findings == ()


def test_a_folder_is_no_framework(tmp_path: Path) -> None:
    with pytest.raises(FrameworkError, match=r"^cannot read the framework .*: Is a directory$"):
        load_framework(tmp_path)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_sha_256_is_of_the_bytes_as_they_stand(ending: str) -> None:
    content = SOUND.replace("\n", ending).encode()
    assert parse_framework(content, "small.yaml").sha256 == hashlib.sha256(content).hexdigest()


def test_a_byte_order_mark_is_passed_over_but_counted_in_the_sha_256() -> None:
    content = b"\xef\xbb\xbf" + SOUND.encode()
    loaded = parse_framework(content, "small.yaml")
    assert loaded.framework.id == "small"
    assert loaded.sha256 == hashlib.sha256(content).hexdigest()


def test_text_beyond_ascii_is_kept() -> None:
    loaded = parse_framework(changed("A small framework", "Médecine, ½ day").encode(), "small.yaml")
    assert loaded.framework.title == "Médecine, ½ day"


def test_a_file_that_is_not_utf_8_is_refused_with_the_line() -> None:
    error = refused(b"id: small\ntitle: Caf\xe9\n")
    assert places(error) == [(2, None, "the file is not UTF-8 text")]


def test_a_byte_order_mark_does_not_move_the_line_that_is_not_utf_8() -> None:
    error = refused(b"\xef\xbb\xbfid: small\n\xe9\n")
    assert places(error) == [(2, None, "the file is not UTF-8 text")]


def test_an_empty_file_is_refused() -> None:
    error = refused("")
    assert error.message == "the framework small.yaml has 1 problem"
    assert places(error) == [(1, None, "the file is empty")]


@pytest.mark.parametrize("content", ["null\n", "---\n", "~\n"])
def test_a_file_that_holds_nothing_is_refused_with_a_finding(content: str) -> None:
    assert places(refused(content)) == [
        (1, None, "a framework file is a mapping with id, title, metrics ...")
    ]


@pytest.mark.parametrize("content", ["- a\n- b\n", "just text\n", "5\n", "[]\n"])
def test_a_file_that_is_no_mapping_is_refused(content: str) -> None:
    assert places(refused(content)) == [
        (1, None, "a framework file is a mapping with id, title, metrics ...")
    ]


def test_a_file_that_is_not_yaml_is_refused_with_the_line() -> None:
    error = refused(changed("  access: Access", "  access: [Access"))
    assert [finding.row for finding in error.findings] == [7]
    assert error.findings[0].message.startswith("not YAML: ")


def test_every_problem_is_reported_at_once_in_the_order_of_lines() -> None:
    text = (
        SOUND.replace("worst: 4", "worst: four")
        .replace("    polarity: higher_is_better\n", "")
        .replace("    basis: sum", "    basis: sum\n    weight: 0\n    weigth: 5\n    basis: mean")
        .replace("title: A small framework", "title: 5")
    )
    error = refused(text)
    assert error.message == "the framework small.yaml has 6 problems"
    assert places(error) == [
        (2, "title", "Input should be a valid string"),
        (4, "scale.worst", "Input should be a valid number"),
        (8, "metrics.waits", "the field 'polarity' is missing"),
        (13, "metrics.waits.weight", "Input should be greater than 0"),
        (14, "metrics.waits.weigth", "unknown field 'weigth'"),
        (15, None, "duplicate key 'basis': first stated on line 12"),
    ]
    assert {(finding.severity, finding.code, finding.file) for finding in error.findings} == {
        ("error", "framework_invalid", "small.yaml")
    }


@pytest.mark.parametrize(
    ("scoring", "row", "column", "message"),
    [
        (
            "\n      method: standard\n      standard: high",
            16,
            "metrics.waits.scoring.standard",
            "Input should be a valid number",
        ),
        (
            "\n      method: standard\n      standard: 78\n      floor: low",
            17,
            "metrics.waits.scoring.floor",
            "Input should be a valid number",
        ),
        (
            "\n      method: floor\n      floor: .nan",
            16,
            "metrics.waits.scoring.floor",
            "Input should be a finite number",
        ),
        (
            "\n      method: target\n      target: .inf\n      limit: 3",
            16,
            "metrics.waits.scoring.target",
            "Input should be a finite number",
        ),
        (
            "\n      method: standard",
            14,
            "metrics.waits.scoring",
            "the field 'standard' is missing",
        ),
        (
            "\n      method: rank\n      rank: 3",
            16,
            "metrics.waits.scoring.rank",
            "unknown field 'rank'",
        ),
        (
            "\n      method: bands\n      otherwise: 4\n      bands:"
            "\n        - {at_least: 1, score: 1}\n        - {at_least: 0, points: 2, score: 2}",
            19,
            "metrics.waits.scoring.bands.1.points",
            "unknown field 'points'",
        ),
        (
            "\n      standard: 78",
            14,
            "metrics.waits.scoring",
            "Unable to extract tag using discriminator 'method'",
        ),
    ],
)
def test_a_place_is_what_is_written_without_the_branch_of_a_union(
    scoring: str, row: int, column: str, message: str
) -> None:
    error = refused(changed("    scoring: {method: rank}", f"    scoring:{scoring}"))
    assert places(error) == [(row, column, message)]


def test_a_place_in_the_scoring_of_another_unit_is_what_is_written() -> None:
    by_unit = "\n    scoring_of_unit:\n      points:\n        method: floor\n        floor: x"
    error = refused(changed("    scoring: {method: rank}", "    scoring: {method: rank}" + by_unit))
    assert places(error) == [
        (18, "metrics.waits.scoring_of_unit.points.floor", "Input should be a valid number")
    ]


def test_a_place_in_the_segments_is_what_is_written() -> None:
    error = refused(
        changed(
            "segments: {method: quartiles}",
            "segments:\n  method: quartiles\n  upper_bounds: [2]",
        )
    )
    assert places(error) == [(17, "segments.upper_bounds", "unknown field 'upper_bounds'")]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (
            "  access: Access",
            "  access: {title: Access, weight: 0}",
            (6, "domains.access.weight", "Input should be greater than 0"),
        ),
        (
            "    basis: sum",
            "    basis: sum\n    pool: {peer_groups: [5]}",
            (14, "metrics.waits.pool.peer_groups.0", "Input should be a valid string"),
        ),
    ],
)
def test_a_place_in_what_may_be_text_or_a_mapping_is_what_is_written(
    old: str, new: str, place: tuple[int, str, str]
) -> None:
    assert place in places(refused(changed(old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  access: Access", "  access: {title: Access, weight: 0}"),
        ("    basis: sum", "    basis: sum\n    pool: {peer_groups: []}"),
        ("    basis: sum", "    basis: sum\n    pool: peers"),
    ],
)
def test_one_mistake_in_what_may_be_text_or_a_mapping_is_one_finding(old: str, new: str) -> None:
    assert len(refused(changed(old, new)).findings) == 1


def test_one_wrong_item_of_a_list_is_one_finding() -> None:
    text = changed(
        "segments: {method: quartiles}", "segments: {method: thresholds, upper_bounds: [x]}"
    )
    assert places(refused(text)) == [
        (15, "segments.upper_bounds.0", "Input should be a valid number")
    ]


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("worst: 4", "worst: four", "four"),
        ("basis: sum", "basis: sum\n    weight: -1.5", "-1.5"),
        ("basis: sum", "basis: sum\n    weigth: 5", "5"),
        ("    polarity: higher_is_better\n", "", None),
        ("scoring: {method: rank}", "scoring: {}", None),
    ],
)
def test_a_finding_shows_the_value_where_one_is_written(
    old: str, new: str, value: str | None
) -> None:
    assert [finding.value for finding in refused(changed(old, new)).findings] == [value]


def test_a_key_that_is_no_identifier_is_located_at_the_key() -> None:
    assert places(refused(changed("  access: Access", "  access: Access\n  a b: B"))) == [
        (7, "domains.a b", "String should match pattern '^[A-Za-z0-9][A-Za-z0-9_.-]*$'")
    ]


def test_a_missing_part_of_the_whole_is_located_at_the_start() -> None:
    assert places(refused(changed("segments: {method: quartiles}\n", ""))) == [
        (1, None, "the field 'segments' is missing")
    ]


def test_a_boolean_of_yaml_1_1_is_text_and_so_no_boolean() -> None:
    error = refused(changed("basis: sum", "basis: sum\n    counts: no"))
    assert places(error) == [(14, "metrics.waits.counts", "Input should be a valid boolean")]
    assert error.findings[0].value == "no"
