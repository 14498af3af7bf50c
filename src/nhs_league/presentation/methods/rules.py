"""A framework's rules after scoring, in plain words: average, segments, overrides, rank, change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from nhs_league.framework.base import Evidence
from nhs_league.framework.model import (
    Aggregate,
    Framework,
    Metric,
    Override,
    QuartileSegments,
    ThresholdSegments,
)
from nhs_league.presentation.document import Block, Column, Heading, Items, Paragraph, Table
from nhs_league.presentation.methods.words import (
    Values,
    a_or_an,
    organisation,
    organisations,
    plain,
    same_group,
    score_text,
)
from nhs_league.presentation.text import NOTHING, capitalised, percent, plural
from nhs_league.scoring.segments import MIN_FOR_QUARTILES

NOT_STATED: Final = "not stated"
_EVIDENCE: Final[Mapping[Evidence, str]] = {
    "manual": "the publisher's methodology states the rule",
    "specification": "the publisher's data specification states the rule",
    "data": "the rule was worked out from published figures and tested against them",
    "inferred": "the rule is assumed: no publication states it and no figures have shown it",
}
_AVERAGE: Final = {"average_metric_score": "the average"}
_KEYS: Final = {
    "segment": "the segment before any override",
    "adjusted_segment": "the adjusted segment",
} | _AVERAGE


def weight_shares(framework: Framework) -> dict[str, float]:
    """Give each counted metric's share of the whole weight; together they are 1."""
    if framework.aggregate.over == "metrics":
        return _shares({id_: m.weight for id_, m in framework.counted_metrics.items()})
    shares: dict[str, float] = {}
    for domain_id, share in domain_shares(framework).items():
        of_domain = framework.metrics_of_domain(domain_id)
        within = _shares({id_: metric.weight for id_, metric in of_domain.items()})
        shares |= {id_: share * part for id_, part in within.items()}
    return shares


def domain_shares(framework: Framework, peer_group: str | None = None) -> dict[str, float]:
    """Give each domain's share of the whole weight, or of what is expected of a peer group.

    A domain without any metric that counts there has none.
    """
    weights: dict[str, float] = {}
    for metric in framework.counted_metrics.values():
        if _is_expected(metric, peer_group):
            of_metrics = weights.get(metric.domain, 0.0) + metric.weight
            is_over_domains = framework.aggregate.over == "domains"
            of_domain = framework.domain(metric.domain).weight
            weights[metric.domain] = of_domain if is_over_domains else of_metrics
    return _shares(weights)


def evidence_blocks(framework: Framework) -> Iterator[Block]:
    """Explain the marks of how rules are known, those that the framework uses."""
    used = _evidence_used(framework)
    if not has_evidence(framework):
        return
    yield Heading("How each rule is known")
    yield Paragraph("Rules are marked with the evidence for them:")
    points = [f"{mark}: {meaning}." for mark, meaning in _EVIDENCE.items() if mark in used]
    if None in used:
        points.append(f"{NOT_STATED}, or no mark: the framework does not say.")
    yield Items(points)


def has_evidence(framework: Framework) -> bool:
    """Say whether the framework states for any rule how it is known."""
    return _evidence_used(framework) != {None}


def average_blocks(framework: Framework) -> Iterator[Block]:
    """Say how metric scores become the average and the domain scores."""
    rule, noun = framework.aggregate, organisations(framework)
    yield Heading("How scores become the average")
    yield Paragraph(f"{_mean(framework)}{_mark(rule.evidence)}")
    table = _domain_weights(framework)
    if table is not None:
        yield table
    yield Items(
        [
            _missing(rule, noun),
            _not_ranked(rule, noun),
            _rounding(framework),
            _domain_scores(framework),
            *_published_average(framework),
        ]
    )


