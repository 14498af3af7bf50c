"""Why a rank is another under another framework: its metrics, its overrides, or its other rules.

Frameworks are made that have the metrics of one, the overrides of one and the other rules of one of
the two, and each scores the same figures; what a part adds to the move is averaged over every order
in which the parts are exchanged.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from nhs_league.analysis.comparison.attribution import ATTRIBUTION_SCHEMA
from nhs_league.analysis.comparison.shapley import State, shapley_values, states
from nhs_league.analysis.robustness.numbers import Floats
from nhs_league.framework.model import Framework, Metric, Override
from nhs_league.league import League, score_figures
from nhs_league.scoring import columns

_METRIC_SET, _OVERRIDE, _METHOD = range(3)


def attribute_methods(before: League, after: League) -> pl.DataFrame:
    """Share each move between two frameworks on the same figures among their parts.

    Under ``ATTRIBUTION_SCHEMA``: metrics that one framework has and the other has not, the
    overrides, and the method, which is everything else; nobody's figures are others. Where the two
    have no common scale or peer groups, or a framework made of both leaves an organisation
    unranked, the whole move is the method's.
    """
    ranks = [_ranks(league) for league in (before, after)]
    both = ranks[0].join(ranks[1], on="org_code", how="inner", suffix="_to").sort("org_code")
    outcomes = _outcomes(before, after, both)
    shares = shapley_values(outcomes)
    whole = _numbers(both["rank_to"]) - _numbers(both["rank"])
    frame = pl.DataFrame(
        {
            "org_code": both["org_code"],
            "due_to_own_metrics": 0.0,
            "due_to_others": 0.0,
            "due_to_override": shares[_OVERRIDE],
            "due_to_metric_set": shares[_METRIC_SET],
            "due_to_method": shares[_METHOD],
            "whole": whole,
        }
    )
    parts = ("due_to_override", "due_to_metric_set", "due_to_method")
    is_known = pl.all_horizontal(pl.col(part).is_not_nan() for part in parts)
    return frame.with_columns(
        pl.when(is_known).then(part).otherwise(pl.lit(0.0) if part != parts[-1] else "whole")
        for part in parts
    ).select(pl.col(name).cast(dtype) for name, dtype in ATTRIBUTION_SCHEMA.items())


def _outcomes(before: League, after: League, both: pl.DataFrame) -> dict[State, Floats]:
    """Give the rank of every organisation that both tables rank, in every state."""
    one, other = before.framework, after.framework
    can_be_mixed = _can_be_mixed(one, other)
    # What is the same in both is no cause, and makes no difference.
    has_other_metrics = can_be_mixed and set(one.metrics) != set(other.metrics)
    has_other_overrides = can_be_mixed and one.overrides != other.overrides
    outcomes: dict[State, Floats] = {}
    for metric_set, override, method in states(3):
        state = (
            metric_set if has_other_metrics else method,
            override if has_other_overrides else method,
            method,
        )
        if not any(state):
            ranks = both["rank"]
        elif all(state):
            ranks = both["rank_to"]
        else:
            mixed = _ranks(_mixed(before, after, state))
            ranks = both.join(mixed, on="org_code", how="left", suffix="_mixed").sort("org_code")[
                "rank_mixed"
            ]
        outcomes[metric_set, override, method] = _numbers(ranks)
    return outcomes


def _ranks(league: League) -> pl.DataFrame:
    ranked = league.standings.filter(pl.col(columns.RANK).is_not_null())
    return ranked.select("org_code", "rank")


def _numbers(ranks: pl.Series) -> Floats:
    """Give ranks as numbers, not a number where there is none."""
    numbers: Floats = ranks.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return numbers


def _can_be_mixed(one: Framework, other: Framework) -> bool:
    """Say whether scores and overrides of two frameworks mean the same."""
    return one.scale == other.scale and one.peer_groups.column == other.peer_groups.column


def _mixed(before: League, after: League, state: State) -> League:
    """Score the figures of both by a framework with parts of each."""
    leagues = (before, after)
    metrics_of, overrides_of, rules_of = (
        leagues[state[part]] for part in (_METRIC_SET, _OVERRIDE, _METHOD)
    )
    rules, overrides = rules_of.framework, overrides_of.framework.overrides
    metrics = _metrics(metrics_of.framework, rules)
    both = (rules, before.framework, after.framework)
    metrics |= _supporting(metrics, overrides, both)
    stated = {
        "metrics": metrics,
        "overrides": overrides,
        "domains": {**before.framework.domains, **after.framework.domains, **rules.domains},
        # Published averages are of the publisher's own metrics.
        "published": rules.published if set(metrics) == set(rules.metrics) else None,
    }
    framework = Framework.model_construct(**{**dict(rules), **stated})
    return score_figures(
        _figures(leagues, rules_of),
        before.organisations,
        framework,
        before.quarter,
        before.scores,
    )


def _metrics(stated: Framework, rules: Framework) -> dict[str, Metric]:
    """Take the metrics of one framework, as the other defines those that both have.

    Weights mean something only beside each other: those of the rest are brought into proportion by
    the weights of the metrics that both have.
    """
    common = [id_ for id_ in stated.counted_metrics if id_ in rules.counted_metrics]
    proportion = 1.0
    if common:
        own = sum(stated.metrics[id_].weight for id_ in common)
        proportion = sum(rules.metrics[id_].weight for id_ in common) / own
    return {
        id_: rules.metrics[id_]
        if id_ in rules.metrics
        else metric.model_copy(update={"weight": metric.weight * proportion})
        for id_, metric in stated.metrics.items()
    }


def _supporting(
    metrics: Mapping[str, Metric],
    overrides: tuple[Override, ...],
    frameworks: tuple[Framework, ...],
) -> dict[str, Metric]:
    """Give the metrics that matrices and overrides ask for, beside those that count."""
    asked = [rule.when.metric for rule in overrides if rule.when.metric is not None]
    for metric in metrics.values():
        asked += metric.combined
    found: dict[str, Metric] = {}
    for id_ in asked:
        if id_ not in metrics and id_ not in found:
            stated = next(each for each in frameworks if id_ in each.metrics)
            found[id_] = stated.metrics[id_].model_copy(update={"counts": False})
    return found


def _figures(leagues: tuple[League, League], rules_of: League) -> pl.DataFrame:
    """Give the figures of a mixed framework, each as the framework that defines it makes it."""
    own = rules_of.figures
    other = next(league.figures for league in leagues if league is not rules_of)
    others = other.join(own.select("metric_id").unique(), on="metric_id", how="anti")
    return pl.concat([own, others])
