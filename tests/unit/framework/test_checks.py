"""What must hold across the parts of a framework: one case a rule, with its line and place.

A case replaces part of a sound framework; ``# here`` marks the line that the problem must name.
"""

from __future__ import annotations

import pytest

from nhs_league.errors import FrameworkError
from nhs_league.findings import Finding
from nhs_league.framework.catalogue import parse_framework

SOUND = """\
id: small
title: A small framework
applies_to: {quarters: "2025Q1-"}
scale: {best: 1, worst: 4}
peer_groups:
  order: [Acute trust, Ambulance trust]
domains:
  access: Access
  finance: Finance
metrics:
  waits:
    title: Seen within four hours
    domain: access
    unit: percent
    polarity: higher_is_better
    basis: sum
    scoring: {method: rank}
  delay:
    title: Mean delay
    domain: finance
    unit: minutes
    polarity: lower_is_better
    basis: mean
    scoring: {method: percentile}
segments: {method: quartiles}
"""

HIGH = "scoring: {method: rank}"
LOW = "scoring: {method: percentile}"
SEGMENTS = "segments: {method: quartiles}"
HERE = "# here"


def changed(*replacements: tuple[str, str]) -> str:
    text = SOUND
    for old, new in replacements:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def findings_of(text: str) -> list[Finding]:
    try:
        parse_framework(text.encode(), "small.yaml")
    except FrameworkError as error:
        return list(error.findings)
    return []


def marked_lines(text: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if HERE in line]


def assert_one_problem(text: str, place: str, message: str) -> None:
    findings = findings_of(text)
    assert [(finding.column, finding.message) for finding in findings] == [(place, message)]
    assert [finding.row for finding in findings] == marked_lines(text)
    assert {(finding.severity, finding.code, finding.file) for finding in findings} == {
        ("error", "framework_invalid", "small.yaml")
    }


def bands(*lines: str, otherwise: str = "otherwise: 4") -> str:
    items = "".join(f"\n        - {line}" for line in lines)
    return f"scoring:\n      method: bands\n      bands:{items}\n      {otherwise}"


def matrix(*, rows: str = "rows: delay", columns: str = "columns: delay", scores: str = "") -> str:
    return f"scoring:\n      method: matrix\n      {rows}\n      {columns}\n      scores:" + (
        scores or "\n        - [1, 2]\n        - [2, 4]"
    )


def overrides(*rules: str) -> str:
    return f"{SEGMENTS}\noverrides:" + "".join(f"\n  - {rule}" for rule in rules)


def test_a_sound_framework_has_no_problem() -> None:
    assert findings_of(SOUND) == []


@pytest.mark.parametrize(
    ("mean", "scale"),
    [("arithmetic", "best: 0, worst: -1"), ("geometric", "best: 1, worst: 4")],
)
def test_a_mean_that_suits_its_scale_is_sound(mean: str, scale: str) -> None:
    text = changed(
        ("scale: {best: 1, worst: 4}", f"scale: {{{scale}}}\naggregate: {{mean: {mean}}}")
    )
    assert findings_of(text) == []


def test_a_scale_with_the_same_score_at_both_ends_is_refused() -> None:
    assert_one_problem(
        changed(("scale: {best: 1, worst: 4}", "scale:\n  best: 2\n  worst: 2  # here")),
        "scale.worst",
        "best and worst are the same score",
    )


@pytest.mark.parametrize("mean", ["geometric", "harmonic"])
@pytest.mark.parametrize(
    "scale", ["best: 0, worst: 4", "best: 100, worst: 0", "best: 1, worst: -1"]
)
def test_a_mean_of_ratios_needs_a_scale_above_zero(mean: str, scale: str) -> None:
    assert_one_problem(
        changed(
            (
                "scale: {best: 1, worst: 4}",
                f"scale: {{{scale}}}\naggregate:\n  over: metrics\n  mean: {mean}  # here",
            )
        ),
        "aggregate.mean",
        f"a {mean} mean needs a scale above zero at both ends",
    )


def test_a_metric_of_an_unknown_domain_is_refused_with_the_known_ones() -> None:
    assert_one_problem(
        changed(("domain: access", "domain: acces  # here")),
        "metrics.waits.domain",
        "there is no domain 'acces'; expected one of access, finance",
    )


def test_a_pool_of_an_unknown_peer_group_is_refused() -> None:
    pool = "pool:\n      peer_groups:\n        - Acute trust\n        - Acute trsut  # here"
    assert_one_problem(
        changed(("basis: sum", f"basis: sum\n    {pool}")),
        "metrics.waits.pool.peer_groups.1",
        "there is no peer group 'Acute trsut'",
    )