def segments_blocks(framework: Framework) -> Iterator[Block]:
    """Say how averages are cut into segments."""
    yield Heading("Segments")
    if isinstance(framework.segments, ThresholdSegments):
        yield from _threshold_blocks(framework, framework.segments)
    else:
        yield Paragraph(_quartiles(framework, framework.segments))


def overrides_blocks(framework: Framework) -> Iterator[Block]:
    """Say what holds an organisation back from the better segments."""
    yield Heading("Overrides")
    if not framework.overrides:
        yield Paragraph("There are none: the segment follows from the average alone.")
        return
    yield Paragraph(
        f"An override keeps {organisations(framework)} out of the better segments, whatever their "
        "averages. The segment after overrides is called the adjusted segment."
    )
    yield Items([_override(framework, rule) for rule in framework.overrides])
    yield Paragraph(
        "Where the segment is no better already, an override changes nothing; where the figure "
        "that it asks for is missing, it does not apply."
        + (" If several apply, the strictest decides." if len(framework.overrides) > 1 else "")
    )


def ranking_blocks(framework: Framework) -> Iterator[Block]:
    """Say who is ranked with whom, and by what."""
    rule, noun = framework.ranking, organisations(framework)
    within = f"among {noun} {same_group(framework)}"
    words = _KEYS if framework.overrides else dict.fromkeys(_KEYS, "the segment") | _AVERAGE
    keys = list(dict.fromkeys(words[key] for key in rule.by))
    yield Heading("Rank")
    text = f"{capitalised(noun)} are ranked {'all together' if rule.within == 'all' else within}, "
    text += f"the best first, by {keys[0]}"
    text += "".join(f"; where that is equal, by {key}" for key in keys[1:])
    if rule.by[0] != "average_metric_score":
        better = keys[0].removeprefix("the ")
        text += f". So a better {better} always ranks above a worse one, whatever the averages"
    yield Paragraph(
        f"{text}. Those that are equal in all of it share a rank, and the next is left out: "
        f"1, 2, 2, 4.{_mark(rule.evidence)}"
    )


def movement_blocks(framework: Framework) -> Iterator[Block]:
    """Say what a likely range is, and when a change of average is called significant."""
    yield Heading("How sure a rank is, and which changes count")
    wanted = "They are part of every league table." if framework.likely_ranges else ""
    yield Paragraph(
        "A likely range says how far an average or a rank hangs on which metrics were chosen. "
        "The league table is made again many times. Each time, the average of "
        f"{a_or_an(organisation(framework))} is taken of as many metric scores as it has, drawn at "
        "random from its own, so that some come up more than once and others not at all; the "
        "bounds of the "
        "segments stay where they are, and overrides apply. The middle 95% of the averages and "
        f"ranks that come out are the likely ranges. {wanted}".rstrip()
    )
    yield Paragraph(_significance(framework))


def _significance(framework: Framework) -> str:
    rule = framework.movement
    if rule is None:
        return (
            "The change of an average between two quarters is called significant if chance is "
            "unlikely to make so large a one: the metrics that both quarters have are drawn again "
            "at random, the same ones in both, and a change as large has a probability below 5% "
            "if nothing has changed (a paired bootstrap). A change that is not significant may "
            "still be real."
        )
    points = score_text(rule.significant_change, framework.scale)
    return (
        "The change of an average between two quarters is called significant if the two averages, "
        f"as they are shown, are {points} or more apart. A smaller one may still be real."
        f"{_mark(rule.evidence)}"
    )


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {id_: weight / total for id_, weight in weights.items()}


def _is_expected(metric: Metric, peer_group: str | None) -> bool:
    """Say whether a metric is expected of a peer group; any is of no group in particular."""
    return peer_group is None or metric.expected_of is None or peer_group in metric.expected_of


def _mark(evidence: Evidence | None) -> str:
    return "" if evidence is None else f" (Evidence: {evidence}.)"


