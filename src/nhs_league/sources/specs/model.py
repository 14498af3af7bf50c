"""A source spec: how a publication is recognised, and where its figures stand. Data, not code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
)

from nhs_league.framework.base import FrameworkPart, Identifier, Text

Encoding = Literal["utf-8", "cp1252", "iso-8859-1"]
Reason = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
"""Why rows are left out, as the account of a file names it: ``total``, ``other_provider``."""

PERIOD_PARTS: Final = ("year", "month", "day", "quarter")
BAND_PARTS: Final = ("from", "to")
_PART: Final = re.compile(r"\{([^{}]*)\}")


def parts_of(pattern: str) -> list[str]:
    """List the names in braces of a pattern, in their order."""
    return _PART.findall(pattern)


def pattern_expression(pattern: str, parts: Mapping[str, str]) -> re.Pattern[str]:
    """Compile a pattern: its parts are groups that fit what ``parts`` say, the rest in any case."""
    texts = re.split(rf"\{{({'|'.join(parts)})\}}", " ".join(pattern.split()))
    return re.compile(
        "".join(
            f"(?P<{text}>{parts[text]})" if at % 2 else re.escape(text)
            for at, text in enumerate(texts)
        ),
        re.IGNORECASE,
    )


def _pattern_of(*known: str) -> AfterValidator:
    def check(pattern: str) -> str:
        found = parts_of(pattern)
        strange = [part for part in found if part not in known]
        if strange or re.search(r"[{}]", _PART.sub("", pattern)):
            listed = ", ".join(f"{{{part}}}" for part in known)
            raise ValueError(f"the parts of a pattern are {listed}")
        if len(set(found)) < len(found):
            raise ValueError("a part stands twice in the pattern")
        return pattern

    return AfterValidator(check)


def _stated_once(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise ValueError("a value stands twice in the list")
    return values


Texts = Annotated[tuple[Text, ...], Field(strict=False, min_length=1), AfterValidator(_stated_once)]


class Rule(FrameworkPart):
    """A condition on a row: a column holds one of the values, whatever capitals and spaces.

    An empty value stands for a blank cell.
    """

    column: Text
    values: Annotated[
        tuple[str, ...], Field(strict=False, min_length=1), AfterValidator(_stated_once)
    ]


class LeftOut(Rule):
    """Rows that are not read, and the reason by which they are accounted for."""

    reason: Reason


class Kept(Rule):
    """The only rows that are read; the others are accounted for by a reason."""

    otherwise: Reason = "filtered"


class Bands(FrameworkPart):
    """Columns of a range each, such as weeks waited: from ``at_least`` on and up to ``below``.

    A pattern is a header with ``{from}`` and ``{to}`` for the ends of its range; one without
    ``{to}`` has no end. The columns must follow each other without a gap.
    """

    bands: Annotated[
        tuple[Annotated[Text, _pattern_of(*BAND_PARTS)], ...], Field(strict=False, min_length=1)
    ]
    at_least: Annotated[int, Field(ge=0)] | None = None
    below: Annotated[int, Field(ge=1)] | None = None


def _kind_of_term(stated: object) -> str:
    """Give a tag that is the name of no field, so that none is taken for it in messages."""
    return "of bands" if isinstance(stated, dict | Bands) else "of a column"


Term = Annotated[
    Annotated[Text, Tag("of a column")] | Annotated[Bands, Tag("of bands")],
    Discriminator(_kind_of_term),
]
Terms = Annotated[tuple[Term, ...], Field(strict=False)]


class Quantity(FrameworkPart):
    """A sum of columns less others, row by row and then over an organisation's rows."""

    add: Annotated[Terms, Field(min_length=1)]
    subtract: Terms = ()


class SourceMetric(FrameworkPart):
    """How a metric comes out of a publication: a numerator and denominator, or a value.

    A value may have a denominator beside it, by which months are weighted.
    """

    title: Text
    unit: Text
    where: Annotated[tuple[Rule, ...], Field(strict=False)] = ()
    numerator: Quantity | None = None
    denominator: Quantity | None = None
    value: Text | None = None
    note: Text | None = None


class Recognition(FrameworkPart):
    """What tells the publication from others: headers that it has, and the name of its sheet.

    The header may follow a preamble of up to so many rows.
    """

    columns: Texts
    sheet: Text | None = None
    preamble_rows: Annotated[int, Field(ge=0, le=40)] = 20


class OrganisationPlace(FrameworkPart):
    """Where the organisation's ODS code stands.

    Rows of organisations that are not ranked are accounted for by the first of ``kinds`` that they
    are of, or else by ``others``; trusts of the types in ``expected_of`` that have no row are
    reported as missing. Where each organisation has ``one`` row for a period, a second is an error.
    """

    column: Text
    rows: Literal["one", "several"] = "several"
    others: Reason = "other_organisation"
    kinds: Annotated[tuple[LeftOut, ...], Field(strict=False)] = ()
    expected_of: Annotated[tuple[Text, ...], Field(strict=False)] = ()


class PeriodPlace(FrameworkPart):
    """Where the period stands: in one column under given formats, or as a year and a month.

    A format is what a cell holds with ``{year}``, ``{month}`` (a number or an English name),
    ``{day}`` and ``{quarter}`` for its parts.
    """

    column: Text | None = None
    formats: Annotated[
        tuple[Annotated[Text, _pattern_of(*PERIOD_PARTS)], ...], Field(strict=False)
    ] = ()
    year: Text | None = None
    month: Text | None = None


class _SourceBase(FrameworkPart):
    """What every source spec states."""

    id: Identifier
    title: Text
    publisher: Text | None = None
    licence: Text | None = None
    url: Text | None = None
    description: Text | None = None


def _known_layout(stated: object) -> object:
    if stated not in ("publication", "tidy"):
        raise ValueError("the layout is publication or tidy")
    return stated


class Publication(_SourceBase):
    """A publication with a row for each organisation, or several, and columns of figures."""

    layout: Annotated[Literal["publication"], BeforeValidator(_known_layout)]
    recognise: Recognition
    encodings: Annotated[tuple[Encoding, ...], Field(strict=False, min_length=1)] = (
        "utf-8",
        "cp1252",
    )
    organisation: OrganisationPlace
    period: PeriodPlace
    leave_out: Annotated[tuple[LeftOut, ...], Field(strict=False)] = ()
    keep: Annotated[tuple[Kept, ...], Field(strict=False)] = ()
    metrics: Annotated[dict[Identifier, SourceMetric], Field(min_length=1)]
    revised: Texts = ("revised",)
    """Words in a file's name by which it replaces the first edition of its months."""


TidyColumn = Literal[
    "org_code",
    "period",
    "in_force_from",
    "in_force_to",
    "metric_id",
    "value",
    "numerator",
    "denominator",
    "status",
    "unit",
    "published_rank",
]


class Tidy(_SourceBase):
    """Tables with a row for each organisation and period, and a metric in a row or a column.

    ``columns`` gives the headers that are read as each column, ``not_used`` those that describe a
    row and hold no figure; capitals do not matter, and spaces are underscores.
    """

    layout: Literal["tidy"]
    columns: dict[TidyColumn, Texts]
    not_used: Annotated[tuple[Text, ...], Field(strict=False)] = ()


Source = Publication | Tidy
"""A source spec of either layout."""


def model_of(stated: object) -> type[Source]:
    """Give the model of a spec by the layout that it states."""
    is_tidy = isinstance(stated, dict) and stated.get("layout") == "tidy"
    return Tidy if is_tidy else Publication
