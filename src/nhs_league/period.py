"""The period that a figure is for: a month, a quarter, or the quarters an edition is in force."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nhs_league.quarter import (
    FIRST_YEAR,
    LAST_YEAR,
    InvalidQuarterError,
    Quarter,
    month_label,
    month_text,
)

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
PERIOD_FORMS = "a month (2025-04), a quarter (2025Q2 or Q1 2025/26) or a range (2025Q2 to 2026Q1)"


class InvalidPeriodError(ValueError):
    """A text is no period."""


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """A run of whole months, both included, counted from year 0: ``12 * year + month - 1``."""

    first_month: int
    last_month: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2025-04``, any spelling of a quarter, or two of either joined by `` to ``.

        Raises ``InvalidPeriodError`` with what was expected.
        """
        first, joined, last = (part.strip() for part in text.partition(" to "))
        start = cls._parse_one(first)
        end = cls._parse_one(last) if joined else start
        if end.last_month < start.first_month:
            raise InvalidPeriodError(f"{text!r} ends before it begins")
        return cls(start.first_month, end.last_month)

    @classmethod
    def _parse_one(cls, text: str) -> Period:
        if match := _MONTH.fullmatch(text):
            year, month = int(match[1]), int(match[2])
            if not 1 <= month <= 12:
                raise InvalidPeriodError(f"{text!r} has no such month")
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise InvalidPeriodError(
                    f"{text!r} is not between the years {FIRST_YEAR} and {LAST_YEAR}"
                )
            return cls(12 * year + month - 1, 12 * year + month - 1)
        try:
            return cls.of_quarter(Quarter.parse(text))
        except InvalidQuarterError as error:
            reason = (
                error.message if "could be two" in error.message else f"expected {PERIOD_FORMS}"
            )
            raise InvalidPeriodError(f"{text!r} is not a period; {reason}") from error

    @classmethod
    def of_quarter(cls, quarter: Quarter) -> Period:
        """Give a quarter's three months."""
        return cls(quarter.first_month, quarter.last_month)

    @property
    def is_month(self) -> bool:
        """Say whether the period is a single month."""
        return self.first_month == self.last_month

    def __str__(self) -> str:
        if self.is_month:
            return month_text(self.first_month)
        first, last = Quarter.of_month(self.first_month), Quarter.of_month(self.last_month)
        if self.first_month != first.first_month or self.last_month != last.last_month:
            return f"{month_text(self.first_month)} to {month_text(self.last_month)}"
        return str(first) if first == last else f"{first} to {last}"

    @property
    def label(self) -> str:
        """Spell it for people: ``April 2025``, ``2025Q2``, ``2025Q2 to 2026Q1``."""
        return month_label(self.first_month) if self.is_month else str(self)
