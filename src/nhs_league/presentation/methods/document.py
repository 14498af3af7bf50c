"""The method of a framework in plain words, all of it read from the framework."""

from __future__ import annotations

from collections.abc import Iterator

from nhs_league.framework.model import Framework, Metric
from nhs_league.framework.scoring_methods import MatrixScoring
from nhs_league.presentation.document import (
    Block,
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Table,
)
from nhs_league.presentation.methods.kinds import methods_in_use
from nhs_league.presentation.methods.rules import (
    NOT_STATED,
    average_blocks,
    domain_shares,
    evidence_blocks,
    has_evidence,
    movement_blocks,
    overrides_blocks,
    ranking_blocks,
    segments_blocks,
    weight_shares,
)
from nhs_league.presentation.methods.sentences import (
    direction,
    scoring_in_short,
)
from nhs_league.presentation.methods.words import (
    a_or_an,
    listed,
    organisation,
    organisations,
    same_group,
    score_text,
)
from nhs_league.presentation.text import NOTHING, count, group_noun, percent, plural
from nhs_league.quarter import Quarter


def method_document(framework: Framework) -> Document:
    """Lay out what a framework measures, and how values become scores, averages and ranks."""
    return [
        *_framework_blocks(framework),
        *_scoring_blocks(framework),
        *evidence_blocks(framework),
        *_metrics_blocks(framework),
        *average_blocks(framework),
        *segments_blocks(framework),
        *overrides_blocks(framework),
        *ranking_blocks(framework),
        *movement_blocks(framework),
        *_uncounted_blocks(framework),
    ]


def _framework_blocks(framework: Framework) -> Iterator[Block]:
    """Say what the framework is, which quarters it governs and whom it ranks."""
    yield Heading(framework.title)
    if framework.description:
        yield Paragraph(framework.description)
    yield Paragraph(_quarters(framework.applies_to.quarters))
    counted, stated = len(framework.counted_metrics), len(framework.metrics)
    which = "all" if counted == stated else f"{counted}"
    counting = "it counts" if stated == 1 else f"{which} of the metrics count"
    yield Paragraph(
        f"It has {plural(stated, 'metric')} in {plural(len(framework.domains), 'domain')}; "
        f"{counting} towards the average of {a_or_an(organisation(framework))}."
    )
    expected = framework.peer_groups.expected_organisations
    if expected:
        groups = listed([f"{number:,} {group_noun(group)}" for group, number in expected.items()])
        yield Paragraph(
            f"It is made for {sum(expected.values()):,} {organisations(framework)}: {groups}."
        )


def _quarters(quarters: str) -> str:
    """Name the quarters in both spellings: as results call them, and in words."""
    first, dash, last = quarters.partition("-")
    begins, ends = (Quarter.parse(end).long_label if end else "" for end in (first, last))
    if not dash:
        return f"It governs one quarter, {first}: {begins}."
    if not first:
        return f"It governs every quarter up to {last}: the last is {ends}."
    if not last:
        return f"It governs every quarter from {first} on: the first is {begins}."
    return f"It governs the quarters {first} to {last}: the first is {begins}, the last {ends}."


def _scoring_blocks(framework: Framework) -> Iterator[Block]:
    """Explain the scale, each scoring method that is used, and whom values are compared with."""
    scale, noun = framework.scale, organisations(framework)
    best, worst = score_text(scale.best, scale), score_text(scale.worst, scale)
    yield Heading("How a value becomes a score")
    yield Paragraph(
        "The values of different metrics, percentages and minutes for example, cannot be added up. "
        f"So each value is first turned into a score on one scale: {best} is the best and {worst} "
        f"the worst. A {'low' if scale.is_lower_better else 'high'} score is a good one, whether "
        "high or low values of the metric are good."
    )
    yield Paragraph("These are the ways in which it is done:")
    yield Items(list(methods_in_use(framework)))
    yield Paragraph(
        f"Unless its row below says otherwise, a metric is scored among all {noun} that have a "
        f"value, whatever their group; {noun} without one have no score. A metric may be "
        "scored among more of them, or others, than are ranked together in the league table."
    )
    if any(metric.published_score for metric in framework.metrics.values()):
        yield from _published_blocks(framework)


