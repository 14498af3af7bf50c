"""The values that a metric can have, and the steps from one to the next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nhs_league import open_league
from nhs_league.analysis.counterfactuals.values import Steps, ValueRange, steps_of, value_range
from nhs_league.league import League
from tests.functional.small import FRAMEWORK, write_small

UPWARDS = Steps(
    metric_id="waits",
    value=75.0,
    is_upwards=True,
    step=1.0,
    start=150.0,
    numerator=150.0,
    denominator=200.0,
    unit=100.0,
    last=50,
)
DOWNWARDS = Steps(
    metric_id="minutes",
    value=28.4567,
    is_upwards=False,
    step=0.01,
    start=28.46,
    numerator=None,
    denominator=None,
    unit=1.0,
    last=100,
)

BASIS = "    polarity: higher_is_better\n    basis: sum"
MakeLeague = Callable[..., League]


@pytest.fixture
def make_league(tmp_path: Path) -> MakeLeague:
    """Give a way to score the small league by its framework with other text in some places."""
    small = write_small(tmp_path / "small")

    def make(*changes: tuple[str, str], data: tuple[str, str, str] | None = None) -> League:
        text = FRAMEWORK
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        small.framework.write_text(text, encoding="utf-8")
        if data is not None:
            name, old, new = data
            path = small.folder / name
            content = path.read_text(encoding="utf-8")
            assert old in content
            path.write_text(content.replace(old, new), encoding="utf-8")
        return open_league([small.folder], small.framework).league

    return make


def numbers(*given: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(given, dtype=np.int64)


def test_counted_steps_are_one_more_each() -> None:
    assert UPWARDS.values(numbers(0, 1, 2, 50)).tolist() == [75.0, 75.5, 76.0, 100.0]
    assert [UPWARDS.counts(number) for number in (0, 1, 50)] == [150.0, 151.0, 200.0]


def test_no_step_is_the_value_as_it_is_whatever_the_steps_start_from() -> None:
    assert DOWNWARDS.values(numbers(0, 1, 2)).tolist() == [28.4567, 28.45, 28.44]
    assert DOWNWARDS.counts(3) is None


def test_the_fewest_steps_to_reach_a_value() -> None:
    # 93.75 of 100 is 187.5 of 200, which takes 188; 94 is 188 itself; 75 and less are reached.
    wanted = np.array([93.75, 94.0, 94.01, 75.0, 70.0])
    assert UPWARDS.to_reach(wanted).tolist() == [38, 38, 39, 0, -10]
    assert DOWNWARDS.to_reach(np.array([28.45, 28.445, 28.0, 28.46])).tolist() == [1, 2, 46, 0]


def test_values_in_the_last_decimal_place_have_no_noise_behind_them() -> None:
    found = DOWNWARDS.values(np.arange(1, 101))
    assert [float(value) for value in found] == [
        round(28.46 - 0.01 * number, 2) for number in range(1, 101)
    ]


def test_counts_begin_from_the_quarters_own(make_league: MakeLeague) -> None:
    league = make_league()
    steps = steps_of(league, "AA2", "waits", value=75.0, best=100.0)
    assert (steps.numerator, steps.denominator, steps.step) == (150.0, 200.0, 1.0)
    # 200 of 200 is the end of the range: no step goes beyond.
    assert (steps.is_upwards, steps.last) == (True, 50)
    assert steps.values(numbers(steps.last)).tolist() == [100.0]


def test_steps_end_one_beyond_what_is_useful(make_league: MakeLeague) -> None:
    steps = steps_of(make_league(), "AA2", "waits", value=75.0, best=80.0)
    assert steps.last == 11
    assert steps.values(numbers(10, 11)).tolist() == [80.0, 80.5]


def test_steps_begin_from_another_value_too(make_league: MakeLeague) -> None:
    league = make_league()
    on = steps_of(league, "AA2", "waits", value=87.5, best=100.0)
    assert (on.numerator, on.last) == (175.0, 25)
    # 87.4 per cent of 200 is 174.8: no whole count, and a step is one more still.
    between = steps_of(league, "AA2", "waits", value=87.4, best=100.0)
    assert between.counts(1) == pytest.approx(175.8)
    assert between.values(numbers(0, 1)).tolist() == pytest.approx([87.4, 87.9])
    assert between.last == 25
    assert between.values(numbers(25))[0] <= 100.0


def test_a_step_is_a_half_where_any_organisation_counts_by_halves(make_league: MakeLeague) -> None:
    # Half a person more in April for AA5: everybody's step is a half.
    league = make_league(data=("waits.csv", "AA5,2025-04,50.0", "AA5,2025-04,50.5"))
    steps = steps_of(league, "AA2", "waits", value=75.0, best=100.0)
    assert (steps.step, steps.last) == (0.5, 100)
    assert steps.values(numbers(1)).tolist() == [75.25]
    assert steps.counts(1) == 150.5


def test_a_step_is_one_where_counts_are_no_halves_either(make_league: MakeLeague) -> None:
    league = make_league(data=("waits.csv", "AA5,2025-04,50.0", "AA5,2025-04,50.25"))
    assert steps_of(league, "AA2", "waits", value=75.0, best=100.0).step == 1.0
    # From a count that is no whole one, one more at a time.
    own = steps_of(league, "AA5", "waits", value=100.25 / 2, best=100.0)
    assert own.counts(1) == pytest.approx(101.25)


def test_fewer_are_better_where_lower_is(make_league: MakeLeague) -> None:
    league = make_league(
        ("polarity: higher_is_better\n    basis: sum", "polarity: lower_is_better\n    basis: sum")
    )
    steps = steps_of(league, "AA2", "waits", value=75.0, best=0.0)
    assert (steps.is_upwards, steps.last) == (False, 150)
    assert steps.values(numbers(1, 150)).tolist() == [74.5, 0.0]
    assert steps.counts(150) == 0.0


def test_the_latest_months_counts_are_the_quarters(make_league: MakeLeague) -> None:
    league = make_league(("basis: sum", "basis: latest"))
    steps = steps_of(league, "AA2", "waits", value=75.0, best=100.0)
    assert (steps.numerator, steps.denominator) == (37.5, 50.0)
    # AA2's and AA3's 37.5 make the step a half.
    assert (steps.step, steps.last) == (0.5, 25)


def test_without_counts_a_step_is_in_the_last_decimal_place(make_league: MakeLeague) -> None:
    league = make_league()
    steps = steps_of(league, "AA2", "surplus", value=1.0, best=4.0)
    assert (steps.numerator, steps.denominator, steps.step) == (None, None, 0.01)
    assert steps.last == 301
    assert steps.values(numbers(1, 300, 301)).tolist() == [1.01, 4.0, 4.01]
    whole = make_league(("basis: in_force", "basis: in_force\n    decimals: 0"))
    steps = steps_of(whole, "AA2", "surplus", value=1.0, best=4.0)
    assert steps.values(np.arange(5)).tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert steps.last == 4


@pytest.mark.parametrize(
    ("value", "first"), [(1.004, 1.01), (1.006, 1.01), (-1.004, -1.0), (0.29, 0.3), (1.1, 1.11)]
)
def test_the_first_step_leads_to_the_next_value_that_can_be_written(
    make_league: MakeLeague, value: float, first: float
) -> None:
    steps = steps_of(make_league(), "AA2", "surplus", value=value, best=4.0)
    assert steps.values(numbers(0, 1)).tolist() == [value, first]


def test_no_step_is_left_at_the_end_of_the_range(make_league: MakeLeague) -> None:
    league = make_league()
    assert steps_of(league, "AA1", "waits", value=100.0, best=100.0).last == 0
    assert steps_of(league, "AA1", "surplus", value=99.995, best=100.0).last == 1
    assert steps_of(league, "AA1", "surplus", value=100.0, best=150.0).last == 0
    # Beyond what is useful already no step is left, and none leads back.
    assert steps_of(league, "AA1", "surplus", value=50.0, best=4.0).last == 0


@pytest.mark.parametrize(
    ("unit", "low", "high"),
    [
        ("percent", 0.0, 100.0),
        ("out of 10", 0.0, 10.0),
        ("minutes", 0.0, None),
        ("count", 0.0, None),
        ("rate", 0.0, None),
        ("days", 0.0, None),
        ("percentage points", None, None),
        ("score", None, None),
    ],
)
def test_ranges_are_those_of_the_unit(
    make_league: MakeLeague, unit: str, low: float | None, high: float | None
) -> None:
    changes = (f"    unit: percent\n{BASIS}", f"    unit: {unit}\n{BASIS}")
    # Out of 10 nobody can have 75: a tenth is asked for.
    per = ("per: 100", "per: 10")
    league = make_league(changes, per)
    assert value_range(league, "waits") == ValueRange(low, high)


def test_a_range_has_no_end_where_somebody_is_beyond_it(make_league: MakeLeague) -> None:
    league = make_league()
    assert value_range(league, "waits") == ValueRange(0.0, 100.0)
    # AA4 and AA5 plan deficits.
    assert value_range(league, "surplus") == ValueRange(None, 100.0)
    ratio = make_league(("per: 100", "per: 200"))
    assert value_range(ratio, "waits") == ValueRange(0.0, None)


def test_a_published_score_has_the_range_of_the_scale(sample_kpis: League) -> None:
    assert value_range(sample_kpis, "inpatient_survey") == ValueRange(1.0, 4.0)
    steps = steps_of(sample_kpis, "RCX", "inpatient_survey", value=2.0, best=1.0)
    assert (steps.is_upwards, steps.last) == (False, 1)
    assert steps.values(numbers(1)).tolist() == [1.0]


def test_a_mean_of_months_has_no_counts_of_its_own(sample_kpis: League) -> None:
    # A month's minutes are no count of patients, whatever they were divided by.
    steps = steps_of(sample_kpis, "RX6", "ambulance_category_2", value=25.5, best=20.0)
    assert (steps.numerator, steps.denominator, steps.step) == (None, None, 0.01)
    assert steps.values(numbers(1)).tolist() == [25.49]


@pytest.fixture(scope="module")
def sample_kpis() -> League:
    return open_league(framework="headline-kpis", quarter="2025Q2").league


@pytest.mark.parametrize(
    ("limits", "within", "beyond"),
    [
        (ValueRange(0.0, 100.0), (0.0, 50.0, 100.0), (-0.001, 100.001)),
        (ValueRange(None, 100.0), (-1e9, 100.0), (101.0,)),
        (ValueRange(0.0, None), (0.0, 1e9), (-1.0,)),
        (ValueRange(None, None), (-1e9, 1e9), ()),
    ],
)
def test_a_range_includes_its_ends_and_no_infinity(
    limits: ValueRange, within: tuple[float, ...], beyond: tuple[float, ...]
) -> None:
    assert all(limits.includes(value) for value in within)
    for value in (*beyond, float("nan"), float("inf"), float("-inf")):
        assert not limits.includes(value)
