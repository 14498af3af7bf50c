"""Work that is done block by block and side by side."""

from __future__ import annotations

import time

import pytest

from nhs_league.analysis.robustness import sampling
from nhs_league.analysis.robustness.sampling import blocks, side_by_side


@pytest.mark.parametrize(("count", "each"), [(1, 1), (10, 3), (1_000, 250_000), (10_000, 205)])
def test_blocks_hold_everything_once_and_in_order(count: int, each: int) -> None:
    held = [number for block in blocks(count, each) for number in range(count)[block]]
    assert held == list(range(count))
    assert all(block.stop > block.start for block in blocks(count, each))


def test_a_block_is_no_larger_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "_BLOCK", 100)
    assert [block.stop - block.start for block in blocks(10, 30)] == [3, 3, 3, 1]
    assert [block.stop - block.start for block in blocks(3, 1_000)] == [1, 1, 1]


def test_every_piece_is_done_once_and_reported() -> None:
    done: list[int] = []
    reported: list[float] = []
    side_by_side(done.append, 50, reported.append)
    assert sorted(done) == list(range(50))
    assert reported == [(at + 1) / 50 for at in range(50)]


def test_a_failure_is_passed_on_and_the_rest_is_left_undone() -> None:
    done: list[int] = []

    def work(at: int) -> None:
        if at == 0:
            raise ValueError("broken")
        time.sleep(0.01)
        done.append(at)

    with pytest.raises(ValueError, match="broken"):
        side_by_side(work, 5_000, None)
    assert len(done) < 2_500
