"""Find an organisation by its code or its name, and near misses by their spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl

from nhs_league.errors import UsageError

_NOISE: Final = frozenset({"nhs", "foundation", "trust", "the", "and", "of"})
_FUZZY_CUTOFF: Final = 80.0
_FUZZY_MARGIN: Final = 5.0
_LISTED: Final = 6


@dataclass(frozen=True)
class Match:
    """The organisation that was meant; ``note`` says how, where it was not by its own code."""

    org_code: str
    org_name: str
    note: str | None = None


def find_organisation(asked: str, organisations: pl.DataFrame) -> Match:
    """Find one organisation by code, by a predecessor's code, by name, or by a name much like it.

    ``organisations`` is under ``ORGANISATION_SCHEMA``. Raises ``UsageError`` that lists the
    candidates where several could be meant, and the nearest names where none could.
    """
    names: dict[str, str] = dict(organisations.select("org_code", "org_name").iter_rows())
    code = asked.strip().upper()
    if code in names:
        return Match(code, names[code])
    successors = organisations.explode("predecessor_codes").filter(
        pl.col("predecessor_codes") == code
    )
    if len(successors) > 1:
        now = _listed(successors["org_code"].to_list(), names)
        raise UsageError(f"{code} is now part of several trusts: {now}; give the code")
    if len(successors) == 1:
        successor = successors["org_code"].item()
        return Match(
            successor, names[successor], f"{code} is now part of {_label(successor, names)}"
        )
    candidates = _by_words(asked, names) or _by_likeness(asked, names)
    if len(candidates) == 1:
        found = candidates[0]
        return Match(found, names[found], f"{asked!r} is taken to mean {_label(found, names)}")
    if candidates:
        raise UsageError(
            f"{asked!r} could be {len(candidates)} trusts: {_listed(candidates, names)}; "
            "give the code"
        )
    close = _listed(_nearest_codes(asked, names), names)
    raise UsageError(f"there is no trust {asked!r}; the nearest are {close}")


def nearest(asked: str, known: Iterable[str], count: int = 3) -> list[str]:
    """List the known names most like the one asked for; the first few where none is alike."""
    import difflib

    options = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(asked.casefold(), options, n=count, cutoff=0.4)
    return [options[name] for name in close] or list(options.values())[:count]


def _by_words(asked: str, names: dict[str, str]) -> list[str]:
    """Find the names that hold every word asked for; a name that is nothing else wins alone."""
    wanted = _words(asked)
    if not wanted:
        return []
    exact = [code for code, name in names.items() if _words(name) == wanted]
    if len(exact) == 1:
        return exact
    return [code for code, name in names.items() if wanted <= _words(name)]


def _by_likeness(asked: str, names: dict[str, str]) -> list[str]:
    """Find the names whose words are most like those asked for, each word at its best."""
    from rapidfuzz import fuzz, process

    wanted = _words(asked)
    likeness = {}
    for code, name in names.items():
        words = list(_words(name))
        if not words:
            continue
        found = [process.extractOne(word, words, scorer=fuzz.ratio) for word in wanted]
        likeness[code] = sum(match[1] for match in found) / max(len(found), 1)
    close = {code: score for code, score in likeness.items() if score >= _FUZZY_CUTOFF}
    best = max(close.values(), default=0.0)
    ordered = sorted(close, key=lambda code: (-close[code], code))
    return [code for code in ordered if close[code] >= best - _FUZZY_MARGIN]


def _nearest_codes(asked: str, names: dict[str, str]) -> list[str]:
    """List the codes that begin as the one asked for, then the names most like it."""
    from rapidfuzz import fuzz, process

    start = asked.strip().upper()[:2]
    by_code = sorted(code for code in names if len(start) == 2 and code.startswith(start))
    by_name = [code for _, _, code in process.extract(asked, names, scorer=fuzz.WRatio, limit=3)]
    others = [code for code in by_name if code not in by_code]
    return by_code + others[: max(0, 3 - len(by_code))]


def _words(text: str) -> frozenset[str]:
    plain = re.sub(r"['\u2019]", "", text.casefold())
    return frozenset(re.findall(r"[^\W_]+", plain)) - _NOISE


def _listed(codes: list[str], names: dict[str, str]) -> str:
    shown = "; ".join(_label(code, names) for code in codes[:_LISTED])
    more = len(codes) - _LISTED
    return f"{shown}; and {more} more" if more > 0 else shown


def _label(code: str, names: dict[str, str]) -> str:
    return f"{names[code]} ({code})"
