"""What the Metric_ID of a published Oversight Framework row says that the row holds."""

from __future__ import annotations

from typing import Final

import polars as pl

RESULTS: Final = {
    "OF5000": "adjusted_segment",
    "OF5002": "average_metric_score",
    "OF5003": "segment",
    "OF5004": "financial_override",
    "OF5005": "final_segment",
    "OF5007": "recovery_support",
    "OF5200": "adjusted_segment",
    "OF5202": "average_metric_score",
    "OF5203": "segment",
    "OF5204": "financial_override",
}
"""The summary rows, by their ids of 2025/26 (OF50) and of 2026/27 (OF52)."""

FLAGS: Final = ("OF5004", "OF5007", "OF5204")

_DOMAINS_2025_26: Final = {
    "00": "access",
    "02": "patient_safety",
    "03": "finance_and_productivity",
    "04": "people_and_workforce",
    "05": "effectiveness_and_experience",
}

DOMAIN_NAMES: Final = {
    "Access to services": "access",
    "Patient safety": "patient_safety",
    "Finance, productivity and innovation": "finance_productivity_and_innovation",
    "People": "people",
    "Experience of care": "experience_of_care",
    "Effectiveness of care and population health": "effectiveness_of_care_and_population_health",
}
"""The domains of 2026/27, whose rows (OF42, OF43) are told apart by the name of the domain."""


def kind_expr(metric_id: str) -> pl.Expr:
    """Say what a row holds, by its id alone; null for an id that no edition has.

    ``value``, ``metric_score``, ``domain_score``, ``domain_segment``, ``summary`` or ``flag``.
    """
    id_ = pl.col(metric_id)
    return (
        pl.when(id_.is_in(FLAGS))
        .then(pl.lit("flag"))
        .when(id_.is_in(list(RESULTS)))
        .then(pl.lit("summary"))
        .when(id_.str.contains(r"^OF0\d{3}$"))
        .then(pl.lit("value"))
        .when(id_.str.contains(r"^OF[12]\d{3}$"))
        .then(pl.lit("metric_score"))
        .when(id_.str.contains(r"^OF4[02]\d\d$"))
        .then(pl.lit("domain_score"))
        .when(id_.str.contains(r"^OF4[13]\d\d$"))
        .then(pl.lit("domain_segment"))
    )


def domain_result_expr() -> pl.Expr:
    """Name the result that a summary or domain row holds; null where it holds none.

    Takes the columns ``metric_id``, ``kind`` and ``domain``.
    """
    id_ = pl.col("metric_id")
    summary = id_.replace_strict(RESULTS, default=None, return_dtype=pl.String)
    by_number = id_.str.slice(4).replace_strict(
        _DOMAINS_2025_26, default=None, return_dtype=pl.String
    )
    by_name = (
        pl.col("domain")
        .str.replace_all(r"\s+", " ")
        .str.to_lowercase()
        .replace_strict(
            {name.lower(): domain for name, domain in DOMAIN_NAMES.items()},
            default=None,
            return_dtype=pl.String,
        )
    )
    is_first_year = id_.str.slice(0, 4).is_in(["OF40", "OF41"])
    domain = pl.when(is_first_year).then(by_number).otherwise(by_name)
    suffix = pl.col("kind").replace_strict(
        {"domain_score": "_score", "domain_segment": "_segment"},
        default=None,
        return_dtype=pl.String,
    )
    return pl.coalesce(summary, domain + suffix)
