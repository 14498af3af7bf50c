"""Ranges drawn in characters."""

from __future__ import annotations

import pytest

from nhs_league.presentation.strips import (
    CHARACTERS,
    WIDTH,
    in_ascii,
    own_heights,
    rank_heights,
    rank_strip,
    sparkline,
    strip_header,
)


def test_a_strip_runs_from_the_first_rank_to_the_last() -> None:
    # With 24 ranks every rank has a place of its own.
    assert rank_strip(1, 24, 12, 24) == f"├{'─' * 10}●{'─' * 11}┤"
    assert rank_strip(3, 6, 4, 24) == f"··├●─┤{'·' * 18}"


def test_the_rank_is_drawn_over_an_end_of_its_range() -> None:
    assert rank_strip(1, 4, 1, 24) == f"●──┤{'·' * 20}"
    assert rank_strip(20, 24, 24, 24) == f"{'·' * 19}├───●"
    assert rank_strip(5, 5, 5, 24) == f"····●{'·' * 19}"


def test_one_organisation_alone_has_the_first_place() -> None:
    assert rank_strip(1, 1, 1, 1) == f"●{'·' * 23}"
    assert strip_header(1) == f"1{' ' * 23}"


@pytest.mark.parametrize("of", [2, 10, 61, 134, 205, 2_000])
def test_every_rank_is_within_the_strip(of: int) -> None:
    for rank in {1, 2, of // 2, of - 1, of} - {0}:
        strip = rank_strip(1, of, rank, of)
        assert len(strip) == len(strip_header(of)) == WIDTH
        assert strip.count("●") == 1
    assert strip_header(of).startswith("1 ")
    assert strip_header(of).endswith(f" {of}")


def test_a_rank_outside_its_range_is_drawn_where_it_is() -> None:
    assert rank_strip(3, 6, 10, 24) == f"··├──┤···●{'·' * 14}"


def test_in_ascii_every_character_of_a_strip_has_a_stand_in() -> None:
    assert in_ascii(rank_strip(3, 6, 4, 24)) == f"..|o-|{'.' * 18}"
    assert in_ascii(CHARACTERS).isascii()
    assert in_ascii("Ynys M\u00f4n") == "Ynys M\u00f4n"


def test_a_sparkline_has_a_bar_a_figure_and_a_dot_a_gap() -> None:
    heights = [at / 7 for at in range(8)]
    assert sparkline(heights) == "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
    assert sparkline([0, None, 1]) == "\u2581\u00b7\u2588"
    assert in_ascii(sparkline([*heights, None])) == "_,-~=+*#."
    assert sparkline([]) == ""


def test_a_flat_series_is_a_middle_line() -> None:
    assert sparkline(own_heights([3, 3, None, 3])) == "\u2584\u2584\u00b7\u2584"
    assert sparkline(own_heights([0.1 + 0.2, 0.3])) == "\u2584\u2584"
    assert sparkline(own_heights([5])) == "\u2584"
    assert sparkline(own_heights([None])) == "\u00b7"
    assert sparkline(own_heights([-4, 0, 4])) == "\u2581\u2585\u2588"


def test_ranks_are_drawn_between_the_last_place_and_the_first() -> None:
    assert rank_heights([(1, 134), (134, 134), None, (2, 3)]) == [1, 0, None, 0.5]
    assert sparkline(rank_heights([(1, 1)])) == "\u2584"
