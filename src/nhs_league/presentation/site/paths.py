"""Where the pages of a site stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nhs_league.league import League
from nhs_league.scoring import columns

_RESERVED = re.compile("(con|prn|aux|nul|(com|lpt)[0-9])", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever ends them."""


@dataclass(frozen=True)
class Paths:
    """The page of each group that is ranked together, each organisation and each metric."""

    groups: Mapping[str, str]
    trusts: Mapping[str, str]
    metrics: Mapping[str, str]

    @classmethod
    def of(cls, league: League, groups: Iterable[str]) -> Paths:
        """Name the pages; names differ by more than capitals, which some file systems ignore."""
        codes = {*league.standings[columns.ORG_CODE], *league.organisations[columns.ORG_CODE]}
        return cls(
            _named(groups, "tables"),
            _named(sorted(codes), "trusts"),
            _named(league.framework.metrics, "metrics"),
        )


def _named(things: Iterable[str], folder: str) -> Mapping[str, str]:
    taken: set[str] = set()
    paths = {}
    for thing in things:
        stem = _slug(thing)
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        paths[thing] = f"{folder}/{name}.html"
    return MappingProxyType(paths)


def _slug(text: str) -> str:
    """Keep the letters and digits that every file system and web server takes as they are."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")[:80] or "page"
    return f"{slug}-page" if _RESERVED.fullmatch(slug) else slug
