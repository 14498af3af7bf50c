"""Figures and phrases as text."""

from __future__ import annotations

import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.presentation.text import (
    count,
    group_noun,
    number,
    percent,
    plural,
    quantity,
    rounded,
    span,
    whole,
)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (None, 2, "-"),
        (0.0, 2, "0.00"),
        (-0.0, 2, "0.00"),
        (-0.004, 2, "0.00"),
        (-0.005, 2, "-0.01"),
        (0.005, 2, "0.01"),
        (2.005, 2, "2.01"),
        (2.675, 2, "2.68"),
        (1.005, 2, "1.01"),
        (0.5, 0, "1"),
        (1.5, 0, "2"),
        (2.5, 0, "3"),
        (-2.5, 0, "-3"),
        (-0.4, 0, "0"),
        (1234567.891, 1, "1,234,567.9"),
        (-1234.5, 0, "-1,235"),
        (99.995, 2, "100.00"),
        (3, 2, "3.00"),
    ],
)
def test_number_rounds_halves_away_from_zero_and_knows_no_negative_zero(
    value: float | None, decimals: int, text: str
) -> None:
    assert number(value, decimals) == text


@given(st.decimals("-1000", "1000", places=4), st.integers(0, 3))
def test_number_rounds_as_arithmetic_by_hand_does(value: decimal.Decimal, decimals: int) -> None:
    step = decimal.Decimal(1).scaleb(-decimals)
    by_hand = value.quantize(step, decimal.ROUND_HALF_UP)
    expected = f"{by_hand:,.{decimals}f}" if by_hand else f"{decimal.Decimal(0):.{decimals}f}"
    assert number(float(value), decimals) == expected


def test_rounded_takes_the_noise_below_a_half_for_the_half() -> None:
    assert rounded(0.285, 2) == 0.29
    assert rounded(2.4949999999999997, 2) == 2.5
    assert rounded(2.4949, 2) == 2.49


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0.0, "0"),
        (21210.0, "21,210"),
        (52.5, "52.5"),
        (1234.25, "1,234.25"),
        (0.1 + 0.2, "0.3"),
        (39999.000000001, "39,999"),
    ],
)
def test_count_shows_half_a_patient_and_no_needless_decimal(value: float | None, text: str) -> None:
    assert count(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (63.8123, "percent", 1, "63.8%"),
        (63.8, "%", 2, "63.80%"),
        (-7.26, "percent", 2, "-7.26%"),
        (28.44, "minutes", 1, "28.4 minutes"),
        (6.4, "out of 10", 2, "6.40 out of 10"),
        (3.0, "score", 0, "3"),
        (3.0, None, 0, "3"),
        (None, "percent", 2, "-"),
    ],
)
def test_quantity_carries_its_unit(
    value: float | None, unit: str | None, decimals: int, text: str
) -> None:
    assert quantity(value, unit, decimals) == text


def test_whole_is_a_number_or_a_dash() -> None:
    assert (whole(None), whole(0), whole(134)) == ("-", "0", "134")


def test_plural_counts() -> None:
    assert [plural(n, "metric") for n in (0, 1, 2, 1000)] == [
        "0 metrics",
        "1 metric",
        "2 metrics",
        "1,000 metrics",
    ]


@pytest.mark.parametrize(
    ("group", "noun"),
    [
        ("Acute trust", "acute trusts"),
        ("Mental health and community trust", "mental health and community trusts"),
        ("GP practices", "GP practices"),
        ("Ambulance trusts", "ambulance trusts"),
        ("Trust", "trusts"),
        ("ICB", "organisations in ICB"),
        ("London", "organisations in London"),
        ("Midlands", "organisations in Midlands"),
        ("North East and Yorkshire", "organisations in North East and Yorkshire"),
        ("Other", "organisations in Other"),
        ("A", "organisations in A"),
        ("-", "organisations without a peer group"),
    ],
)
def test_group_noun_reads_within_a_sentence(group: str, noun: str) -> None:
    assert group_noun(group) == noun


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0.0%"),
        (0.0001, "<0.1%"),
        (0.00049, "<0.1%"),
        (0.0005, "0.1%"),
        (0.125, "12.5%"),
        (0.9994, "99.9%"),
        (0.9995, ">99.9%"),
        (0.9999, ">99.9%"),
        (1.0, "100.0%"),
    ],
)
def test_a_share_looks_like_none_or_all_only_where_it_is(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("low", "high", "decimals", "text"),
    [(1.2, 1.885, 2, "1.20 to 1.89"), (1, 11, 0, "1 to 11"), (None, 2, 2, "-"), (1, None, 0, "-")],
)
def test_a_range_reads_as_publishers_write_it(
    low: float | None, high: float | None, decimals: int, text: str
) -> None:
    assert span(low, high, decimals) == text