def test_figures_expected_of_an_unknown_peer_group_are_refused() -> None:
    assert_one_problem(
        changed(("basis: sum", "basis: sum\n    expected_of:\n      - Hospital  # here")),
        "metrics.waits.expected_of.0",
        "there is no peer group 'Hospital'",
    )


def test_a_peer_group_is_known_by_its_expected_number_of_organisations_too() -> None:
    text = changed(
        (
            "order: [Acute trust, Ambulance trust]",
            "order: [Acute trust]\n  expected_organisations: {Ambulance trust: 10}",
        ),
        ("basis: sum", "basis: sum\n    expected_of: [Acute trust, Ambulance trust]"),
    )
    assert findings_of(text) == []


def test_any_peer_group_may_be_named_where_none_is_listed() -> None:
    text = changed(
        ("peer_groups:\n  order: [Acute trust, Ambulance trust]\n", ""),
        ("basis: sum", "basis: sum\n    pool: {peer_groups: [X]}\n    expected_of: [Y]"),
    )
    assert findings_of(text) == []


@pytest.mark.parametrize(
    ("old", "standard", "floor", "polarity"),
    [
        (HIGH, "78", "90", "higher_is_better"),
        (HIGH, "78", "78", "higher_is_better"),
        (HIGH, "78.5", "78.6", "higher_is_better"),
        (LOW, "30", "20", "lower_is_better"),
        (LOW, "30", "30", "lower_is_better"),
        (LOW, "30.5", "30.4", "lower_is_better"),
    ],
)
def test_a_floor_that_is_not_worse_than_the_standard_is_refused(
    old: str, standard: str, floor: str, polarity: str
) -> None:
    scoring = f"scoring:\n      method: standard\n      standard: {standard}\n      floor: {floor}"
    metric = "waits" if old == HIGH else "delay"
    assert_one_problem(
        changed((old, f"{scoring}  # here")),
        f"metrics.{metric}.scoring.floor",
        f"the floor {floor} is not worse than the standard {standard} under polarity {polarity}",
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (HIGH, "scoring: {method: standard, standard: 78, floor: 77}"),
        (HIGH, "scoring: {method: standard, standard: 78}"),
        (LOW, "scoring: {method: standard, standard: 30, floor: 31}"),
        (HIGH, "scoring: {method: floor, floor: 50}"),
        (HIGH, "scoring: {method: target, target: 90, limit: 50}"),
        (LOW, "scoring: {method: target, target: 50, limit: 90}"),
        (HIGH, "scoring: {method: min_max}"),
        (HIGH, "scoring: {method: min_max, lower: 90}"),
        (HIGH, "scoring: {method: min_max, upper: 10}"),
        (HIGH, "scoring: {method: min_max, lower: 10, upper: 90}"),
        (LOW, "scoring: {method: min_max, lower: 10, upper: 90}"),
        (HIGH, "scoring: {method: z_score}"),
        (HIGH, "scoring: {method: published}"),
        (HIGH, bands("{at_least: 2, score: 1}", "{at_least: 1, score: 2}")),
        (
            HIGH,
            bands("{at_least: 2, score: 1}", "{at_least: 1, score: 1}", otherwise="otherwise: 1"),
        ),
        (LOW, bands("{at_most: 1, score: 1}", "{at_most: 2, score: 2}")),
        (HIGH, matrix()),
    ],
)
def test_every_scoring_method_has_a_sound_form(old: str, new: str) -> None:
    assert findings_of(changed((old, new))) == []


@pytest.mark.parametrize(
    ("old", "target", "limit", "polarity"),
    [
        (HIGH, "90", "95", "higher_is_better"),
        (HIGH, "90", "90", "higher_is_better"),
        (LOW, "90", "50", "lower_is_better"),
        (LOW, "90", "90", "lower_is_better"),
    ],
)
def test_a_limit_that_is_not_worse_than_the_target_is_refused(
    old: str, target: str, limit: str, polarity: str
) -> None:
    scoring = f"scoring:\n      method: target\n      target: {target}\n      limit: {limit}"
    metric = "waits" if old == HIGH else "delay"
    assert_one_problem(
        changed((old, f"{scoring}  # here")),
        f"metrics.{metric}.scoring.limit",
        f"the limit {limit} is not worse than the target {target} under polarity {polarity}",
    )


