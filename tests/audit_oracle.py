"""A naive audit to hold the engine's against: every published figure is recomputed by itself.

Recomputes with ``tests.oracle``, figure by figure, and judges what comes out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests import oracle
from tests.oracle import Chosen, Figure, Figures, Scores, Spec

QUARTILES = {
    "lower_quartile": Fraction(1, 4),
    "median": Fraction(1, 2),
    "upper_quartile": Fraction(3, 4),
}
RANKED = ("rank", "standard", "floor")
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Recomputed:
    """What a published figure should be, and the bounds of what it can be.

    Nothing, where it cannot be told; without decimals, where it is a rank, a segment or a flag.
    """

    exact: Fraction | None
    decimals: int | None = None
    ends: tuple[Fraction, ...] = ()
    is_on_edge: bool = False


@dataclass(frozen=True)
class Cell:
    """A published figure's verdict, beside the recomputed figure as it would be printed."""

    verdict: str
    recomputed: Fraction | None


Cells = dict[tuple[str, str, str], Cell]
"""By kind, published id and organisation."""


def audited(
    observations: Iterable[Spec],
    peer_groups: Mapping[str, str],
    framework: Spec,
    quarter: str,
    source: str = "auto",
    *,
    tolerance: float = 0.01,
) -> Cells:
    """Audit every figure of the organisations that are in the league."""
    rows = list(observations)
    figures = oracle.quarter_figures(rows, framework, quarter)
    standings = oracle.standings(rows, peer_groups, framework, quarter, source)
    league = League(framework, source, figures, standings)
    cells: Cells = {}
    for (id_, org), figure in figures.items():
        if org not in standings or figure.value is None:
            continue
        for kind, recomputed in league.recomputed(id_, org):
            cells[kind, id_, org] = judged(figure.value, recomputed, oracle.exact(tolerance))
        if figure.published_rank is not None and id_ in framework["metrics"]:
            rank = judged(oracle.exact(figure.published_rank), league.place(id_, org), Fraction(0))
            cells["metric_rank", id_, org] = rank
    return cells


def judged(published: Fraction, recomputed: Recomputed, tolerance: Fraction) -> Cell:
    """Set a published figure beside the recomputed one."""
    exact, decimals = recomputed.exact, recomputed.decimals
    if exact is None:
        return Cell("not_computable", None)
    printed, ends = exact, list(recomputed.ends)
    if decimals is not None:
        printed = oracle.rounded(exact, decimals) or Fraction(0)
        ends = [oracle.rounded(end, decimals) or Fraction(0) for end in ends]
    off = abs(printed - published)
    if off <= oracle.TOLERANCE:
        verdict = "equal"
    elif ends and min(ends) - oracle.TOLERANCE <= published <= max(ends) + oracle.TOLERANCE:
        verdict = "on_edge" if recomputed.is_on_edge else "within_tie"
    elif decimals is not None and off <= tolerance + oracle.TOLERANCE:
        verdict = "within_tolerance"
    else:
        verdict = "different"
    return Cell(verdict, printed)


def quantile(numbers: Iterable[Fraction], share: Fraction) -> Fraction:
    """Cut at a share of the numbers by linear interpolation."""
    ordered = sorted(numbers)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


