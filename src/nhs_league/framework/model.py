"""The framework: metrics, weights, segments, overrides and ranking, as a YAML file states them."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from nhs_league.framework.base import Evidence, FrameworkPart, Identifier, Polarity, Text
from nhs_league.framework.scoring_methods import MatrixScoring, Scoring
from nhs_league.quarter import InvalidQuarterError, Quarter

RankingKey = Literal["segment", "adjusted_segment", "average_metric_score"]
Basis = Literal["sum", "mean", "latest", "in_force"]
PoolName = Literal["all", "peer_group"]

_QUARTER = "[12][0-9]{3}Q[1-4]"


def _form(stated: object) -> str:
    """Say which of two forms was written, so that only problems with that one are reported."""
    return "short" if isinstance(stated, str) else "full"


class AppliesTo(FrameworkPart):
    """The quarters that a framework governs: ``2025Q2``, ``2025Q2-2026Q1``, ``2025Q1-``."""

    quarters: Annotated[str, Field(pattern=rf"^({_QUARTER}|{_QUARTER}-({_QUARTER})?|-{_QUARTER})$")]

    @field_validator("quarters")
    @classmethod
    def _begins_before_it_ends(cls, quarters: str) -> str:
        first, _, last = quarters.partition("-")
        try:
            ends = [Quarter.parse(end) for end in (first, last) if end]
        except InvalidQuarterError as error:
            raise ValueError(error.message) from error
        if ends != sorted(ends):
            raise ValueError(f"{quarters} ends before it begins")
        return quarters

    def includes(self, quarter: Quarter) -> bool:
        """Say whether the framework governs this quarter."""
        first, dash, last = self.quarters.partition("-")
        if not dash:
            return quarter == Quarter.parse(first)
        return (not first or Quarter.parse(first) <= quarter) and (
            not last or quarter <= Quarter.parse(last)
        )


class Scale(FrameworkPart):
    """The common scale of metric scores, and the decimals with which scores are shown."""

    best: float
    worst: float
    decimals: Annotated[int, Field(ge=0, le=6)] = 2

    @property
    def span(self) -> float:
        """Give the signed distance from best to worst."""
        return self.worst - self.best

    @property
    def is_lower_better(self) -> bool:
        """Say whether a low score is a good one, as in the NHS Oversight Framework."""
        return self.best < self.worst

    def at(self, share: float) -> float:
        """Give the score ``share`` of the way from best (0) to worst (1)."""
        return self.best + self.span * share


class PeerGroups(FrameworkPart):
    """The column of the organisations that sets the peer groups, and their order in print.

    ``expected_organisations`` says how many organisations each group has when it is whole.
    """

    column: Literal["trust_type", "trust_subtype", "region", "icb_code"] = "trust_type"
    order: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    expected_organisations: dict[Text, Annotated[int, Field(gt=0)]] = {}


class Domain(FrameworkPart):
    """A group of metrics; the weight counts only where the composite is taken over domains."""

    title: Text
    weight: Annotated[float, Field(gt=0)] = 1.0


DomainForm = Annotated[
    Annotated[Text, Tag("short")] | Annotated[Domain, Tag("full")], Discriminator(_form)
]


class PoolMembers(FrameworkPart):
    """A pool of some peer groups, with organisations of others that belong to it."""

    peer_groups: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    include: Annotated[tuple[Text, ...], Field(strict=False)] = ()


PoolForm = Annotated[
    Annotated[PoolName, Tag("short")] | Annotated[PoolMembers, Tag("full")], Discriminator(_form)
]


class Source(FrameworkPart):
    """The publication that a metric's figures come from."""

    title: Text
    publisher: Text
    licence: Text
    url: Text | None = None


class Metric(FrameworkPart):
    """One measured quantity and how it is scored.

    ``basis`` makes the quarter's value out of months; a figure for the whole quarter is used as
    it is. ``per`` turns numerator / denominator into the unit (100 for a percentage) and
    ``divide_by`` converts a stated value (60 for seconds shown as minutes).
    ``counts: false`` scores and shows a metric without letting it into the averages.
    ``expected_of`` names the peer groups of which a figure is expected; others may still report.
    ``numerator`` says in words what is counted, as ``patients seen within four hours``.
    """

    title: Text
    domain: Identifier
    unit: Text
    polarity: Polarity
    basis: Basis
    per: Annotated[float, Field(gt=0)] = 1.0
    divide_by: Annotated[float, Field(gt=0)] = 1.0
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    weight: Annotated[float, Field(gt=0)] = 1.0
    counts: bool = True
    pool: PoolForm = "all"
    scoring: Scoring
    scoring_of_unit: dict[Text, Scoring] = {}
    published_score: Identifier | None = None
    expected_of: Annotated[tuple[Text, ...], Field(strict=False)] | None = None
    evidence: Evidence | None = None
    source: Source | None = None
    why: Text | None = None
    note: Text | None = None
    numerator: Text | None = None

    @property
    def is_higher_better(self) -> bool:
        """Say whether a high value is a good one."""
        return self.polarity == "higher_is_better"

    @property
    def combined(self) -> tuple[str, ...]:
        """List the metrics whose scores a matrix combines; none for any other metric."""
        scoring = self.scoring
        return (scoring.rows, scoring.columns) if isinstance(scoring, MatrixScoring) else ()

    @property
    def is_proportion(self) -> bool:
        """Say whether the numerator is part of the denominator, and so cannot exceed it."""
        return self.unit == "percent" and self.basis in ("sum", "latest") and self.per == 100


