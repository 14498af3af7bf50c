"""What cannot be answered is refused in words, and what is odd is answered."""

from __future__ import annotations

from typing import Any

import pytest

from nhs_league.analysis.robustness.influence import influence
from nhs_league.analysis.robustness.leave_one_out import leave_one_out
from nhs_league.analysis.robustness.movement import movement
from nhs_league.analysis.robustness.robustness import Design, robustness
from nhs_league.analysis.robustness.sampling import blocks, check_replicates
from nhs_league.errors import UsageError
from nhs_league.league import League
from tests.robustness_oracle import assert_is_the_table, league_of
from tests.support import framework, framework_of_scores, metric

TWO = "trust|a|b\n AA|1|2\n BB|2|2\n CC|3|1\n DD|4|3"


def two_metrics(**changes: Any) -> League:
    return league_of(framework_of_scores("a", "b", **changes), TWO)


@pytest.mark.parametrize("replicates", [-1, 0, 1, 99])
def test_too_few_replicates_are_refused_with_the_least(replicates: int) -> None:
    with pytest.raises(UsageError, match=r"\b100\b"):
        robustness(two_metrics(), Design(replicates=replicates))


def test_100_replicates_are_enough() -> None:
    assert robustness(two_metrics(), Design(replicates=100)).placing.ranks.shape == (4, 100)


def test_too_many_replicates_are_refused_with_the_most() -> None:
    with pytest.raises(UsageError, match="100,000") as refused:
        robustness(two_metrics(), Design(replicates=10_000_000))
    assert "10,000,000" in str(refused.value)


def test_the_more_organisations_the_fewer_replicates() -> None:
    check_replicates(100_000, 1000)
    with pytest.raises(UsageError, match="50,000"):
        check_replicates(50_001, 2000)
    check_replicates(50_000, 2000)


