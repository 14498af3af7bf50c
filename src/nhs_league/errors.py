"""The errors that this library raises on purpose; anything else that leaves it is a bug."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nhs_league.findings import Finding


class NhsLeagueError(Exception):
    """Say what is wrong, with the findings that locate it.

    ``findings`` holds every problem met, not only the first.
    """

    def __init__(self, message: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.findings: Sequence[Finding] = tuple(findings)


class UsageError(NhsLeagueError):
    """The caller asked for something that does not exist or cannot be combined."""


class FrameworkError(NhsLeagueError):
    """A framework file is unreadable or breaks the framework rules."""


class SourceError(NhsLeagueError):
    """A source spec is unreadable or breaks the rules of source specs."""


class ScenarioError(NhsLeagueError):
    """A scenario file is unreadable, breaks its rules or asks for what cannot be changed."""


class DataError(NhsLeagueError):
    """A data file is missing, unreadable or holds impossible figures."""


class OutputError(NhsLeagueError):
    """A result could not be written; nothing half-written is left behind."""
