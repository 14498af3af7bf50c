"""How many cases a fuzz test runs: few and the same on every run, or as many as are asked for.

``NHS_LEAGUE_FUZZ_EXAMPLES`` asks for so many of each test, drawn anew every time.
"""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

VARIABLE: Final = "NHS_LEAGUE_FUZZ_EXAMPLES"
ASKED: Final = int(os.environ.get(VARIABLE) or 0)
"""How many cases of each test are asked for; none in the normal run of the tests."""

CASES: Final[Counter[str]] = Counter()
"""The cases that each test has run so far in this process."""

_TOO_LONG: Final = timedelta(minutes=1)
"""A case that takes longer is a find in itself, where many are asked for."""


def fuzzed(examples: int, **drawn: SearchStrategy[Any]) -> Callable[[Any], Any]:
    """Run a test on so many cases, or on as many as are asked for, and count them."""

    def decorate(test: Callable[..., None]) -> Any:
        @functools.wraps(test)
        def counted(*arguments: Any, **named: Any) -> None:
            CASES[test.__name__] += 1
            test(*arguments, **named)

        return settings(
            max_examples=ASKED or examples,
            derandomize=not ASKED,
            database=None,
            deadline=_TOO_LONG if ASKED else None,
            suppress_health_check=list(HealthCheck),
        )(given(**drawn)(counted))

    return decorate