@pytest.mark.parametrize("old", [HIGH, LOW])
@pytest.mark.parametrize(("lower", "upper"), [("90", "10"), ("50", "50"), ("1.5", "1")])
def test_an_upper_goalpost_that_is_not_above_the_lower_is_refused(
    old: str, lower: str, upper: str
) -> None:
    scoring = f"scoring:\n      method: min_max\n      lower: {lower}\n      upper: {upper}"
    metric = "waits" if old == HIGH else "delay"
    assert_one_problem(
        changed((old, f"{scoring}  # here")),
        f"metrics.{metric}.scoring.upper",
        f"the upper goalpost {upper} is not above the lower {lower}",
    )


@pytest.mark.parametrize(
    ("old", "scoring", "place", "message"),
    [
        (
            HIGH,
            bands("{at_least: 2, score: 1}", "{score: 2}  # here"),
            "bands.1",
            "a band states exactly one of at_least and at_most",
        ),
        (
            HIGH,
            bands("{at_least: 2, at_most: 3, score: 1}  # here"),
            "bands.0",
            "a band states exactly one of at_least and at_most",
        ),
        (
            HIGH,
            bands("{at_most: 2, score: 1}  # here"),
            "bands.0",
            "under polarity higher_is_better a band states at_least, best band first",
        ),
        (
            LOW,
            bands("{at_most: 0, score: 1}", "{at_least: 2, score: 2}  # here"),
            "bands.1",
            "under polarity lower_is_better a band states at_most, best band first",
        ),
        (
            HIGH,
            bands("{at_least: 1, score: 1}", "{at_least: 2, score: 2}  # here"),
            "bands.1",
            "at_least 2 can never be reached after 1",
        ),
        (
            HIGH,
            bands("{at_least: 1, score: 1}", "{at_least: 1, score: 2}  # here"),
            "bands.1",
            "at_least 1 can never be reached after 1",
        ),
        (
            LOW,
            bands("{at_most: 2, score: 1}", "{at_most: 1.5, score: 2}  # here"),
            "bands.1",
            "at_most 1.5 can never be reached after 2",
        ),
        (
            LOW,
            bands("{at_most: 2, score: 1}", "{at_most: 2, score: 2}  # here"),
            "bands.1",
            "at_most 2 can never be reached after 2",
        ),
        (
            HIGH,
            bands("{at_least: 2, score: 0.5}  # here"),
            "bands.0.score",
            "score 0.5 is off the scale, which runs from 1 to 4",
        ),
        (
            HIGH,
            bands("{at_least: 2, score: 1}", otherwise="otherwise: 5  # here"),
            "otherwise",
            "score 5 is off the scale, which runs from 1 to 4",
        ),
        (
            HIGH,
            bands("{at_least: 2, score: 2}", "{at_least: 1, score: 1.5}  # here"),
            "bands.1.score",
            "score 1.5 is better than the 2 of a better band",
        ),
        (
            LOW,
            bands("{at_most: 2, score: 3}", otherwise="otherwise: 2  # here"),
            "otherwise",
            "score 2 is better than the 3 of a better band",
        ),
    ],
)
def test_bands_that_contradict_themselves_are_refused(
    old: str, scoring: str, place: str, message: str
) -> None:
    metric = "waits" if old == HIGH else "delay"
    assert_one_problem(changed((old, scoring)), f"metrics.{metric}.scoring.{place}", message)


def test_on_a_scale_where_high_is_good_a_worse_band_may_not_score_higher() -> None:
    scale = ("scale: {best: 1, worst: 4}", "scale: {best: 4, worst: 0}")
    falling = bands("{at_least: 2, score: 4}", "{at_least: 1, score: 2}", otherwise="otherwise: 0")
    rising = bands(
        "{at_least: 2, score: 2}", "{at_least: 1, score: 3}  # here", otherwise="otherwise: 0"
    )
    assert findings_of(changed(scale, (HIGH, falling))) == []
    assert_one_problem(
        changed(scale, (HIGH, rising)),
        "metrics.waits.scoring.bands.1.score",
        "score 3 is better than the 2 of a better band",
    )


@pytest.mark.parametrize(
    ("scoring", "place", "message"),
    [
        (
            matrix(rows="rows: dealy  # here"),
            "rows",
            "there is no metric 'dealy' in this framework",
        ),
        (
            matrix(columns="columns: dealy  # here"),
            "columns",
            "there is no metric 'dealy' in this framework",
        ),
        (
            matrix(rows="rows: waits  # here"),
            "rows",
            "a matrix combines metrics that are scored by other methods",
        ),
        (
            matrix(columns="columns: waits  # here"),
            "columns",
            "a matrix combines metrics that are scored by other methods",
        ),
        (
            matrix(scores="\n        - [1, 2]\n        - [2, 3, 4]  # here"),
            "scores.1",
            "3 scores where the first row has 2",
        ),
        (
            matrix(scores="\n        - [1, 2]\n        - [2, 4.5]  # here"),
            "scores.1.1",
            "score 4.5 is off the scale, which runs from 1 to 4",
        ),
    ],
)
def test_a_matrix_that_contradicts_the_framework_is_refused(
    scoring: str, place: str, message: str
) -> None:
    assert_one_problem(changed((HIGH, scoring)), f"metrics.waits.scoring.{place}", message)


