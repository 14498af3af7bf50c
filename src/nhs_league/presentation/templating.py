"""HTML pages out of templates: the only place that knows Jinja2."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from nhs_league.errors import UsageError

if TYPE_CHECKING:
    from jinja2 import Environment


def require_jinja() -> None:
    """See that pages can be rendered. Raises ``UsageError`` where the extra is missing."""
    _environment()


def render_template(name: str, context: Mapping[str, Any]) -> str:
    """Fill a template in; every text is escaped unless it is stated to be markup.

    Raises ``UsageError`` where the extra ``report`` is not installed.
    """
    return _environment().get_template(name).render(context)


def asset(name: str) -> str:
    """Read a stylesheet or a script."""
    return (files("nhs_league.presentation") / "assets" / name).read_text("utf-8")


@functools.cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        raise UsageError(
            "pages need Jinja2: install nhs-league with the extra report, nhs-league[report]"
        ) from error
    return Environment(
        loader=PackageLoader("nhs_league.presentation", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
