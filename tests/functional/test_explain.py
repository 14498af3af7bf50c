"""``explain``: the trust that is meant, and the answer."""

from __future__ import annotations

import pytest

from tests.conftest import Cli
from tests.functional.small import Small

SAMPLE = ("--quarter", "2025Q2")
SUMMARY = (*SAMPLE, "--format", "json")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("RCX", "RCX"),
        ("rcx", "RCX"),
        ("kings lynn", "RCX"),
        ("King\u2019s Lynn", "RCX"),
        ("christie", "RBV"),
        ("g6v2s", "G6V2S"),
    ],
)
def test_a_trust_is_found_by_code_or_name(cli: Cli, asked: str, code: str) -> None:
    done = cli("explain", asked, *SUMMARY)
    assert done.status == 0, done.narration
    assert done.json["summary"]["org_code"] == code


def test_a_code_needs_no_note_and_a_name_says_who_is_meant(cli: Cli) -> None:
    assert "taken to mean" not in cli("explain", "rbv", *SUMMARY).narration
    assert (
        "nhs-league: note: 'christie' is taken to mean The Christie NHS Foundation Trust (RBV)\n"
        in cli("explain", "christie", *SUMMARY).narration
    )


def test_a_predecessors_code_leads_to_its_successor_with_a_note(cli: Cli) -> None:
    done = cli("explain", "RY9", *SUMMARY)
    assert done.json["summary"]["org_code"] == "RAX"
    assert (
        "note: RY9 closed on 1 November 2024 and is now part of "
        "Kingston and Richmond NHS Foundation Trust (RAX)\n"
    ) in done.narration


def test_a_slip_of_the_pen_with_one_clear_winner_is_used_and_announced(cli: Cli) -> None:
    done = cli("explain", "moorfeilds", *SUMMARY)
    assert done.status == 0, done.narration
    assert done.json["summary"]["org_code"] == "RP6"
    assert "taken to mean Moorfields Eye Hospital NHS Foundation Trust (RP6)" in done.narration


def test_a_name_that_several_have_lists_them_and_asks_for_the_code(cli: Cli) -> None:
    done = cli("explain", "leeds", *SAMPLE)
    assert (done.status, done.output) == (2, b"")
    for name in (
        "Leeds Teaching Hospitals NHS Trust (RR8)",
        "Leeds and York Partnership NHS Foundation Trust (RGD)",
        "Leeds Community Healthcare NHS Trust (RY6)",
    ):
        assert name in done.narration
    assert "give the code" in done.narration


@pytest.mark.parametrize("asked", ["xqzzy", "", "  ", "nhs trust"])
def test_a_name_that_nobody_has_gives_the_nearest(cli: Cli, asked: str) -> None:
    done = cli("explain", asked, *SAMPLE)
    assert (done.status, done.output) == (2, b"")
    assert f"there is no trust {asked!r}; the nearest are" in done.narration


def test_the_answer_comes_first_then_metrics_then_sources(cli: Cli, small: Small) -> None:
    text = cli("explain", "AA4", *small.options).text
    parts = [
        "ranks 4 of 5 acute trusts for April to June 2025 (Q1 2025/26), in segment 3, "
        "with an average metric score of 2.09",
        "its average alone would be segment 2, but the trust plans a deficit.",
        "Seen in time (waits)",
        "190 / 200",
        "The contributions of 2 metrics add up to 2.0875, which is the average of 2.09.",
        "What costs most",
        "The next segment",
        "Where the figures stand",
        "waits: 95.00% from 190 / 200, waits.csv rows 5, 11, 17 (2025-04, 2025-05, 2025-06)",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_each_metric_of_the_small_league_is_the_one_worked_out_by_hand(
    cli: Cli, small: Small
) -> None:
    result = cli("explain", "AA4", *small.options, "--format", "json").json
    waits, surplus = result["rows"]
    assert (waits["value"], waits["numerator"], waits["denominator"]) == (95.0, 190.0, 200.0)
    assert waits["peers_median"] == 75.0
    assert waits["score"] == pytest.approx(1.3)
    assert waits["effective_weight"] == 0.5
    assert waits["contribution"] == pytest.approx(0.65)
    assert (waits["place"], waits["place_of"]) == (2, 5)
    assert (waits["source_file"], waits["source_rows"]) == ("waits.csv", "5, 11, 17")
    assert surplus["score"] == pytest.approx(2.875)
    assert (surplus["place"], surplus["place_of"]) == (5, 6)
    summary = result["summary"]
    assert summary["composite"] == pytest.approx(2.0875)
    assert (summary["segment"], summary["adjusted_segment"]) == (2, 3)
    assert summary["overrides"] == ["deficit"]
    assert summary["next_segment"] == 1
    assert summary["next_segment_gap"] == pytest.approx(0.34)


def test_a_trust_without_a_rank_is_told_why(cli: Cli, small: Small) -> None:
    done = cli("explain", "AA6", *small.options)
    assert done.status == 0
    assert done.text.startswith(
        "Unranked NHS Trust (AA6) is not ranked for April to June 2025 (Q1 2025/26): "
        "it has 1 of the 2 metrics needed."
    )
    summary = cli("explain", "AA6", *small.options, "--format", "json").json["summary"]
    assert summary["rank"] is None
    assert summary["average_metric_score"] is None


def test_a_trust_without_a_peer_group_is_explained_and_drawn(cli: Cli, small: Small) -> None:
    text = small.framework.read_text("utf-8").replace(
        "column: trust_type, order: [Acute trust, Ambulance trust]", "column: trust_subtype"
    )
    small.framework.write_text(text, "utf-8")
    done = cli("explain", "AA2", *small.options)
    assert done.status == 0
    assert "ranks 2 of 6 organisations without a peer group" in " ".join(done.text.split())
    drawn = cli("explain", "AA2", *small.options, "--format", "svg")
    assert drawn.status == 0
    assert "Seen in time: 75.00%" in drawn.text


def test_a_trust_of_the_register_without_any_figure_is_a_usage_error(
    cli: Cli, small: Small
) -> None:
    register = small.folder / "organisations.csv"
    register.write_text(
        register.read_text("utf-8") + "AA9,Silent NHS Trust,Acute trust,London,QAA,Inner\n", "utf-8"
    )
    done = cli("explain", "silent", *small.options)
    assert (done.status, done.output) == (2, b"")
    assert "AA9 has no figure for small in April to June 2025" in done.narration
