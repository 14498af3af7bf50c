"""The colours and letters of the pictures.

Every colour stands out from white by 4.5 to 1 or more, but for the faint ones, which carry nothing
that is not told otherwise. The stylesheet gives each its match on a dark page.
"""

from __future__ import annotations

from typing import Any, Final

INK: Final = "#16202a"
MUTED: Final = "#55636f"
FAINT: Final = "#b9c3cc"
ACCENT: Final = "#00508c"
PAPER: Final = "#ffffff"

DIAMOND: Final[dict[str, Any]] = {
    "filled": True,
    "shape": "diamond",
    "color": ACCENT,
    "stroke": PAPER,
    "opacity": 1,
}
"""The mark of the organisation in question."""

SEGMENTS: Final = ("#00695c", "#3366b0", "#8f5d00", "#a3262a")
"""From the best segment to the worst; those of a framework with more share the last."""

FONT: Final = "sans-serif"
SIZE: Final = 12


def segment_colour(segment: int | None) -> str:
    """Give the colour of a segment; that of none is muted."""
    return MUTED if segment is None else SEGMENTS[min(segment, len(SEGMENTS)) - 1]