class League:
    """A league by the oracle, asked for one figure at a time."""

    def __init__(
        self,
        framework: Spec,
        source: str,
        figures: Figures,
        standings: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.framework, self.figures, self.standings = framework, figures, standings
        self.groups = {org: str(row["peer_group"]) for org, row in standings.items()}
        self.decimals = framework["scale"].get("decimals", 2)
        self.published = framework.get("published") or {}
        self.loaded = oracle.loaded_organisations(framework, figures, self.groups)
        self.expected = framework.get("peer_groups", {}).get("expected_organisations", {})
        self.chosen = oracle.chosen_scores(framework, figures, self.groups, source)
        self.printed = {
            metric_id: oracle.published_scores(metric, figures, self.groups)
            for metric_id, metric in framework["metrics"].items()
        }
        self.compared: dict[tuple[str, str, str | None], list[Fraction]] = {}
        for (id_, org), figure in figures.items():
            if id_ in framework["metrics"] and org in self.groups and figure.value is not None:
                same = self.compared.setdefault(self._comparable(id_, org), [])
                same.append(figure.value)
        self.computed = {
            metric_id: oracle.computed_scores(
                metric_id,
                framework,
                figures,
                peer_groups=self.groups,
                chosen=self.chosen,
                source=source,
            )
            for metric_id in framework["metrics"]
        }
        self.last_of_ties = {
            metric_id: self._scored_pools(metric_id, self._own(metric_id), shared_rank="worst")
            for metric_id, metric in framework["metrics"].items()
            if metric["scoring"]["method"] in RANKED
        }

    def recomputed(self, id_: str, org: str) -> Iterator[tuple[str, Recomputed]]:
        """Say of what kind the figure with this id is, and what it should be."""
        for metric_id, metric in self.framework["metrics"].items():
            method = metric["scoring"]["method"]
            if method == "published" and metric_id == id_:
                yield "metric_score", Recomputed(None)
            elif method == "matrix" and metric.get("published_score") == id_:
                yield "combined_score", self._combined_score(metric_id, org)
            elif method != "published" and metric.get("published_score") == id_:
                yield "metric_score", self._metric_score(metric_id, org)
        kind, _, metric_id = id_.partition(":")
        if kind in QUARTILES and metric_id in self.framework["metrics"]:
            yield kind, self._quartile(kind, metric_id, org)
        for domain in self._scored_domains():
            if self.published.get("domain_scores", {}).get(domain) == id_:
                yield "domain_score", Recomputed(self._domain_mean(domain, org), self.decimals)
            if self.published.get("domain_segments", {}).get(domain) == id_:
                yield "domain_segment", self._domain_segment(domain, org)
        for name, recompute in {
            "average_metric_score": self._average,
            "segment": self._segment,
            "adjusted_segment": self._segment,
            "league_rank": self._league_rank,
            "rank_by_average": self._rank_by_average,
        }.items():
            if self.published.get(name) == id_:
                kind = "average" if name == "average_metric_score" else name
                yield kind, recompute(name, org)
        yield from self._override(id_, org)

    # Scores

    def _own(self, metric_id: str) -> dict[str, Figure]:
        """List the figures of a metric in its own unit."""
        units = self.framework["metrics"][metric_id].get("scoring_of_unit", {})
        return {
            org: figure
            for (id_, org), figure in self.figures.items()
            if id_ == metric_id
            and figure.value is not None
            and figure.unit not in units
            and org in self.groups
        }

    def _metric_score(self, metric_id: str, org: str) -> Recomputed:
        metric = self.framework["metrics"][metric_id]
        method = metric["scoring"]["method"]
        figure = self.figures.get((metric_id, org))
        is_whole = oracle.is_whole(metric, self.groups[org], self.framework, self.loaded)
        if figure is None or figure.value is None:
            return Recomputed(None)
        if not is_whole and oracle.hangs_on_others(metric):
            return Recomputed(None)
        exact = self.computed[metric_id].get(org)
        if exact is None:
            return Recomputed(None)
        ends: tuple[Fraction, ...] = ()
        if method in RANKED:
            ends = (exact, self.last_of_ties[metric_id].get(org, exact))
        elif method == "bands" and org in self._own(metric_id):
            digit = Fraction(1, 10 ** metric.get("decimals", 2))
            ends = tuple(
                self._banded(metric_id, org, figure.value + by * digit) for by in (-HALF, HALF)
            )
        return Recomputed(exact, self.decimals, ends, is_on_edge=method == "bands")

    def _scored_pools(self, metric_id: str, own: Mapping[str, Figure], **how: Any) -> Scores:
        metric = self.framework["metrics"][metric_id]
        scores: Scores = {}
        for pool in oracle.pools(metric, own, self.groups):
            scores |= oracle.score_pool(
                metric["scoring"],
                metric,
                pool,
                self.groups,
                framework=self.framework,
                settling=self.printed[metric_id],
                **how,
            )
        return scores

    def _banded(self, metric_id: str, org: str, value: Fraction) -> Fraction:
        return self._scored_pools(metric_id, {org: Figure(value, "reported")})[org]

    def _combined_score(self, metric_id: str, org: str) -> Recomputed:
        exact = self.computed[metric_id].get(org)
        if exact is None:
            return Recomputed(None)
        scoring = self.framework["metrics"][metric_id]["scoring"]
        parts = {id_: self._printed_part(id_) for id_ in (scoring["rows"], scoring["columns"])}
        by_printed = oracle.combined_scores(scoring, parts).get(org, exact)
        return Recomputed(exact, self.decimals, (exact, by_printed), is_on_edge=True)

    def _printed_part(self, metric_id: str) -> Scores:
        """Give the scores that a part is printed to have; one without any, those it has."""
        if self.framework["metrics"][metric_id].get("published_score") is not None:
            return self.printed[metric_id]
        return {org: chosen.score for org, chosen in self.chosen[metric_id].items()}

    # Within the peer group

    def _peers(self, metric_id: str, org: str) -> list[Fraction]:
        """List the values of the peer group, in the unit that the organisation's is stated in."""
        return self.compared[self._comparable(metric_id, org)]

    def _comparable(self, metric_id: str, org: str) -> tuple[str, str, str | None]:
        units = self.framework["metrics"][metric_id].get("scoring_of_unit", {})
        unit = self.figures[metric_id, org].unit
        return metric_id, self.groups[org], unit if unit in units else None

    def _is_whole_group(self, org: str, organisations: Iterable[str]) -> bool:
        group, there = self.groups[org], [self.groups[other] for other in organisations]
        return there.count(group) >= int(self.expected.get(group, 0))

    def place(self, metric_id: str, org: str) -> Recomputed:
        """Rank a value within the peer group; those printed alike may be in any order."""
        if not self._is_whole_group(org, self.loaded):
            return Recomputed(None)
        sign = -1 if self.framework["metrics"][metric_id]["polarity"] == "higher_is_better" else 1
        costs = [sign * value for value in self._peers(metric_id, org)]
        own = sign * (self.figures[metric_id, org].value or Fraction(0))
        first = Fraction(1 + sum(1 for cost in costs if cost < own))
        return Recomputed(first, ends=(first, first + costs.count(own) - 1))

    def _quartile(self, kind: str, metric_id: str, org: str) -> Recomputed:
        figure = self.figures.get((metric_id, org))
        if figure is None or figure.value is None or not self._is_whole_group(org, self.loaded):
            return Recomputed(None)
        exact = quantile(self._peers(metric_id, org), QUARTILES[kind])
        return Recomputed(exact, self.framework["metrics"][metric_id].get("decimals", 2))

    # Results

    def _counted(self, domain: str | None = None) -> dict[str, Spec]:
        return {
            id_: metric
            for id_, metric in self.framework["metrics"].items()
            if metric.get("counts", True) and domain in (None, metric["domain"])
        }

    def _scored_domains(self) -> list[str]:
        return [domain for domain in self.framework["domains"] if self._counted(domain)]

    def _domain_mean(self, domain: str, org: str) -> Fraction | None:
        scored: list[tuple[Chosen | None, Any]] = [
            (self.chosen[id_].get(org), metric.get("weight", 1))
            for id_, metric in self._counted(domain).items()
        ]
        kind = self.framework.get("aggregate", {}).get("mean", "arithmetic")
        return oracle.weighted_mean(
            ((one.score, weight) for one, weight in scored if one is not None), kind
        )

    def _domain_segment(self, domain: str, org: str) -> Recomputed:
        segment = self.standings[org][f"domain_segment_{domain}"]
        scores = self.published.get("domain_scores", {}).get(domain)
        told = any(
            oracle.published_result(scores, other, self.figures) is not None
            for other in self.standings
        )
        if segment is None or (oracle.is_short(self.framework, len(self.loaded)) and not told):
            return Recomputed(None)
        return Recomputed(Fraction(segment))

    def _average(self, _name: str, org: str) -> Recomputed:
        row = self.standings[org]
        is_recomputed = row["metrics_scored"] > 0
        return Recomputed(row["composite"] if is_recomputed else None, self.decimals)

    def _ranked(self) -> list[str]:
        return [o for o, row in self.standings.items() if row["average_metric_score"] is not None]

    def _segment(self, name: str, org: str) -> Recomputed:
        row, rule = self.standings[org], self.framework["segments"]
        is_whole = not oracle.is_short(self.framework, len(self._ranked()))
        if rule["method"] == "quartiles" and rule.get("pool", "all") == "peer_group":
            is_whole = self._is_whole_group(org, self._ranked())
        is_cut = rule["method"] == "thresholds" or row["cuts_are_published"] or is_whole
        return Recomputed(Fraction(row[name]) if is_cut and row[name] is not None else None)

    def _league_rank(self, _name: str, org: str) -> Recomputed:
        within = self.framework.get("ranking", {}).get("within", "peer_group")
        is_whole = (
            self._is_whole_group(org, self._ranked())
            if within == "peer_group"
            else not oracle.is_short(self.framework, len(self._ranked()))
        )
        rank = self.standings[org]["rank"]
        return Recomputed(Fraction(rank) if is_whole and rank is not None else None)

    def _rank_by_average(self, _name: str, org: str) -> Recomputed:
        own = self.standings[org]["average_metric_score"]
        if own is None or not self._is_whole_group(org, self._ranked()):
            return Recomputed(None)
        sign = 1 if self.framework["scale"]["best"] < self.framework["scale"]["worst"] else -1
        better = [
            other
            for other in self._ranked()
            if self.groups[other] == self.groups[org]
            and sign * self.standings[other]["average_metric_score"] < sign * own
        ]
        return Recomputed(Fraction(1 + len(better)))

    def _override(self, id_: str, org: str) -> Iterator[tuple[str, Recomputed]]:
        """Tell the only override's flag by whether it moved the published segment.

        A segment that is no better than what the override allows is moved by none.
        """
        rules = self.framework.get("overrides", ())
        if len(rules) != 1 or rules[0]["when"].get("flag") != id_:
            return
        moved = [self.published.get(name) for name in ("segment", "adjusted_segment")]
        for result_id in moved:
            if all(
                oracle.published_result(result_id, other, self.figures) is None
                for other in self.standings
            ):
                return
        before, after = (oracle.published_result(one, org, self.figures) for one in moved)
        if before is None or after is None:
            yield "override", Recomputed(None)
        elif before >= rules[0]["not_better_than"]:
            yield "override", Recomputed(self.figures[id_, org].value)
        else:
            yield "override", Recomputed(Fraction(after > before))