def _evidence_used(framework: Framework) -> set[Evidence | None]:
    parts = [framework.aggregate, framework.segments, framework.ranking, framework.movement]
    used = {part.evidence for part in parts if part is not None}
    used |= {rule.evidence for rule in framework.overrides}
    return used | {metric.evidence for metric in framework.metrics.values()}


def _mean(framework: Framework) -> str:
    """Say what the average is the mean of, and which mean."""
    rule = framework.aggregate
    weights = {metric.weight for metric in framework.counted_metrics.values()}
    of_metrics = "metric scores" if len(weights) == 1 else "metric scores, each by its weight"
    if rule.over == "metrics":
        whole = f"The average is the {rule.mean} mean of the {of_metrics}; domains play no part."
    else:
        weights = {framework.domain(id_).weight for id_ in domain_shares(framework)}
        of_domains = "domain scores" if len(weights) == 1 else "domain scores, each by its weight"
        whole = (
            f"First each domain has a score, the {rule.mean} mean of its {of_metrics}; then the "
            f"average is the {rule.mean} mean of the {of_domains}."
        )
    if rule.mean == "arithmetic" and len(weights) == 1 and rule.over == "metrics":
        return f"{whole} The scores are added up, and the sum is divided by their number."
    return f"{whole} {_MEANS[rule.mean]}"


_MEANS: Final = {
    "arithmetic": "It is the usual mean: each score is multiplied by its weight, the products are "
    "added up, and their sum is divided by the sum of the weights.",
    "geometric": "It multiplies scores where the usual mean adds them up, and lies nearer to the "
    "low scores than that does, the more so the more they differ.",
    "harmonic": "It is taken of one divided by each score, and then turned round again, and lies "
    "nearer to the low scores than the usual mean does, the more so the more they differ.",
}


def _domain_weights(framework: Framework) -> Table | None:
    """Say what each domain weighs for each peer group; none where all groups are alike."""
    stated = (*framework.peer_groups.order, *framework.peer_groups.expected_organisations)
    groups = [group for group in dict.fromkeys(stated) if domain_shares(framework, group)]
    if not groups or all(m.expected_of is None for m in framework.counted_metrics.values()):
        return None
    shares = [domain_shares(framework, group) for group in (None, *groups)]
    counts = [
        sum(_is_expected(metric, group) for metric in framework.counted_metrics.values())
        for group in (None, *groups)
    ]
    rows = [
        (framework.domain(id_).title, *(percent(s[id_]) if id_ in s else NOTHING for s in shares))
        for id_ in shares[0]
    ]
    return Table(
        "What each domain weighs, with all metrics and with those that are expected of each group",
        [Column("Domain"), Column("All metrics", "right"), *(Column(g, "right") for g in groups)],
        [*rows, ("Number of metrics", *map(str, counts))],
    )


def _missing(rule: Aggregate, noun: str) -> str:
    left_out = (
        "A missing score is left out, and never filled in: the weights of the others are shared "
        "again, so that they make up the whole."
    )
    if rule.missing == "reweight":
        return left_out
    return (
        f"{capitalised(noun)} without a score that is expected of them are not ranked. For the "
        f"others: {left_out[0].lower()}{left_out[1:]}"
    )


def _not_ranked(rule: Aggregate, noun: str) -> str:
    fewest = "no metric score"
    if rule.min_metrics > 1:
        fewest = f"fewer than {plural(rule.min_metrics, 'metric score')}"
    return (
        f"{capitalised(noun)} with {fewest} are not ranked. Whoever is not ranked stays in the "
        "table, without an average, a segment or a rank, and with the reason."
    )


def _rounding(framework: Framework) -> str:
    decimals = plural(framework.scale.decimals, "decimal")
    if framework.aggregate.rounding == "before_ranking":
        return (
            "Scores enter the average unrounded. The average is rounded once, to "
            f"{decimals}, and the rounded average is what is cut into segments and ranked."
        )
    return (
        f"Scores enter the average unrounded. The average is shown with {decimals}, and cut into "
        "segments and ranked unrounded: two that look the same can differ."
    )