def test_a_published_score_beside_published_scoring_is_refused() -> None:
    scoring = "published_score: waits_score\n    scoring:\n      method: published  # here"
    assert_one_problem(
        changed((HIGH, scoring)),
        "metrics.waits.scoring.method",
        "a published score is its own datum: leave published_score out",
    )


def test_the_scoring_of_another_unit_is_held_to_the_same_rules() -> None:
    by_unit = (
        f"{HIGH}\n    scoring_of_unit:\n      points:\n"
        "        method: standard\n        standard: 2\n        floor: 3  # here"
    )
    assert_one_problem(
        changed((HIGH, by_unit)),
        "metrics.waits.scoring_of_unit.points.floor",
        "the floor 3 is not worse than the standard 2 under polarity higher_is_better",
    )


def test_a_framework_in_which_no_metric_counts_is_refused() -> None:
    assert_one_problem(
        changed(
            ("metrics:", "metrics:  # here"),
            ("basis: sum", "basis: sum\n    counts: false"),
            ("basis: mean", "basis: mean\n    counts: false"),
        ),
        "metrics",
        "no metric counts towards the average",
    )


def test_more_metrics_asked_for_than_count_are_refused() -> None:
    assert_one_problem(
        changed(
            ("basis: mean", "basis: mean\n    counts: false"),
            (SEGMENTS, f"aggregate:\n  min_metrics: 2  # here\n{SEGMENTS}"),
        ),
        "aggregate.min_metrics",
        "2 metrics are asked for; only 1 can count",
    )


def test_every_counted_metric_may_be_asked_for() -> None:
    assert findings_of(changed((SEGMENTS, f"aggregate: {{min_metrics: 2}}\n{SEGMENTS}"))) == []


def test_thresholds_may_lie_close_together() -> None:
    text = changed((SEGMENTS, "segments: {method: thresholds, upper_bounds: [1.92, 1.93, 2]}"))
    assert findings_of(text) == []


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        (("1.9", "1.8"), "1.8 is not worse than 1.9 before it"),
        (("1.9", "1.9"), "1.9 is not worse than 1.9 before it"),
    ],
)
def test_thresholds_that_do_not_get_worse_are_refused(
    bounds: tuple[str, str], message: str
) -> None:
    segments = (
        "segments:\n  method: thresholds\n  upper_bounds:\n"
        f"    - {bounds[0]}\n    - {bounds[1]}  # here"
    )
    assert_one_problem(changed((SEGMENTS, segments)), "segments.upper_bounds.1", message)


def test_more_than_a_hundred_segments_are_refused() -> None:
    bounds = ", ".join(f"{1 + place / 100:.2f}" for place in range(100))
    segments = f"segments: {{method: thresholds, upper_bounds: [{bounds}]}}  # here"
    assert_one_problem(
        changed((SEGMENTS, segments)),
        "segments.upper_bounds",
        "100 bounds make 101 segments; at most 100 are kept apart",
    )


def test_a_ranking_key_that_stands_twice_is_refused() -> None:
    ranking = "ranking:\n  by:\n    - segment\n    - average_metric_score\n    - segment  # here"
    segments = "segments: {method: quartiles}"
    assert_one_problem(
        changed((SEGMENTS, f"{segments}\n{ranking}")), "ranking.by.2", "'segment' stands twice"
    )


def test_thresholds_fall_where_high_is_good() -> None:
    scale = ("scale: {best: 1, worst: 4}", "scale: {best: 100, worst: 0}")
    falling = (SEGMENTS, "segments: {method: thresholds, upper_bounds: [75, 50, 25]}")
    rising = (SEGMENTS, "segments: {method: thresholds, upper_bounds: [25, 50]}  # here")
    assert findings_of(changed(scale, falling)) == []
    assert_one_problem(
        changed(scale, rising),
        "segments.upper_bounds.1",
        "50 is not worse than 25 before it",
    )