def _published_blocks(framework: Framework) -> Iterator[Block]:
    """Say what published scores and ranks beside the values do."""
    noun = organisations(framework)
    yield Paragraph(
        "The data may hold scores that were published, too. Unless asked otherwise, a score "
        "computed here is used if it rounds to the published one. The published one is used if it "
        f"does not, if none can be computed, or if some of the {noun} that the metric is scored "
        "among are missing."
    )
    yield Paragraph(
        "Values are published rounded, so that two can look equal that are not. Where "
        f"{noun} {same_group(framework)} have equal values and different published ranks, the "
        "ranks tell which is better; and a value printed as exactly the standard or the floor is "
        "on the side of it that its published score shows."
    )


def _metrics_blocks(framework: Framework) -> Iterator[Block]:
    """Give the metrics, a table a domain, and the tables by which scores are combined."""
    yield Heading("The metrics, domain by domain")
    one = a_or_an(organisation(framework))
    yield Paragraph(
        f"A metric's share is its part of the whole weight, if {one} had a score for every metric "
        f"that counts; for {one} that lacks some, the shares of the others are larger. What is not "
        f"expected of {one} counts all the same where it has a score."
    )
    shares = weight_shares(framework)
    columns = _COLUMNS if has_evidence(framework) else _COLUMNS[:-1]
    for domain_id in framework.domains:
        metrics = {i: m for i, m in framework.metrics.items() if m.domain == domain_id}
        if metrics:
            rows = [_metric_row(framework, id_, shares)[: len(columns)] for id_ in metrics]
            yield Table(_domain_caption(framework, domain_id, len(metrics)), columns, rows)
        else:
            yield Paragraph(f"{framework.domain(domain_id).title} has no metrics.")
    for id_, metric in framework.metrics.items():
        if isinstance(metric.scoring, MatrixScoring):
            yield _matrix_table(framework, id_, metric.scoring)


_COLUMNS = (
    Column("Metric"),
    Column("Id", whole=True),
    Column("Direction"),
    Column("How it is scored"),
    Column("Weight", "right"),
    Column("Share", "right"),
    Column("Expected of", optional=True),
    Column("Evidence", optional=True),
)


def _domain_caption(framework: Framework, domain_id: str, metrics: int) -> str:
    text = f"{framework.domain(domain_id).title}: {plural(metrics, 'metric')}"
    share = domain_shares(framework).get(domain_id)
    return f"{text}, not counted" if share is None else f"{text}, {percent(share)} of the whole"


def _metric_row(framework: Framework, metric_id: str, shares: dict[str, float]) -> tuple[str, ...]:
    metric = framework.metrics[metric_id]
    return (
        metric.title,
        metric_id,
        direction(metric),
        scoring_in_short(framework, metric),
        count(metric.weight) if metric.counts else "not counted",
        percent(shares[metric_id]) if metric.counts else NOTHING,
        _expected_of(framework, metric),
        metric.evidence or NOT_STATED,
    )


def _expected_of(framework: Framework, metric: Metric) -> str:
    if metric.expected_of is None:
        return f"all {organisations(framework)}"
    return listed([group_noun(group) for group in metric.expected_of]) or "nobody in particular"


def _matrix_table(framework: Framework, metric_id: str, scoring: MatrixScoring) -> Table:
    """Lay out the table that combines two metrics' scores."""
    rows, across = (framework.metrics[id_] for id_ in (scoring.rows, scoring.columns))
    width = len(scoring.scores[0])
    return Table(
        f"{framework.metrics[metric_id].title} ({metric_id}): its score, by the score of "
        f"{rows.title} (down) and that of {across.title} (across)",
        [Column("Score", "right"), *(Column(str(n), "right") for n in range(1, width + 1))],
        [
            (str(n), *(score_text(score, framework.scale) for score in row))
            for n, row in enumerate(scoring.scores, start=1)
        ],
    )


def _uncounted_blocks(framework: Framework) -> Iterator[Block]:
    """Say what is shown, or in the data, and no part of the average."""
    yield Heading("What is not in the average")
    points = [
        f"{metric.title} ({id_}): scored and shown, and not averaged{_stands_for(framework, id_)}."
        for id_, metric in framework.metrics.items()
        if not metric.counts
    ]
    if framework.overrides:
        points.append("Overrides: they change the segment, and leave the average as it is.")
    if framework.aggregate.over == "metrics":
        points.append("Domain scores: they are shown, and the average is taken without them.")
    points.append("Anything else in the data: only the metrics with a weight above enter it.")
    yield Items(points)


def _stands_for(framework: Framework, metric_id: str) -> str:
    """Name the metrics that count in an uncounted one's place."""
    combining = [
        f"{metric.title} ({id_})"
        for id_, metric in framework.counted_metrics.items()
        if metric_id in metric.combined
    ]
    return f"; it counts through {listed(combining)}" if combining else ""
