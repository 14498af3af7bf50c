"""The league summed up by place, and how far places differ beyond what chance would make them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import polars as pl

from nhs_league.analysis.rankings import filtered
from nhs_league.analysis.robustness.intervals import TAIL
from nhs_league.analysis.robustness.numbers import Floats
from nhs_league.errors import UsageError
from nhs_league.framework.model import Scale
from nhs_league.league import League, cut_points
from nhs_league.scoring import columns
from nhs_league.scoring.aggregate import scored_domains
from nhs_league.scoring.numbers import TOLERANCE, key_expr

PlaceKind = Literal["region", "icb", "subtype"]

PLACE_SCHEMA: Final[dict[str, pl.DataType]] = {
    "place_code": pl.String(),
    "place": pl.String(),
    "organisations": pl.Int64(),
    "ranked": pl.Int64(),
}
"""The frame contract of a summary begins so: one row a place, best mean first.

``place_code`` is an integrated care board's code, elsewhere the name; null, in the last row, for
organisations whose place is not stated. Then come ``segment_<n>``, the organisations in each
adjusted segment, and the columns of ``MEAN_SCHEMA``; last ``domain_score_<id>`` a domain, the mean
of its organisations' unrounded domain scores.
"""

MEAN_SCHEMA: Final[dict[str, pl.DataType]] = {
    "mean_average": pl.Float64(),
    "mean_low": pl.Float64(),
    "mean_high": pl.Float64(),
    "difference": pl.Float64(),
    "holding_back": pl.String(),
}
"""The columns on a place's averages, over its ranked organisations.

``mean_low`` and ``mean_high`` are the mean's 95% likely range, within the scale; null where there
is nothing to tell how far organisations of one place differ. ``difference`` is the mean of what
each average differs from its peer group's mean. ``holding_back`` lists up to two domains, worst
first.
"""

VARIATION_SCHEMA: Final[dict[str, pl.DataType]] = {
    "adjusted_for": pl.String(),
    "organisations": pl.Int64(),
    "places": pl.Int64(),
    "share": pl.Float64(),
    "share_by_chance": pl.Float64(),
    "share_beyond_chance": pl.Float64(),
    "f_value": pl.Float64(),
    "df_between": pl.Int64(),
    "df_within": pl.Int64(),
    "p_value": pl.Float64(),
    "sd_between": pl.Float64(),
    "sd_within": pl.Float64(),
}
"""The frame contract: how far places explain the differences between averages.

One row as the averages are, ``adjusted_for`` null; where there are several peer groups another,
``peer_group``, of the differences that are left between organisations of one peer group.
``share`` is (partial) eta squared, ``share_by_chance`` what it is expected to be if places made no
difference, ``share_beyond_chance`` (partial) omega squared, not below 0. ``f_value`` and
``p_value`` are of the F test. ``sd_within`` and ``sd_between`` are standard deviations on the scale
of the average; that between has chance taken off. Those that need two places are null for one.
"""

SIGNIFICANT: Final = 0.05
"""Places are said to differ where chance alone makes such a difference less often than this."""

_DECIMALS: Final = 9
_NOT_STATED: Final = "not stated"
_LISTED_DOMAINS: Final = 2
NOTABLE_SHARE: Final = 1 / 60
"""A domain holds a place back by at least this share of the scale: 0.05 points from 1 to 4."""

_COLUMNS: Final[dict[PlaceKind, tuple[str, str]]] = {
    "region": ("region", "region"),
    "icb": ("icb_code", "icb_name"),
    "subtype": ("trust_subtype", "trust_subtype"),
}


@dataclass(frozen=True)
class Places:
    """A league summed up by place.

    ``rows`` begins with ``PLACE_SCHEMA``; ``variation`` is under ``VARIATION_SCHEMA``.
    ``peer_group`` is the only one that is looked at, if it is one.
    """

    league: League
    by: PlaceKind
    peer_group: str | None
    rows: pl.DataFrame
    variation: pl.DataFrame

    @property
    def main(self) -> dict[str, Any]:
        """Give the variation that counts: that within peer groups, where it can be told."""
        told = self.variation.filter(pl.col("share").is_not_null())
        return (self.variation if told.is_empty() else told).row(-1 if len(told) else 0, named=True)

    @property
    def without_place(self) -> int:
        """Count the ranked organisations whose place is not stated."""
        return int(self.rows.filter(pl.col("place_code").is_null())["ranked"].sum())


def places(league: League, by: PlaceKind, *, peer_group: str | None = None) -> Places:
    """Sum a league up by region, integrated care board or subtype.

    ``peer_group`` keeps one of them, and may be shortened. Raises ``UsageError`` with the nearest
    names for an unknown one, and where nobody is ranked.
    """
    standings = filtered(league.standings, league.organisations, peer_group=peer_group)
    chosen = None if peer_group is None else str(standings["peer_group"][0])
    placed = _placed(standings, league, by)
    ranked = placed.filter(pl.col(columns.AVERAGE).is_not_null())
    if ranked.is_empty():
        among = "" if chosen is None else f" of the peer group {chosen!r}"
        raise UsageError(
            f"no organisation{among} is ranked for {league.framework.id} in "
            f"{league.quarter.long_label}: there is nothing to sum up"
        )
    variation = pl.DataFrame(_variations(ranked), schema=VARIATION_SCHEMA)
    rows = _rows(placed, ranked, league, variation.row(0, named=True))
    return Places(league, by, chosen, rows, variation)


def _placed(standings: pl.DataFrame, league: League, by: PlaceKind) -> pl.DataFrame:
    """Add each organisation's place, by code and by name; a name stands for a missing code."""
    code, name = _COLUMNS[by]
    told = league.organisations.select(
        "org_code",
        pl.coalesce(code, name).alias("place_code"),
        pl.coalesce(name, code).alias("place"),
    )
    placed = standings.join(told, on="org_code", how="left", maintain_order="left")
    # One code has one name: the first by the alphabet, whatever the order of the register.
    return placed.with_columns(
        pl.col("place").min().over("place_code").fill_null(_NOT_STATED).alias("place")
    ).sort("org_code")