@pytest.mark.parametrize(
    ("rules", "place", "message"),
    [
        (
            (
                "{id: a, title: A, when: {flag: x}, not_better_than: 3}",
                "{id: a, title: B, when: {flag: y}, not_better_than: 3}  # here",
            ),
            "overrides.1.id",
            "override 'a' is stated twice",
        ),
        (
            ("{id: a, title: A, domain: none, when: {flag: x}, not_better_than: 3}  # here",),
            "overrides.0.domain",
            "there is no domain 'none'",
        ),
        (
            ("{id: a, title: A, when: {flag: x}, not_better_than: 5}  # here",),
            "overrides.0.not_better_than",
            "there are only 4 segments",
        ),
        (
            ("{id: a, title: A, when: {}, not_better_than: 3}  # here",),
            "overrides.0.when",
            "an override asks for exactly one of metric and flag",
        ),
        (
            ("{id: a, title: A, when: {metric: waits, flag: x}, not_better_than: 3}  # here",),
            "overrides.0.when",
            "an override asks for exactly one of metric and flag",
        ),
        (
            ("{id: a, title: A, when: {metric: wiats, below: 0}, not_better_than: 3}  # here",),
            "overrides.0.when.metric",
            "there is no metric 'wiats' in this framework",
        ),
        (
            ("{id: a, title: A, when: {metric: waits}, not_better_than: 3}  # here",),
            "overrides.0.when",
            "an override on a metric states exactly one of below and above",
        ),
        (
            (
                "{id: a, title: A, when: {metric: waits, below: 0, above: 1}, not_better_than: 3}"
                "  # here",
            ),
            "overrides.0.when",
            "an override on a metric states exactly one of below and above",
        ),
        (
            ("{id: a, title: A, when: {flag: x, below: 0}, not_better_than: 3}  # here",),
            "overrides.0.when",
            "a flag is raised or not: leave below and above out",
        ),
        (
            ("{id: a, title: A, when: {flag: x, above: 0}, not_better_than: 3}  # here",),
            "overrides.0.when",
            "a flag is raised or not: leave below and above out",
        ),
    ],
)
def test_an_override_that_contradicts_the_framework_is_refused(
    rules: tuple[str, ...], place: str, message: str
) -> None:
    assert_one_problem(changed((SEGMENTS, overrides(*rules))), place, message)


@pytest.mark.parametrize("when", ["metric: waits, below: 0", "metric: waits, above: 0", "flag: x"])
def test_an_override_on_one_bound_or_one_flag_is_sound(when: str) -> None:
    rule = f"{{id: a, title: A, when: {{{when}}}, not_better_than: 4}}"
    assert findings_of(changed((SEGMENTS, overrides(rule)))) == []


@pytest.mark.parametrize(("segment", "problems"), [(3, []), (4, ["there are only 3 segments"])])
def test_thresholds_make_one_segment_more_than_bounds(segment: int, problems: list[str]) -> None:
    rule = f"{{id: a, title: A, when: {{flag: x}}, not_better_than: {segment}}}"
    text = changed(
        (
            SEGMENTS,
            f"segments: {{method: thresholds, upper_bounds: [2, 3]}}\noverrides: [{rule}]",
        )
    )
    assert [finding.message for finding in findings_of(text)] == problems


def test_published_scores_of_an_unknown_domain_are_refused() -> None:
    published = (
        "published:\n  average_metric_score: average\n  domain_scores:\n"
        "    access: access_score\n    acess: access_score  # here"
    )
    rounding = "aggregate: {rounding: before_ranking}"
    assert_one_problem(
        changed((SEGMENTS, f"{SEGMENTS}\n{rounding}\n{published}")),
        "published.domain_scores.acess",
        "there is no domain 'acess'",
    )


def test_published_averages_without_rounding_before_ranking_are_refused() -> None:
    published = "aggregate: {rounding: after_ranking}  # here\npublished: {average_metric_score: a}"
    assert_one_problem(
        changed((SEGMENTS, f"{SEGMENTS}\n{published}")),
        "aggregate.rounding",
        "published averages are rounded: state before_ranking where they may be used",
    )


def test_a_published_score_that_is_a_metric_of_its_own_is_refused() -> None:
    assert_one_problem(
        changed(("basis: sum", "basis: sum\n    published_score: waits  # here")),
        "metrics.waits.published_score",
        "'waits' is a metric of its own",
    )


def test_contradictions_in_several_parts_are_all_reported() -> None:
    text = changed(
        ("domain: access", "domain: x  # here"),
        (LOW, "scoring: {method: standard, standard: 30, floor: 20}  # here"),
        (SEGMENTS, "segments: {method: thresholds, upper_bounds: [3, 2]}  # here"),
    )
    findings = findings_of(text)
    assert [finding.row for finding in findings] == marked_lines(text)
    assert [finding.column for finding in findings] == [
        "metrics.waits.domain",
        "metrics.delay.scoring.floor",
        "segments.upper_bounds.1",
    ]