def _domain_scores(framework: Framework) -> str:
    noun, decimals = organisations(framework), plural(framework.scale.decimals, "decimal")
    if framework.aggregate.over == "domains":
        text = f"Domain scores enter the average unrounded, and are shown with {decimals}."
    else:
        text = (
            f"A domain's score is the same mean of its own metric scores, with {decimals}; it is "
            "shown, and no part of the average."
        )
    return (
        f"{text} A domain has a segment too, from 1 (best) to 4: the quarter into which its score "
        f"falls among those of all {noun}. Overrides do not touch it."
    )


def _published_average(framework: Framework) -> Iterator[str]:
    published = framework.published
    if published is not None:
        within = plain(published.tolerance)
        yield (
            "Where the data hold the publisher's own average, or domain score, and the one "
            f"computed here is within {within} of it, the published one is used unless asked "
            f"otherwise. {capitalised(organisations(framework))} of which the data hold a "
            "published average and no metric are ranked by that."
        )


def _quartiles(framework: Framework, segments: QuartileSegments) -> str:
    noun = organisations(framework)
    if segments.pool == "all":
        whom = f"all {noun} together, whatever their group,"
    else:
        whom = f"{noun} {same_group(framework)}"
    return (
        f"The averages of {whom} are cut into four segments at their quartiles: segment 1 is the "
        "best quarter, segment 4 the worst. An average at a cut point is in the better segment. "
        "The cut points are made anew for each league table, from its own averages. So a segment "
        "says how one stands among the others: if all averages got better by as much, all segments "
        f"would stay as they are. With fewer than {MIN_FOR_QUARTILES} {noun} there are no segments."
        f"{_published_cuts(framework)}"
        f"{_mark(segments.evidence)}"
    )


def _published_cuts(framework: Framework) -> str:
    """Say what tells the cut points where a part of the league is loaded."""
    published, segments = framework.published, framework.segments
    is_pooled = isinstance(segments, QuartileSegments) and segments.pool == "all"
    is_told = published is not None and published.segment and is_pooled
    if not is_told or not framework.peer_groups.expected_organisations:
        return ""
    return (
        f" Where the data hold only some of the {organisations(framework)}, the cut points are "
        "told by the published segments, if they hold those."
    )


def _threshold_blocks(framework: Framework, segments: ThresholdSegments) -> Iterator[Block]:
    yield Paragraph(
        "Averages are cut into segments at fixed bounds, the same in every quarter and for all "
        f"{organisations(framework)}, so that any number of them can be in one segment."
        f"{_mark(segments.evidence)}"
    )
    averages = Values(not framework.scale.is_lower_better, "score")
    bounds = segments.upper_bounds
    points = [f"Segment 1, the best: an average of {averages.or_better(bounds[0])}."]
    points += [
        f"Segment {index}: {averages.worse(previous)}, {averages.as_far_as(bound)}."
        for index, (previous, bound) in enumerate(pairwise(bounds), start=2)
    ]
    points.append(f"Segment {len(bounds) + 1}, the worst: {averages.worse(bounds[-1])}.")
    yield Items(points)


def _override(framework: Framework, rule: Override) -> str:
    """Say when an override applies, and which segment it leaves open."""
    when = rule.when
    metric = framework.metrics.get(when.metric or "")
    if metric is None:
        applies = f"where the flag {when.flag} is raised in the data"
    else:
        side, bound = ("below", when.below) if when.below is not None else ("above", when.above)
        text = Values(metric.is_higher_better, metric.unit).text(bound or 0.0)
        applies = f"where {metric.title} ({when.metric}) is {side} {text}"
    return (
        f"No better than segment {rule.not_better_than}: {rule.title}. It applies {applies}."
        f"{_mark(rule.evidence)}"
    )
