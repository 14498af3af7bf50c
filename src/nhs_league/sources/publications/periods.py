"""Read periods as publications write them: ``MSitAE-JUNE-2025``, ``30/06/2025``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nhs_league.period import InvalidPeriodError, Period
from nhs_league.quarter import MONTH_NAMES, InvalidQuarterError, Quarter
from nhs_league.sources.specs.model import pattern_expression

_PARTS: Final = {
    "year": "[0-9]{4}|[0-9]{2}",
    "month": "[A-Za-z]+|[0-9]{1,2}",
    "day": "[0-9]{1,2}",
    "quarter": ".+?",
}
_CENTURY: Final = 2000


def read_period(text: str, formats: Iterable[str]) -> Period:
    """Read a period by the first format that gives one; case and extra spaces do not matter.

    Raises ``InvalidPeriodError`` with what was expected.
    """
    listed = list(formats)
    cleaned = " ".join(text.split())
    problem = None
    for pattern in listed:
        if match := pattern_expression(pattern, _PARTS).fullmatch(cleaned):
            try:
                return _period(cleaned, match.groupdict())
            except InvalidPeriodError as error:
                problem = problem or error
    if problem is not None and len(listed) == 1:
        raise problem
    raise InvalidPeriodError(f"{text!r} is not a period; expected {' or '.join(listed)}")


def read_year_and_month(year: str, month: str) -> Period:
    """Read the period of a year and a month that stand in columns of their own."""
    return read_period(f"{year.strip()} {month.strip()}", ["{year} {month}"])


def _period(text: str, parts: dict[str, str]) -> Period:
    if "quarter" in parts:
        try:
            return Period.of_quarter(Quarter.parse(parts["quarter"]))
        except InvalidQuarterError as error:
            raise InvalidPeriodError(error.message) from error
    year = int(parts["year"])
    year += _CENTURY if len(parts["year"]) == 2 else 0
    if not 1 <= int(parts.get("day", 1)) <= 31:
        raise InvalidPeriodError(f"{text!r} has no such day")
    return Period.parse(f"{year:04d}-{_month_number(text, parts['month']):02d}")


def _month_number(text: str, month: str) -> int:
    """Read a month by number, English name or the first three letters of one."""
    if month.isdigit():
        return int(month)
    for number, name in enumerate(MONTH_NAMES, start=1):
        if month.casefold() in (name.casefold(), name[:3].casefold(), name[:4].casefold()):
            return number
    raise InvalidPeriodError(f"{text!r} has no such month")