def _rows(
    placed: pl.DataFrame, ranked: pl.DataFrame, league: League, spread: dict[str, Any]
) -> pl.DataFrame:
    """Lay places out, best mean first; those without a name come last."""
    framework = league.framework
    domains = scored_domains(framework)
    segments = range(1, len(cut_points(framework)) + 2)
    differences = _differences(ranked, domains)
    counted = placed.group_by("place_code", "place", maintain_order=True).agg(
        pl.len().alias("organisations"),
        pl.col(columns.AVERAGE).count().alias("ranked"),
        *((pl.col("adjusted_segment") == n).sum().alias(f"segment_{n}") for n in segments),
    )
    averaged = differences.group_by("place_code", maintain_order=True).agg(
        pl.col(columns.AVERAGE).mean().alias("mean_average"),
        pl.col("difference").mean(),
        *(
            pl.col(columns.domain_mean(id_)).mean().alias(columns.domain_score(id_))
            for id_ in domains
        ),
        pl.col("^off:.*$").mean(),
    )
    rows = counted.join(
        averaged, on="place_code", how="left", nulls_equal=True, maintain_order="left"
    ).with_columns(*_range_exprs(spread, framework.scale))
    rows = rows.join(
        _holding_back(rows, league, domains),
        on="place_code",
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    sign = 1 if framework.scale.is_lower_better else -1
    whole = pl.col("organisations", "ranked", "^segment_.*$").cast(pl.Int64)
    return (
        rows.sort(
            pl.col("place_code").is_null(),
            key_expr(pl.col("mean_average")) * sign,
            "place",
            "place_code",
            nulls_last=True,
        )
        .with_columns(whole)
        .select(
            *PLACE_SCHEMA,
            *(f"segment_{n}" for n in segments),
            *MEAN_SCHEMA,
            *(columns.domain_score(id_) for id_ in domains),
        )
    )


def _off(domain_id: str) -> str:
    return f"off:{domain_id}"


def _differences(ranked: pl.DataFrame, domains: list[str]) -> pl.DataFrame:
    """Add what each average and each domain score differs from its peer group's mean."""
    named = {columns.AVERAGE: "difference"}
    named |= {columns.domain_mean(id_): _off(id_) for id_ in domains}
    return ranked.with_columns(
        (pl.col(name) - pl.col(name).mean().over(columns.PEER_GROUP)).alias(other)
        for name, other in named.items()
    )


def _range_exprs(spread: dict[str, Any], scale: Scale) -> list[pl.Expr]:
    """Give the ends of each mean's likely range, from the spread within all places together.

    A place's own spread would say nothing of a place with one organisation, and little of one with
    two. An organisation without a stated place is in none of them, and has no range. No mean of
    averages is beyond the scale, and so no range is.
    """
    mean = pl.col("mean_average")
    if spread["sd_within"] is None:
        return [pl.lit(None, pl.Float64).alias(name) for name in ("mean_low", "mean_high")]
    from scipy.special import stdtrit

    half = float(stdtrit(spread["df_within"], 1 - TAIL)) * spread["sd_within"]
    reach = pl.when(pl.col("place_code").is_not_null()).then(half / pl.col("ranked").sqrt())
    ends = {"mean_low": mean - reach, "mean_high": mean + reach}
    least, greatest = sorted((scale.best, scale.worst))
    return [end.clip(least, greatest).alias(name) for name, end in ends.items()]


def _holding_back(rows: pl.DataFrame, league: League, domains: list[str]) -> pl.DataFrame:
    """List the domains in which each place is worst beside its peer groups, worst first.

    Equal ones come in the order of the framework.
    """
    scale = league.framework.scale
    least = NOTABLE_SHARE * abs(scale.span) + TOLERANCE
    worse = key_expr(pl.col("off") * (1 if scale.is_lower_better else -1))
    names = {_off(id_): id_ for id_ in domains}
    return (
        rows.unpivot(list(names), index="place_code", variable_name="domain", value_name="off")
        .with_columns(worse.alias("worse"))
        .filter(pl.col("worse") > least)
        .sort("worse", descending=True, maintain_order=True)
        .group_by("place_code", maintain_order=True)
        .agg(pl.col("domain").replace_strict(names).head(_LISTED_DOMAINS).alias("holding_back"))
        .with_columns(pl.col("holding_back").list.join(";"))
    )


def _variations(ranked: pl.DataFrame) -> list[dict[str, Any]]:
    """Tell the variation between places: as it is, and within peer groups if there are several."""
    stated = ranked.filter(pl.col("place_code").is_not_null())
    averages = stated[columns.AVERAGE].to_numpy().astype(np.float64)
    at_place = _indicators(stated["place_code"])
    everyone = np.ones((len(stated), 1))
    told = [{"adjusted_for": None} | _variation(averages, everyone, at_place)]
    groups = _indicators(stated["peer_group"])
    if groups.shape[1] > 1:
        told.append({"adjusted_for": "peer_group"} | _variation(averages, groups, at_place))
    return told


def _indicators(labels: pl.Series) -> Floats:
    """Give a column of 0 and 1 for each label, in a fixed order."""
    known = labels.unique().sort().to_list()
    return np.column_stack(
        [labels.eq_missing(pl.Series([label], dtype=pl.String)).to_numpy() for label in known]
        or [np.empty((0, 0))]
    ).astype(np.float64)


def _variation(averages: Floats, base: Floats, at_place: Floats) -> dict[str, Any]:
    """Compare two linear models of the averages: the base alone, and places beside it.

    With a base of ones this is the one-way analysis of variance; with one of peer groups it is
    that of the differences within peer groups, at the degrees of freedom that their means leave.
    """
    count, number = at_place.shape
    told: dict[str, Any] = {"organisations": count, "places": number}
    if not number:
        return told
    full = np.column_stack([base, at_place])
    left_over, within = (_residual_squares(averages, design) for design in (base, full))
    rank, rank_of_base = (int(np.linalg.matrix_rank(design)) for design in (full, base))
    df_between, df_within = rank - rank_of_base, count - rank
    told |= {"df_between": df_between, "df_within": df_within}
    if df_within > 0:
        told["sd_within"] = _figure(math.sqrt(within / df_within))
    if df_between < 1:
        return told
    told["share_by_chance"] = _figure(df_between / (df_between + df_within))
    between = _cleared(left_over - within, count)
    if left_over > 0:
        told["share"] = _figure(between / left_over)
    if df_within > 0:
        told |= _tested(between, within / df_within, df_between, df_within)
        beyond = max(0.0, between - df_between * within / df_within)
        if left_over > 0:
            told["share_beyond_chance"] = _figure(beyond / (beyond + count * within / df_within))
        told["sd_between"] = _figure(math.sqrt(beyond / float(_residuals(at_place, base).sum())))
    return told


def _tested(between: float, variance: float, df_between: int, df_within: int) -> dict[str, float]:
    """Test the sum of squares between places against the variance within them.

    Where nothing differs within places there is no F: what differs between them is not chance,
    and where nothing does there is nothing to test.
    """
    if variance > 0:
        from scipy.special import fdtrc

        f_value = _figure(between / df_between / variance)
        return {"f_value": f_value, "p_value": float(fdtrc(df_between, df_within, f_value))}
    return {"p_value": 0.0} if between > 0 else {}


def _residual_squares(averages: Floats, design: Floats) -> float:
    """Add up the squares that a linear model leaves over."""
    return _cleared(float(_residuals(averages, design).sum()), len(averages))


def _residuals(numbers: Floats, design: Floats) -> Floats:
    """Give the squares of what a linear model leaves over of each number."""
    fitted = design @ np.linalg.lstsq(design, numbers, rcond=None)[0]
    return np.asarray((numbers - fitted) ** 2)


def _figure(number: float) -> float:
    """Cut off the last bits, which hang on how many threads the linear algebra has."""
    return round(number, _DECIMALS)


def _cleared(squares: float, count: int) -> float:
    """Take a sum of squares that is nothing but arithmetic noise for none."""
    return squares if squares > count * TOLERANCE**2 else 0.0