class Aggregate(FrameworkPart):
    """How metric scores become the composite.

    ``over`` domains takes the weighted mean of domain scores. A missing score is left out and the
    weights are shared again (``reweight``), or leaves the organisation unranked (``require_all``);
    it is never filled. ``rounding`` says whether the rounded composite is what is ranked.
    """

    over: Literal["metrics", "domains"] = "metrics"
    mean: Literal["arithmetic", "geometric", "harmonic"] = "arithmetic"
    missing: Literal["reweight", "require_all"] = "reweight"
    min_metrics: Annotated[int, Field(ge=1)] = 1
    rounding: Literal["before_ranking", "after_ranking"] = "after_ranking"
    evidence: Evidence | None = None


class QuartileSegments(FrameworkPart):
    """Four segments, cut at the quartiles of the composites in the pool."""

    method: Literal["quartiles"]
    pool: PoolName = "all"
    evidence: Evidence | None = None


class ThresholdSegments(FrameworkPart):
    """Segments cut at stated composites, best first; a composite at a bound is within it."""

    method: Literal["thresholds"]
    upper_bounds: Annotated[tuple[float, ...], Field(strict=False, min_length=1)]
    evidence: Evidence | None = None


Segments = Annotated[QuartileSegments | ThresholdSegments, Field(discriminator="method")]


class OverrideCondition(FrameworkPart):
    """When an override applies: a metric's value beyond a bound, or a flag that the data raise."""

    metric: Identifier | None = None
    below: float | None = None
    above: float | None = None
    flag: Identifier | None = None


class Override(FrameworkPart):
    """A rule that holds an organisation back from the better segments.

    ``domain`` is the one that it is about, if it is: what the domain does to the table is then also
    told with the override.
    """

    id: Identifier
    title: Text
    domain: Identifier | None = None
    when: OverrideCondition
    not_better_than: Annotated[int, Field(ge=1)]
    evidence: Evidence | None = None


class Ranking(FrameworkPart):
    """Within which group organisations are ranked, and by which keys in turn."""

    within: PoolName = "peer_group"
    by: Annotated[tuple[RankingKey, ...], Field(strict=False, min_length=1)] = (
        "adjusted_segment",
        "average_metric_score",
    )
    evidence: Evidence | None = None


class Movement(FrameworkPart):
    """When the change of an average between two quarters is called significant."""

    significant_change: Annotated[float, Field(gt=0)]
    evidence: Evidence | None = None


LikelyRange = Annotated[tuple[Identifier, Identifier], Field(strict=False)]
"""The ids of a likely range's lower and upper end."""


class PublishedResults(FrameworkPart):
    """The ids under which a publisher's own results stand in the data.

    Where a recomputed average or domain score is within ``tolerance`` of the published one, the
    published one is used and marked.
    """

    average_metric_score: Identifier
    rank_by_average: Identifier | None = None
    segment: Identifier | None = None
    adjusted_segment: Identifier | None = None
    league_rank: Identifier | None = None
    score_range: LikelyRange | None = None
    rank_range: LikelyRange | None = None
    domain_scores: dict[Identifier, Identifier] = {}
    domain_segments: dict[Identifier, Identifier] = {}
    tolerance: Annotated[float, Field(ge=0)] = 0.01

    def ids(self) -> tuple[str, ...]:
        """List the ids of all of them."""
        summary = (self.rank_by_average, self.segment, self.adjusted_segment, self.league_rank)
        ends = (*(self.score_range or ()), *(self.rank_range or ()))
        stated = [id_ for id_ in (self.average_metric_score, *summary, *ends) if id_ is not None]
        return (*stated, *self.domain_scores.values(), *self.domain_segments.values())


RelatedPair = Annotated[tuple[Identifier, ...], Field(strict=False, min_length=2, max_length=2)]
"""Two metrics that measure one service from two sides, by their ids."""


class Framework(FrameworkPart):
    """A framework file: everything that turns observations into a league table.

    ``likely_ranges`` asks for the likely ranges of score and rank in every league table.
    ``movement`` says which changes of an average are significant; without it a paired bootstrap
    over the metrics does.
    """

    id: Identifier
    title: Text
    description: Text | None = None
    applies_to: AppliesTo
    scale: Scale
    peer_groups: PeerGroups = PeerGroups()
    domains: Annotated[dict[Identifier, DomainForm], Field(min_length=1)]
    metrics: Annotated[dict[Identifier, Metric], Field(min_length=1)]
    related_metrics: Annotated[tuple[RelatedPair, ...], Field(strict=False)] = ()
    aggregate: Aggregate = Aggregate()
    segments: Segments
    overrides: Annotated[tuple[Override, ...], Field(strict=False)] = ()
    ranking: Ranking = Ranking()
    likely_ranges: bool = False
    movement: Movement | None = None
    published: PublishedResults | None = None

    @cached_property
    def counted_metrics(self) -> dict[str, Metric]:
        """Give the metrics that enter the averages."""
        return {id_: metric for id_, metric in self.metrics.items() if metric.counts}

    def domain(self, domain_id: str) -> Domain:
        """Give a domain; one written as a title alone weighs 1."""
        stated = self.domains[domain_id]
        return stated if isinstance(stated, Domain) else Domain(title=stated)

    def metrics_of_domain(self, domain_id: str) -> dict[str, Metric]:
        """Give a domain's metrics that enter the averages."""
        return {id_: m for id_, m in self.counted_metrics.items() if m.domain == domain_id}

    def flags(self) -> tuple[str, ...]:
        """List the flags in the data that the overrides ask for."""
        flags = [rule.when.flag for rule in self.overrides if rule.when.flag is not None]
        return tuple(dict.fromkeys(flags))