@pytest.mark.parametrize(
    ("replicates", "organisations"), [(1, 1), (100, 3), (7000, 205), (5, 10**6)]
)
def test_blocks_are_all_replicates_once(replicates: int, organisations: int) -> None:
    covered = [
        at for block in blocks(replicates, organisations) for at in range(block.start, block.stop)
    ]
    assert covered == list(range(replicates))


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ({"seed": -1}, "-1"),
        ({"source": "data", "interval": "expanded"}, "expanded"),
        ({"source": "weights", "interval": "expanded"}, "expanded"),
        ({"source": "metrics", "weights": "uniform"}, "uniform"),
        ({"source": "data", "weights": "uniform"}, "uniform"),
        ({"source": "weights", "concentration": 0.0}, "concentration"),
        ({"source": "weights", "concentration": -5.0}, "concentration"),
        ({"source": "weights", "concentration": 1e7}, "concentration"),
        ({"source": "weights", "concentration": float("nan")}, "concentration"),
        ({"source": "weights", "concentration": float("inf")}, "concentration"),
    ],
)
def test_a_design_that_does_not_hold_together_is_refused(
    design: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        robustness(two_metrics(), Design(replicates=100, **design))


@pytest.mark.parametrize("concentration", [1.0, 1e6])
def test_the_least_and_the_highest_concentration_are_allowed(concentration: float) -> None:
    drawn = robustness(
        two_metrics(), Design("weights", replicates=100, concentration=concentration)
    )
    assert drawn.ranges["expected_rank"].null_count() == 0


def test_a_seed_of_any_size_will_do() -> None:
    first, other = (
        robustness(two_metrics(), Design(replicates=100, seed=seed)).ranges for seed in (0, 2**70)
    )
    assert not first.equals(other)


def test_one_metric_for_everybody_cannot_be_resampled() -> None:
    table = league_of(framework_of_scores("a", "b"), "trust|a|b\n AA|1|-\n BB|-|2")
    with pytest.raises(UsageError, match="2 metrics"):
        robustness(table, Design(replicates=100))


def test_one_metric_has_all_the_influence() -> None:
    table = league_of(framework_of_scores("a"), "trust|a\n AA|1\n BB|2")
    with pytest.raises(UsageError, match="one metric"):
        influence(table, seed=1)


def test_one_metric_weighs_the_same_whatever_its_weight() -> None:
    table = league_of(framework_of_scores("a"), "trust|a\n AA|1\n BB|2")
    found = robustness(table, Design("weights", replicates=100)).ranges
    assert found.select("org_code", "rank_low", "rank_high").rows() == [
        ("AA", 1, 1),
        ("BB", 2, 2),
    ]


@pytest.mark.parametrize("source", ["metrics", "weights"])
def test_nobody_ranked_is_refused(source: Any) -> None:
    spec = framework_of_scores("a", "b", aggregate={"min_metrics": 2})
    table = league_of(spec, "trust|a|b\n AA|1|-\n BB|-|2")
    for ask in (
        lambda: robustness(table, Design(source, replicates=100)),
        lambda: leave_one_out(table),
        lambda: influence(table, seed=1),
        lambda: movement(table, two_metrics(), replicates=100),
        lambda: movement(two_metrics(), table, replicates=100),
    ):
        with pytest.raises(UsageError, match="no organisation is ranked"):
            ask()


@pytest.mark.parametrize(
    "stated",
    [
        metric(basis="sum", per=100),
        metric(basis="mean", per=100),
        metric(basis="sum", per=1000),
        metric(basis="sum", per=100, unit="days"),
    ],
)
def test_without_a_proportion_and_its_counts_there_is_no_sampling_error(
    stated: dict[str, Any],
) -> None:
    cells = ("3", "4") if stated["basis"] == "sum" and stated["per"] == 100 else ("1/3", "2/3")
    if stated["unit"] == "days":
        cells = ("1/3", "2/3")
    table = league_of(
        framework({"waits": stated, "more": metric()}),
        f"trust|waits|more\n AA|{cells[0]}|1\n BB|{cells[1]}|2",
    )
    with pytest.raises(UsageError, match="sampling error"):
        robustness(table, Design("data", replicates=100))


def test_a_seed_below_nought_is_refused_of_influence() -> None:
    with pytest.raises(UsageError, match="seed"):
        influence(two_metrics(), seed=-1, samples=16)


@pytest.mark.parametrize("concentration", [0.0, -1.0])
def test_a_concentration_of_nought_or_less_is_refused_of_influence(concentration: float) -> None:
    with pytest.raises(UsageError, match="concentration"):
        influence(two_metrics(), seed=1, samples=16, concentration=concentration)


def test_one_trust_alone_is_always_first_and_last() -> None:
    table = league_of(framework_of_scores("a", "b"), "trust|a|b\n AA|1|2")
    (row,) = robustness(table, Design(replicates=100)).ranges.iter_rows(named=True)
    told = [row[name] for name in ("rank_low", "rank_high", "p_first", "p_last", "expected_rank")]
    assert told == [1, 1, 1.0, 1.0, 1.0]
    assert leave_one_out(table)["moved"].sum() == 0


def test_every_key_that_may_be_stated_together_ranks() -> None:
    by = ["segment", "average_metric_score", "adjusted_segment"]
    assert_is_the_table(two_metrics(ranking={"by": by}))


def test_a_framework_of_100_segments_keeps_them_apart() -> None:
    cuts = [1 + 3 * place / 100 for place in range(1, 100)]
    table = two_metrics(segments={"method": "thresholds", "upper_bounds": cuts})
    assert_is_the_table(table)
    worst = league_of(
        framework_of_scores("a", "b", segments=table.framework.segments.model_dump()),
        "trust|a|b\n AA|4|4\n BB|1|1\n CC|3.9|4",
    )
    assert_is_the_table(worst)


def test_averages_that_differ_by_little_on_a_wide_scale_keep_their_ranks() -> None:
    scale = {"best": 0.0, "worst": 1000.0, "decimals": 6}
    text = "trust|a|b\n AA|0|0.00001\n BB|1000|1000\n CC|0|0\n DD|0.00003|0"
    assert_is_the_table(league_of(framework_of_scores("a", "b", scale=scale), text))


def test_a_scale_below_nought_is_as_good_as_another() -> None:
    scale = {"best": 3.0, "worst": -3.0, "decimals": 1}
    spec = framework_of_scores("a", "b", scale=scale, aggregate={"rounding": "before_ranking"})
    for stated in spec["metrics"].values():
        stated["polarity"] = "higher_is_better"
    table = league_of(spec, "trust|a|b\n AA|-3|-2.5\n BB|0|0.1\n CC|3|-3\n DD|-0.5|0.4\n EE|1|1")
    assert_is_the_table(table)
    found = robustness(table, Design(replicates=100)).ranges
    assert found.filter(org_code="AA")["score_low"].item() == -3


@pytest.mark.parametrize("samples", [-4, 0, 3, 10, 1_000])
def test_base_samples_that_are_no_power_of_2_are_refused(samples: int) -> None:
    with pytest.raises(UsageError, match="power of 2"):
        influence(two_metrics(), samples=samples)


@pytest.mark.parametrize("source", ["metrics", "weights"])
def test_what_is_done_is_reported_to_the_end(source: Any) -> None:
    told: list[float] = []
    robustness(two_metrics(), Design(source, replicates=100), told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
