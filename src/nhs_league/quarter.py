"""Calendar quarters, in the spellings that the NHS uses for them.

The NHS year starts in April, so ``2025Q2`` (April to June 2025) is "Q1 2025/26".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from nhs_league.errors import UsageError

MONTH_NAMES: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

FIRST_YEAR: Final = 1001
LAST_YEAR: Final = 9998

_CALENDAR = re.compile(r"(?P<year>[0-9]{4})-?Q(?P<number>[0-9])", re.IGNORECASE)
_NHS_YEAR = r"(?P<year>[0-9]{4})[/-](?P<end>[0-9]{4}|[0-9]{2})"
_NHS = (
    re.compile(rf"Q(?P<number>[0-9])[\s,]*{_NHS_YEAR}", re.IGNORECASE),
    re.compile(rf"{_NHS_YEAR}[\s,-]*Q(?P<number>[0-9])", re.IGNORECASE),
)
_AMBIGUOUS = (
    re.compile(r"Q(?P<number>[1-4])[\s,/-]*(?P<year>[0-9]{4})", re.IGNORECASE),
    re.compile(r"(?P<year>[0-9]{4})[\s,/]+Q(?P<number>[1-4])", re.IGNORECASE),
)
_EXPECTED = "a calendar quarter such as 2025Q2, or an NHS quarter such as 'Q1 2025/26'"


class InvalidQuarterError(UsageError):
    """A text is not a quarter, or could mean two."""


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """A calendar quarter. ``Quarter(2025, 2)`` is April to June 2025, the NHS's Q1 2025/26."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if self.number not in (1, 2, 3, 4):
            raise InvalidQuarterError(f"there is no quarter {self.number}: quarters are 1 to 4")
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise InvalidQuarterError(
                f"{self.year} is not a year between {FIRST_YEAR} and {LAST_YEAR}"
            )

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """Read ``2025Q2``, ``2025-Q2``, ``Q1 2025/26``, ``2025/26 Q1`` or ``2025-26Q1``.

        Raises ``InvalidQuarterError`` for anything else; for ``Q1 2025``, which could be the
        calendar's or the NHS's, the message shows both spellings.
        """
        cleaned = " ".join(text.split())
        if match := _CALENDAR.fullmatch(cleaned):
            return cls(int(match["year"]), int(match["number"]))
        for pattern in _NHS:
            if match := pattern.fullmatch(cleaned):
                return cls._from_nhs(
                    cleaned, int(match["year"]), match["end"], int(match["number"])
                )
        for pattern in _AMBIGUOUS:
            if match := pattern.fullmatch(cleaned):
                raise InvalidQuarterError(_both_readings(cleaned, match))
        raise InvalidQuarterError(f"{text!r} is not a quarter; expected {_EXPECTED}")

    @classmethod
    def _from_nhs(cls, text: str, year: int, end: str, number: int) -> Quarter:
        following = str(year + 1)
        if end not in (following, following[-2:]):
            raise InvalidQuarterError(
                f"{text!r} is not an NHS year: {year} is followed by {following[-2:]}, not {end}"
            )
        if number not in (1, 2, 3, 4):
            raise InvalidQuarterError(f"there is no quarter {number}: quarters are 1 to 4")
        return cls(year, number + 1) if number < 4 else cls(year + 1, 1)

    @classmethod
    def of_month(cls, month: int) -> Quarter:
        """Find the quarter of a month counted from year 0 (``12 * year + month - 1``)."""
        return cls(month // 12, month % 12 // 3 + 1)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    def __add__(self, steps: int) -> Quarter:
        index = 4 * self.year + self.number - 1 + steps
        return Quarter(index // 4, index % 4 + 1)

    def __sub__(self, steps: int) -> Quarter:
        return self + -steps

    @property
    def nhs_label(self) -> str:
        """Spell it as the NHS does: ``Q1 2025/26``."""
        year, number = (self.year, self.number - 1) if self.number > 1 else (self.year - 1, 4)
        return f"Q{number} {year}/{(year + 1) % 100:02d}"

    @property
    def long_label(self) -> str:
        """Spell it for people: ``April to June 2025 (Q1 2025/26)``."""
        first, last = 3 * self.number - 3, 3 * self.number - 1
        return f"{MONTH_NAMES[first]} to {MONTH_NAMES[last]} {self.year} ({self.nhs_label})"

    @property
    def first_month(self) -> int:
        """Count the quarter's first month from year 0: ``12 * year + month - 1``."""
        return 12 * self.year + 3 * (self.number - 1)

    @property
    def last_month(self) -> int:
        """Count the quarter's last month from year 0."""
        return self.first_month + 2

    @property
    def months(self) -> tuple[str, str, str]:
        """List its months as ``2025-04``."""
        first, second, third = (month_text(self.first_month + step) for step in range(3))
        return first, second, third


def month_text(month: int) -> str:
    """Write a month counted from year 0 as ``2025-04``."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def month_label(month: int) -> str:
    """Write a month counted from year 0 as ``April 2025``."""
    return f"{MONTH_NAMES[month % 12]} {month // 12}"


def _both_readings(text: str, match: re.Match[str]) -> str:
    year, number = int(match["year"]), int(match["number"])
    calendar = Quarter(year, number)
    nhs = Quarter(year, number + 1) if number < 4 else Quarter(year + 1, 1)
    return (
        f"{text!r} could be two quarters: write {calendar} for {calendar.long_label}, "
        f"or '{nhs.nhs_label}' for {nhs.long_label}"
    )
