"""What each field of a source spec means; a field without a meaning stops the generator."""

from __future__ import annotations

from typing import Final

COMMON: Final = {
    "id": "What results call it. The id of a shipped spec puts yours in its place.",
    "title": "What lists call it.",
    "publisher": "Who publishes it.",
    "licence": "Under which licence.",
    "url": "Where it is.",
    "description": "What a reader of the spec should know.",
}
"""The fields that a spec of either layout has."""

_RULE: Final = {
    "column": "The column that is looked at.",
    "values": "What it may hold: any of these.",
}

MEANINGS: Final[dict[str, dict[str, str]]] = {
    "Publication": {
        "layout": "What the files are like.",
        **COMMON,
        "recognise": "What tells its files from others.",
        "encodings": "What a text is read as: the first that fits; a later one is warned of.",
        "organisation": "Where the organisation's code stands.",
        "period": "Where the period stands.",
        "leave_out": "Rows that are not read. Of several rules the first that holds counts.",
        "keep": "The only rows that are read: they meet every one of these rules.",
        "metrics": "What is read, by the id of the metric in frameworks.",
        "revised": "Words in a file's name by which it replaces the first edition of its months.",
    },
    "Recognition": {
        "columns": "Headers that the file must have, all of them in one row.",
        "sheet": "The name of the workbook's sheet. With it, only workbooks are read.",
        "preamble_rows": "How many rows may stand above the header.",
    },
    "OrganisationPlace": {
        "column": "The column of the ODS code.",
        "rows": "`one` where an organisation has one row for a period: a second is an error.",
        "others": "The reason for rows of organisations that are not ranked.",
        "kinds": "Other reasons for some of them; the first rule that holds counts.",
        "expected_of": "Trust types: their trusts without a row are listed as missing.",
    },
    "PeriodPlace": {
        "column": "The column of the period, with `formats`.",
        "formats": "How a period is written; see [Periods](#periods).",
        "year": "The column of the year, with `month`.",
        "month": "The column of the month, as a number or an English name.",
    },
    "LeftOut": {**_RULE, "reason": "What the account of the file calls these rows: `total`."},
    "Kept": {**_RULE, "otherwise": "What the account of the file calls the other rows."},
    "SourceMetric": {
        "title": "What is counted.",
        "unit": "The unit of its values: `percent`, `seconds`.",
        "where": "The rows that count for it: rules of `column` and `values`, all to be met.",
        "numerator": "The columns to add up, with a `denominator`.",
        "denominator": "The columns to add up; beside a `value` what months are weighted by.",
        "value": "A column that holds the figure itself, in place of a `numerator`.",
        "note": "Anything else that a reader of its figures should know.",
    },
    "Rule": _RULE,
    "Quantity": {
        "add": "Columns to add, by name or as bands.",
        "subtract": "Columns to take off.",
    },
    "Bands": {
        "bands": "Headers, with `{from}` and `{to}` for the ends; one without `{to}` has no end.",
        "at_least": "Where the first band begins; left out, at 0.",
        "below": "Where the last band ends; left out, all bands from there on are taken.",
    },
    "Tidy": {
        "layout": "What the files are like.",
        **COMMON,
        "columns": "The headers that are read as each column; `org_code` and `period` are needed.",
        "not_used": "Headers that describe a row and hold no figure.",
    },
}
"""The meaning of each field, by the name of the model's part."""

PARTS: Final = {
    "Publication": "the file",
    "Recognition": "`recognise`",
    "OrganisationPlace": "`organisation`",
    "PeriodPlace": "`period`",
    "LeftOut": "a rule of `leave_out` or `kinds`",
    "Kept": "a rule of `keep`",
    "SourceMetric": "a metric",
    "Quantity": "`numerator`, `denominator`",
    "Bands": "bands",
    "Tidy": "the file, of tidy tables",
}
"""What the table calls the parts, in their order. The fields of a rule stand under both kinds."""
