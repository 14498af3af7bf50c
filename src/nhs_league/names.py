"""Find an organisation by its code, its name or its town, and near misses by their spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl

from nhs_league.errors import UsageError
from nhs_league.quarter import Quarter
from nhs_league.successions import date_label, last_successors

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


@dataclass(frozen=True)
class _Closed:
    """An organisation that closed, and the one of the register that it is part of."""

    org_name: str | None
    closed_on: str
    successor_code: str


def find_organisation(
    asked: str,
    organisations: pl.DataFrame,
    *,
    successions: pl.DataFrame | None = None,
    quarter: Quarter | None = None,
) -> Match:
    """Find one organisation: by code, a predecessor's code, name, town, or a name much like it.

    ``organisations`` is under ``ORGANISATION_SCHEMA``, though ``towns`` may be absent, and
    ``successions`` under ``SUCCESSION_SCHEMA``. One that closed is followed to its successor, by
    code or by name: it has closed if the successor stands by the first month of the ``quarter``,
    or if it is not in the register. Raises ``UsageError`` that lists the candidates where several
    could be meant, and the nearest names where none could.
    """
    names: dict[str, str] = dict(organisations.select("org_code", "org_name").iter_rows())
    closed = {} if successions is None else _closed(names, successions, quarter)
    code = asked.strip().upper()
    if code in closed:
        return _succeeded(code, closed[code], names)
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
    return _find_by_name(asked, names, closed, organisations)


def _find_by_name(
    asked: str, names: dict[str, str], closed: dict[str, _Closed], organisations: pl.DataFrame
) -> Match:
    """Find one organisation by its words, then a closed one, then by towns, then by likeness."""
    current = {code: name for code, name in names.items() if code not in closed}
    former = {code: one.org_name for code, one in closed.items() if one.org_name}
    every = current | former
    by_name = _by_words(asked, current) or _by_words(asked, former)
    # A town spelt in full is surer than a name that is only much like it: Burnley is not Barnsley.
    by_town = [] if by_name else _by_town(asked, organisations, current, former)
    candidates = by_name or by_town or _by_likeness(asked, current)
    if len(candidates) > 1:
        raise UsageError(
            f"{asked!r} could be {len(candidates)} trusts: {_listed(candidates, every)}; "
            "give the code"
        )
    if not candidates:
        close = _listed(_nearest_codes(asked, current), current)
        raise UsageError(f"there is no trust {asked!r}; the nearest are {close}")
    found = candidates[0]
    if found in closed:
        return _succeeded(_label(found, former), closed[found], names)
    how = ", by its towns" if by_town else ""
    return Match(found, names[found], f"{asked!r} is taken to mean {_label(found, names)}{how}")


def _closed(
    names: dict[str, str], successions: pl.DataFrame, quarter: Quarter | None
) -> dict[str, _Closed]:
    """Say for each code that no longer stands which of the register's does.

    A succession that leads out of the register is of no use here.
    """
    has_closed = ~pl.col("org_code").is_in(list(names))
    if quarter is not None:
        has_closed = has_closed | (pl.col("from_month") <= quarter.first_month)
    closed = successions.filter(has_closed)
    last = last_successors(closed)
    found = {}
    for row in closed.iter_rows(named=True):
        code, successor = row["org_code"], last[row["org_code"]]
        if successor in names:
            name = row["org_name"] or names.get(code)
            found[code] = _Closed(name, date_label(row["succeeded_on"]), successor)
    return found


def _succeeded(asked: str, closed: _Closed, names: dict[str, str]) -> Match:
    successor = closed.successor_code
    note = f"{asked} closed on {closed.closed_on} and is now part of {_label(successor, names)}"
    return Match(successor, names[successor], note)


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


def _by_town(
    asked: str, organisations: pl.DataFrame, current: dict[str, str], former: dict[str, str]
) -> list[str]:
    """Find those with the very town asked for: the current ones, or else the closed ones."""
    wanted = _words(asked)
    if not wanted or "towns" not in organisations.columns:
        return []
    found = [
        code
        for code, towns in organisations.select("org_code", "towns").iter_rows()
        if any(_words(town) == wanted for town in towns or ())
    ]
    return [code for code in found if code in current] or [code for code in found if code in former]


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
