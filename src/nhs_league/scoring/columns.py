"""The columns of the wide frame that scoring works on, one row an organisation.

``org_code`` and ``peer_group`` come first; the others are named by what they hold and for what.
"""

from __future__ import annotations

from typing import Final

ORG_CODE: Final = "org_code"
PEER_GROUP: Final = "peer_group"
IS_MEASURED: Final = "is_measured"
"""Whether any metric of the organisation is loaded; a frame without the column has all loaded."""
COMPOSITE: Final = "composite"
"""The unrounded composite; null for an organisation that is not ranked."""
AVERAGE: Final = "average_metric_score"
AVERAGE_IS_PUBLISHED: Final = "average_is_published"
METRICS_SCORED: Final = "metrics_scored"
METRICS_EXPECTED: Final = "metrics_expected"
NOT_RANKED_REASON: Final = "not_ranked_reason"
SEGMENT: Final = "segment"
ADJUSTED_SEGMENT: Final = "adjusted_segment"
OVERRIDES: Final = "overrides"
RANK: Final = "rank"
RANK_OF: Final = "rank_of"
CUTS_ARE_PUBLISHED: Final = "cuts_are_published"
"""Whether the cut points were taken from the published segments."""


def cut_point(index: int) -> str:
    """Name the column of the worst average of a segment: 1 is the best segment."""
    return f"cut_point:{index}"


def value(metric_id: str) -> str:
    """Name the column of a metric's value, in its unit."""
    return f"value:{metric_id}"


def value_in_unit(metric_id: str, unit: str) -> str:
    """Name the column of the values that are stated in another unit than the metric's own."""
    return f"value:{metric_id}@{unit}"


def tie_order(metric_id: str) -> str:
    """Name the column of the place among those that share a value: 0 is first, null is no tie."""
    return f"tie_order:{metric_id}"


def published_score(metric_id: str) -> str:
    """Name the column of the metric score as published, rounded."""
    return f"published_score:{metric_id}"


def published_result(result_id: str) -> str:
    """Name the column of a published result: an average, a segment, a rank, a domain's score."""
    return f"published_result:{result_id}"


def flag(flag_id: str) -> str:
    """Name the column of a flag in the data: 1 raised, 0 or null not."""
    return f"flag:{flag_id}"


def score(metric_id: str) -> str:
    """Name the column of the metric score, unrounded."""
    return f"score:{metric_id}"


def computed_score(metric_id: str) -> str:
    """Name the column of the score as computed, where a published one is there to stand for it."""
    return f"computed_score:{metric_id}"


def score_is_published(metric_id: str) -> str:
    """Name the column that says whether the score was taken from the publication."""
    return f"score_is_published:{metric_id}"


def domain_sum(domain_id: str) -> str:
    """Name the column of the weighted sum that the domain score is the mean of."""
    return f"domain_sum:{domain_id}"


def domain_weight(domain_id: str) -> str:
    """Name the column of the weights of the domain's metrics that have a score."""
    return f"domain_weight:{domain_id}"


def domain_mean(domain_id: str) -> str:
    """Name the column of the unrounded domain score."""
    return f"domain_mean:{domain_id}"


def domain_score(domain_id: str) -> str:
    """Name the column of the domain score, rounded."""
    return f"domain_score_{domain_id}"


def domain_segment(domain_id: str) -> str:
    """Name the column of the domain segment."""
    return f"domain_segment_{domain_id}"
