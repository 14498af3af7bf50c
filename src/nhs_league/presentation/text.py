"""Figures and phrases as text, in one place: the same number reads the same in every layout."""

from __future__ import annotations

NOTHING = "-"
_UNSAID = (None, "score", "count", "rate")
"""Units that say nothing after a number."""


def number(value: float | None, decimals: int = 2) -> str:
    """Write a number with its decimals and thousands separators; a dash where there is none."""
    if value is None:
        return NOTHING
    text = f"{rounded(value, decimals):,.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


def rounded(value: float, decimals: int) -> float:
    """Round half away from zero, as the framework's scores are."""
    factor = 10.0**decimals
    magnitude = int(abs(value) * factor + 0.5 + 1e-9 * factor) / factor
    return magnitude if value >= 0 else -magnitude


def count(value: float | None) -> str:
    """Write a count, which can be a half, without needless decimals."""
    if value is None:
        return NOTHING
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def whole(value: int | None) -> str:
    """Write a rank or a segment; a dash where there is none."""
    return NOTHING if value is None else str(value)


def span(low: float | None, high: float | None, decimals: int = 2) -> str:
    """Write a range as publishers do, ``1.20 to 1.89``; a dash where there is none."""
    return (
        NOTHING
        if low is None or high is None
        else f"{number(low, decimals)} to {number(high, decimals)}"
    )


def quantity(value: float | None, unit: str | None, decimals: int = 2) -> str:
    """Write a value with its unit: ``63.8%``, ``28.4 minutes``, ``6.40 out of 10``."""
    text = number(value, decimals)
    if value is None or unit in _UNSAID:
        return text
    return f"{text}%" if unit in ("percent", "%") else f"{text} {unit}"


def percent(share: float) -> str:
    """Write a share as a percentage; one that is nearly none or all does not look like it."""
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{number(100 * share, 1)}%"


def plural(amount: int, noun: str) -> str:
    """Write ``1 metric`` or ``2 metrics``."""
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def counted(amount: int, nouns: str) -> str:
    """Write ``134 acute trusts``; of one alone, whose noun has no singular, ``1 of the trusts``."""
    return f"1 of the {nouns}" if amount == 1 else f"{amount:,} {nouns}"


def capitalised(text: str) -> str:
    """Begin a sentence or a heading with a text."""
    return text[:1].upper() + text[1:]


def group_noun(peer_group: str) -> str:
    """Write a peer group within a sentence: ``acute trusts``, ``organisations in London``.

    A name that ends in a plural noun stays. Any other names a place or a heading, as ``Midlands``
    and ``Other`` do, which has no plural.
    """
    if peer_group == NOTHING:
        return "organisations without a peer group"
    text = peer_group[:1].lower() + peer_group[1:] if peer_group[1:2].islower() else peer_group
    last = text.split()[-1:] or [""]
    if last[0] == "trust":
        return f"{text}s"
    is_plural = last[0].islower() and last[0].endswith("s")
    if is_plural and (last[0] == "trusts" or " " in text):
        return text
    return f"organisations in {peer_group}"
