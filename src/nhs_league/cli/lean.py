"""Keep Typer from importing and building what a command line does not use.

Typer checks the value of every option by a Pydantic adapter, also of those that nobody gave, and
cleans help texts by Rich. Help and completion need neither, and a command few of the adapters. A
Typer that works otherwise than expected here is not disturbed: it is then merely slower.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import typer

_COMPLETION_VARIABLE = "_NHS_LEAGUE_COMPLETE"


def lean_command(app: typer.Typer) -> Any:
    """Build the command, with adapters only for the options that are given."""
    command: Any = typer.main.get_command(app)
    root = typer.Context(command, **command.context_settings)
    contexts = [root, *(typer.Context(each, parent=root) for each in command.commands.values())]
    for context in contexts:
        for parameter in context.command.get_params(context):
            parameter._runtime_param = _WhenGiven()  # type: ignore[attr-defined]
    if _COMPLETION_VARIABLE in os.environ:
        # Typer looks for Rich before it cleans help texts of Rich's markup; there is none in ours.
        sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
    return command


class _WhenGiven:
    """Leave an option that was not given alone, and have Typer check any other."""

    def coerce(self, value: Any, *, param: Any, ctx: Any) -> Any:
        """Check a value that was given."""
        if value is None or ctx.resilient_parsing:
            return value
        param._runtime_param = None
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)
