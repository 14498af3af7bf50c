"""Keep the generated documentation in step with the code.

    python -m tools.docs            regenerate what is stale
    python -m tools.docs --check    list what is stale; exit 1 if anything is

Generated are the parts between ``<!-- generated:NAME -->`` and ``<!-- end:NAME -->`` in ``docs/``,
and the JSON Schemas of framework, scenario and source files. Everything else is written by hand.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, get_args
from unittest import mock

from tools import source_fields, uncertainty

import nhs_league
from nhs_league.schemas import Kind, schema_text

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = "configs/schema/{}.schema.json"
WIDTH = 80
CODE_WIDTH = 92

MEANINGS: dict[str, dict[str, str]] = {
    "Framework": {
        "id": "The name by which `--framework` and results call it.",
        "title": "What tables are headed with.",
        "description": "What it is, in a sentence or two.",
        "applies_to": "The quarters it governs; see [Which quarters](#which-quarters).",
        "scale": "The common scale of metric scores.",
        "peer_groups": "What organisations are ranked among.",
        "domains": "The groups of metrics, by id: a title alone, or a title and a weight.",
        "metrics": "What is measured and how it is scored, by id.",
        "related_metrics": "Pairs of one service; see [Related metrics](#related-metrics).",
        "aggregate": "How metric scores become the average.",
        "segments": "How averages are cut into segments.",
        "overrides": "Rules that hold an organisation back from the better segments.",
        "ranking": "Within which group, and by what.",
        "likely_ranges": "`true` gives likely ranges in every league table, as `rank --ranges`.",
        "movement": "Which changes between two quarters `compare` calls significant.",
        "published": "Where a publisher's own results stand in the data.",
    },
    "AppliesTo": {"quarters": "`2025Q2`, `2025Q2-2026Q1`, `2025Q1-` (from then on) or `-2025Q4`."},
    "Scale": {
        "best": "The score of the best.",
        "worst": "The score of the worst; above or below the best.",
        "decimals": "With how many decimals averages and scores are shown.",
    },
    "PeerGroups": {
        "column": "The column of the organisations that sets the groups.",
        "order": "The order of the groups in print; others follow.",
        "expected_organisations": "How many organisations each group has when it is whole.",
    },
    "Domain": {
        "title": "What the domain is called.",
        "weight": "Its weight, where the average is taken over domains.",
    },
    "Metric": {
        "title": "What the metric is called.",
        "domain": "The id of its domain.",
        "unit": "The unit of its values: `percent`, `minutes`, `score`, any other text.",
        "polarity": "Whether high or low values are good. There is no default.",
        "basis": "How months make a quarter; see [Basis](#basis).",
        "per": "What numerator / denominator is multiplied by: 100 for a percentage.",
        "divide_by": "What a value is divided by to be in the unit: 60 for seconds as minutes.",
        "decimals": "With how many decimals values are shown.",
        "weight": "Its weight in the means. Only the proportions matter.",
        "counts": "`false` scores and shows the metric, and leaves it out of the means.",
        "pool": "Whom it is scored among; see [Pools](#pools).",
        "scoring": "How a value becomes a score; see [Scoring methods](#scoring-methods).",
        "scoring_of_unit": "Other scoring for values that the data state in another unit.",
        "published_score": "The id under which its score, as published, stands in the data.",
        "expected_of": "The peer groups of which a figure is expected; left out, all of them.",
        "evidence": "How the rule is known; see [Evidence](#evidence).",
        "source": "The publication that its figures come from.",
        "why": "Why it matters, in one sentence that a patient understands.",
        "note": "Anything else that a reader of its figures should know.",
        "numerator": "What its numerators count: `patients seen within four hours`.",
    },
    "Source": {
        "title": "What the publication is called.",
        "publisher": "Who publishes it.",
        "licence": "Under which licence.",
        "url": "Where it is.",
    },
    "PoolMembers": {
        "peer_groups": "The peer groups that are in the pool.",
        "include": "Codes of organisations of other peer groups that belong to it too.",
    },
    "Aggregate": {
        "over": "Take the mean over metric scores, or over domain scores.",
        "mean": "Which mean; see [Means and contributions](#means-and-contributions).",
        "missing": "What a missing score does; see [Missing figures](#missing-figures).",
        "min_metrics": "With fewer scores than this, an organisation is not ranked.",
        "rounding": "Whether the average is rounded before it is cut and ranked, or only in print.",
        "evidence": "How the rule is known.",
    },
    "QuartileSegments": {
        "method": "Cut at the quartiles of the averages.",
        "pool": "The quartiles of all organisations, or of each peer group.",
        "evidence": "How the rule is known.",
    },
    "ThresholdSegments": {
        "method": "Cut at stated averages.",
        "upper_bounds": "The worst average of each segment but the last, best segment first.",
        "evidence": "How the rule is known.",
    },
    "Override": {
        "id": "What the column `overrides` calls it.",
        "title": "What `explain` says of it.",
        "when": "When it applies.",
        "domain": "The domain that it is about: `robustness` then takes the two away together too.",
        "not_better_than": "The best segment that it leaves open.",
        "evidence": "How the rule is known.",
    },
    "OverrideCondition": {
        "metric": "The metric whose value decides, with `below` or `above`.",
        "below": "It applies where the value is below this.",
        "above": "It applies where the value is above this.",
        "flag": "Instead of a metric: an id in the data, raised where its value is 1.",
    },
    "Ranking": {
        "within": "Rank within each peer group, or all together.",
        "by": "What is ranked on, the second where the first ties, and so on.",
        "evidence": "How the rule is known.",
    },
    "Movement": {
        "significant_change": "By how many points an average has to change to be significant.",
        "evidence": "How the rule is known.",
    },
    "PublishedResults": {
        "average_metric_score": "The id of the published average.",
        "rank_by_average": "The id of the published rank by the average alone.",
        "segment": "The id of the published segment, before any override.",
        "adjusted_segment": "The id of the published adjusted segment.",
        "league_rank": "The id of the published rank.",
        "score_range": "The ids of the lower and the upper end of the average's likely range.",
        "rank_range": "The ids of the lower and the upper end of the rank's likely range.",
        "domain_scores": "The id of each domain's published score.",
        "domain_segments": "The id of each domain's published segment.",
        "tolerance": "How near the recomputed figure has to be for the published one to be used.",
    },
    "RankScoring": {"method": ""},
    "StandardScoring": {
        "method": "",
        "standard": "The value that meets the standard.",
        "floor": "The value below which (above which, where low is good) all score worst.",
    },
    "FloorScoring": {"method": "", "floor": "The worst value that still passes."},
    "BandsScoring": {
        "method": "",
        "bands": "The bands, best first.",
        "otherwise": "The score of a value in no band.",
    },
    "Band": {
        "at_least": "The lower bound, where high is good.",
        "at_most": "The upper bound, where low is good.",
        "score": "The score of the band.",
    },
    "MatrixScoring": {
        "method": "",
        "rows": "The metric whose score picks the row.",
        "columns": "The metric whose score picks the column.",
        "scores": "One row of scores for each score of `rows`, from 1.",
    },
    "PublishedScoring": {"method": ""},
    "MinMaxScoring": {
        "method": "",
        "lower": "The lower goalpost; left out, the pool's lowest value.",
        "upper": "The upper goalpost; left out, the pool's highest value.",
    },
    "ZScoreScoring": {
        "method": "",
        "spread": "How many standard deviations from the mean reach the end of the scale.",
    },
    "PercentileScoring": {"method": ""},
    "TargetScoring": {
        "method": "",
        "target": "The value that scores best.",
        "limit": "The value that scores worst.",
    },
}
"""What each field of a framework file means; a field without one stops the generator."""


def cli_section() -> str:
    """Give the help of the command line and of every command, as printed 80 columns wide."""
    import typer

    from nhs_league.cli.app import app

    commands = list(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    pages = [f"## nhs-league {name}\n\n```text\n{_help([name])}```" for name in commands]
    return "\n\n".join([f"```text\n{_help([])}```", *pages])


def api_section() -> str:
    """Give every public name with its signature and the first line of its docstring."""
    functions, classes, errors = [], [], []
    for name in sorted(nhs_league.__all__, key=str.casefold):
        thing = getattr(nhs_league, name)
        if inspect.isclass(thing) and issubclass(thing, Exception):
            errors.append(f"| `{name}` | {_bases(thing)} | {_first_line(thing)} |")
        elif inspect.isclass(thing):
            classes.append(_class_entry(name, thing))
        else:
            functions.append(_entry(name, _signature_text(name, thing), thing))
    table = ["| error | is a | meaning |", "|---|---|---|", *errors]
    return "\n\n".join(
        ["## Functions", *functions, "## Classes", *classes, "## Errors", "\n".join(table)]
    )


def fields_section() -> str:
    """Give a table of fields for every part of a framework file but the scoring methods."""
    titles = {
        "Framework": "The file",
        "AppliesTo": "`applies_to`",
        "Scale": "`scale`",
        "PeerGroups": "`peer_groups`",
        "Domain": "`domains`: a domain",
        "Metric": "`metrics`: a metric",
        "Source": "`metrics`: `source`",
        "PoolMembers": "`metrics`: `pool`, in its long form",
        "Aggregate": "`aggregate`",
        "QuartileSegments": "`segments` by quartiles",
        "ThresholdSegments": "`segments` by thresholds",
        "Override": "`overrides`: an override",
        "OverrideCondition": "`overrides`: `when`",
        "Ranking": "`ranking`",
        "Movement": "`movement`",
        "PublishedResults": "`published`",
    }
    tables = ((title, _field_table(name)) for name, title in titles.items())
    return "\n\n".join(f"### {title}\n\n{table}" for title, table in tables)


def source_fields_section() -> str:
    """Give a table of the parts of a source spec with their fields."""
    lines = ["| part | field | takes | default | meaning |", "|---|---|---|---|---|"]
    for name, part in source_fields.PARTS.items():
        said = part
        for row in _field_rows("source", name):
            if name == "Tidy" and row[0].strip("`") in source_fields.COMMON:
                continue
            lines.append(f"| {said} | {' | '.join(row)} |")
            said = ""
    return "\n".join(lines)


def scoring_fields_section() -> str:
    """Give a table of the methods with their fields, in the framework model's order."""
    schema = _schema("framework")
    methods = schema["$defs"]["Metric"]["properties"]["scoring"]["oneOf"]
    names = [method["$ref"].rsplit("/", 1)[1] for method in methods]
    lines = ["| method | field | takes | default | meaning |", "|---|---|---|---|---|"]
    for name in names:
        part = schema["$defs"][name]
        method = f"`{part['properties']['method']['const']}`"
        rows = [row for row in _field_rows("framework", name) if row[0] != "`method`"]
        for row in rows or [("none", "", "", "")]:
            lines.append(f"| {method} | {' | '.join(row)} |")
            method = ""
        if name == "BandsScoring":
            for field, *rest in _field_rows("framework", "Band"):
                lines.append(f"|  | {' | '.join([f'`bands`: {field}', *rest])} |")
    return "\n".join(lines)


def worked_scores_section() -> str:
    """Score five values by every method, with the engine itself."""
    import polars as pl

    values = [60.0, 70.0, 75.0, 75.0, 90.0]
    methods = {
        "rank": {"method": "rank"},
        "standard 90": {"method": "standard", "standard": 90},
        "standard 90, floor 65": {"method": "standard", "standard": 90, "floor": 65},
        "floor 65": {"method": "floor", "floor": 65},
        "bands: 80 and over 1, 65 and over 2, else 4": {
            "method": "bands",
            "bands": [{"at_least": 80, "score": 1}, {"at_least": 65, "score": 2}],
            "otherwise": 4,
        },
        "min_max": {"method": "min_max"},
        "min_max, lower 50, upper 80": {"method": "min_max", "lower": 50, "upper": 80},
        "z_score": {"method": "z_score"},
        "percentile": {"method": "percentile"},
        "target 80, limit 50": {"method": "target", "target": 80, "limit": 50},
    }
    lines = [
        "| method | A: 60 | B: 70 | C: 75 | D: 75 | E: 90 |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for label, scoring in methods.items():
        framework = nhs_league.Framework.model_validate(_one_metric(scoring))
        frame = pl.DataFrame(
            {"org_code": list("ABCDE"), "peer_group": "Acute trust", "value:m": values}
        )
        scored = nhs_league.score_values(frame, framework).sort("org_code")["score:m"].to_list()
        lines.append(f"| {label} | {' | '.join(f'{score:.2f}' for score in scored)} |")
    return "\n".join(lines)


def worked_means_section() -> str:
    """Average two scores by every mean, with the engine itself."""
    import polars as pl

    from nhs_league.scoring.aggregate import (
        effective_weight_expr,
        weight_sum_expr,
        weighted_mean_expr,
    )

    scores = [(pl.col("a"), 2.0), (pl.col("b"), 1.0)]
    frame = pl.DataFrame({"a": [1.0], "b": [4.0]})
    lines = ["| mean | average | A adds | B adds |", "|---|--:|--:|--:|"]
    for mean in ("arithmetic", "geometric", "harmonic"):
        whole, total = weighted_mean_expr(scores, mean), weight_sum_expr(scores)
        adds = [score * effective_weight_expr(score, w, total, whole, mean) for score, w in scores]
        row = frame.select(whole.alias("mean"), adds[0].alias("a"), adds[1].alias("b")).row(0)
        lines.append(f"| {mean} | {' | '.join(f'{number:.4f}' for number in row)} |")
    return "\n".join(lines)


def agreement_section() -> str:
    """Set every quarter's league table against the published one, by each source of scores."""
    import polars as pl

    from nhs_league.resources import sample_directory
    from nhs_league.scoring.score_choice import SCORE_SOURCES

    published = pl.read_csv(sample_directory() / "nof_2025_26_published.csv")
    dataset = nhs_league.load_data()
    framework = nhs_league.load_framework("nof-2025-26").framework
    lines = [
        "| scores | quarter | averages | segments | adjusted segments | ranks | domain scores "
        "| domain segments | metric scores |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for scores in SCORE_SOURCES:
        for quarter in ("2025Q2", "2025Q3", "2025Q4"):
            chosen = nhs_league.Quarter.parse(quarter)
            league = nhs_league.score(
                dataset.observations, dataset.organisations, framework, chosen, scores
            )
            theirs = published.filter(pl.col("quarter") == chosen.nhs_label)
            both = league.standings.join(theirs, on="org_code", suffix=":theirs")
            domains = list(framework.domains)
            pairs = [
                [("average_metric_score", "average_metric_score:theirs")],
                [("segment", "segment:theirs")],
                [("adjusted_segment", "adjusted_segment:theirs")],
                [("rank", "league_rank")],
                [(f"domain_score_{domain}", f"{domain}_score") for domain in domains],
                [(f"domain_segment_{domain}", f"{domain}_segment") for domain in domains],
            ]
            cells = [_agreement(both, columns, 1e-9) for columns in pairs]
            scored = [id_ for id_ in framework.metrics if f"published_score:{id_}" in both.columns]
            compared = [(f"score:{id_}", f"published_score:{id_}") for id_ in scored]
            cells.append(_agreement(both, compared, 0.005 + 1e-9))
            lines.append(f"| `{scores}` | {quarter} | {' | '.join(cells)} |")
    return "\n".join(lines)


SECTIONS: dict[str, dict[str, Callable[[], str]]] = {
    "docs/api.md": {"api": api_section},
    "docs/cli.md": {"cli": cli_section},
    "docs/frameworks.md": {
        "fields": fields_section,
        "scoring-fields": scoring_fields_section,
        "worked-scores": worked_scores_section,
        "worked-means": worked_means_section,
    },
    "docs/methodology.md": {"agreement": agreement_section},
    "docs/sources.md": {"fields": source_fields_section},
    "docs/uncertainty.md": {
        "doubt": uncertainty.doubt_section,
        "sway": uncertainty.sway_section,
        "coverage": uncertainty.coverage_section,
    },
}
"""The generated sections of each page, by the name in their markers."""


def generated_files() -> Iterator[tuple[str, str]]:
    """Yield every file that is generated, whole or in part, with the text it should have."""
    for kind in get_args(Kind):
        yield SCHEMAS.format(kind), schema_text(kind)
    for path, sections in SECTIONS.items():
        text = (ROOT / path).read_text(encoding="utf-8")
        for name, generate in sections.items():
            text = _with_section(path, text, name, generate())
        yield path, text


def stale_files() -> dict[str, str]:
    """Find the files that are not as they should be, and the text they should have."""
    stale = {}
    for path, text in generated_files():
        file = ROOT / path
        if not file.is_file() or file.read_bytes() != text.encode():
            stale[path] = text
    return stale


def main(arguments: list[str] | None = None) -> int:
    """Check or regenerate, and give the exit code."""
    parser = argparse.ArgumentParser(description="Regenerate the generated documentation.")
    parser.add_argument("--check", action="store_true", help="list what is stale, and exit 1")
    asked = parser.parse_args(arguments)
    stale = stale_files()
    if asked.check:
        for path in stale:
            print(f"{path} is stale: run `make docs`")
        return 1 if stale else 0
    for path, text in stale.items():
        file = ROOT / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        print(f"wrote {path}")
    return 0


def _with_section(path: str, text: str, name: str, body: str) -> str:
    begin, end = f"<!-- generated:{name} -->", f"<!-- end:{name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise SystemExit(f"{path} needs the markers {begin} and {end}, once each")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n\n{body}\n\n{end}{after}"


def _help(command: list[str]) -> str:
    """Print a command's help as on a plain terminal of 80 columns."""
    from nhs_league.cli.app import run

    printed = io.StringIO()
    with (
        mock.patch.dict(os.environ, {"COLUMNS": str(WIDTH), "TERMINAL_WIDTH": str(WIDTH)}),
        contextlib.redirect_stdout(printed),
    ):
        run([*command, "--help"])
    return "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines())


def _agreement(frame: Any, pairs: list[tuple[str, str]], tolerance: float) -> str:
    """Count the published cells that ours equal, as ``203 of 205``."""
    agreeing = published = 0
    for ours, theirs in pairs:
        there = frame.filter(frame[theirs].is_not_null())
        agreeing += ((there[ours] - there[theirs]).abs() <= tolerance).fill_null(False).sum()
        published += len(there)
    return f"{agreeing:,} of {published:,}"


def _entry(name: str, signature: str, thing: Any) -> str:
    return f"### {name}\n\n```python\n{signature}\n```\n\n{_first_line(thing)}"


def _class_entry(name: str, cls: type) -> str:
    if name == "Framework":
        signature = "Framework  # read from a file: see load_framework"
    else:
        signature = _signature_text(name, cls)
    text = _entry(name, signature, cls)
    members = [
        f"- `{member}`: {first}"
        for key, value in vars(cls).items()
        if not key.startswith("_") and (member := _member(key, value))
        for first in [_first_line(getattr(value, "func", value))]
    ]
    return "\n\n".join([text, "\n".join(members)]) if members else text


def _member(name: str, value: object) -> str | None:
    """Write a method as it is called; None for what is neither a method nor a property."""
    if isinstance(value, classmethod | staticmethod):
        return _one_line(name, list(inspect.signature(value.__func__).parameters.values())[1:])
    if inspect.isfunction(value) and value.__doc__:
        return _one_line(name, list(inspect.signature(value).parameters.values())[1:])
    if isinstance(value, property) or hasattr(value, "func"):
        return name
    return None


def _signature_text(name: str, thing: Any) -> str:
    signature = inspect.signature(thing)
    is_model = hasattr(thing, "model_fields")
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty) if is_model else parameter
        for parameter in signature.parameters.values()
    ]
    returns = "" if inspect.isclass(thing) else f" -> {_unquoted(signature.return_annotation)}"
    line = _one_line(name, parameters) + returns
    if len(line) <= CODE_WIDTH:
        return line
    listed = [f"    {part},\n" for part in _parameters(parameters)]
    return f"{name}(\n{''.join(listed)}){returns}"


def _one_line(name: str, parameters: list[inspect.Parameter]) -> str:
    return f"{name}({', '.join(_parameters(parameters))})"


def _parameters(parameters: list[inspect.Parameter]) -> list[str]:
    parts = []
    has_star = False
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not has_star:
            parts.append("*")
            has_star = True
        text = parameter.name
        if parameter.annotation is not inspect.Parameter.empty:
            text += f": {_unquoted(parameter.annotation)}"
        if parameter.default is not inspect.Parameter.empty:
            text += f" = {parameter.default!r}"
        parts.append(text)
    return parts


def _unquoted(annotation: object) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _first_line(thing: object) -> str:
    """Give a docstring's first sentence or line, in Markdown."""
    text = (inspect.getdoc(thing) or "").split("\n\n", 1)[0]
    first = " ".join(text.split("\n", 1)[0].split())
    if not first:
        raise SystemExit(f"{thing!r} is public and has no docstring")
    return re.sub(r"``([^`]+)``", r"`\1`", first)


def _bases(cls: type) -> str:
    return f"`{cls.__mro__[1].__name__}`"


def _schema(kind: Kind) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(schema_text(kind))
    parts: dict[str, Any] = dict(schema["$defs"])
    if "properties" in schema:
        parts[schema["title"]] = schema
    if parts.keys() != _meanings(kind).keys():
        differing = sorted(parts.keys() ^ _meanings(kind).keys())
        raise SystemExit(f"tools: the meanings of {kind} fields differ in {differing}")
    return {**schema, "$defs": parts}


def _meanings(kind: Kind) -> dict[str, dict[str, str]]:
    return source_fields.MEANINGS if kind == "source" else MEANINGS


def _field_table(name: str) -> str:
    rows = [f"| {' | '.join(row)} |" for row in _field_rows("framework", name)]
    return "\n".join(["| field | takes | default | meaning |", "|---|---|---|---|", *rows])


def _field_rows(kind: Kind, name: str) -> list[tuple[str, str, str, str]]:
    part = _schema(kind)["$defs"][name]
    meanings = _meanings(kind)[name]
    required = part.get("required", [])
    if part["properties"].keys() != meanings.keys():
        differing = sorted(part["properties"].keys() ^ meanings.keys())
        raise SystemExit(f"tools: the meanings of {name} differ in {differing}")
    return [
        (
            f"`{field}`",
            _takes(stated, field),
            "required" if field in required else _default(stated),
            meanings[field],
        )
        for field, stated in part["properties"].items()
    ]


def _default(stated: dict[str, Any]) -> str:
    value = stated.get("default")
    if isinstance(value, dict) and value:
        return "its table"
    if value is None or value in ({}, []):
        return "none"
    if isinstance(value, list):
        return ", ".join(f"`{item}`" for item in value)
    if isinstance(value, bool):
        return f"`{json.dumps(value)}`"
    return f"`{value:g}`" if isinstance(value, int | float) else f"`{value}`"


_PATTERNED: Final = {
    "quarters": "quarters",
    "reason": "reason",
    "others": "reason",
    "otherwise": "reason",
}
"""What fields with a pattern take, where that is no id."""


def _takes(stated: dict[str, Any], field: str) -> str:
    """Say in words what a field takes, from its JSON Schema."""
    options = [o for o in stated.get("anyOf", []) if o != {"type": "null"}]
    if options:
        return " or ".join(_takes(option, field) for option in options)
    if "$ref" in stated:
        return "mapping"
    if "oneOf" in stated:
        simple = [_takes(option, field) for option in stated["oneOf"] if "$ref" not in option]
        return " or ".join([*simple, "mapping"])
    if "enum" in stated:
        return ", ".join(f"`{value}`" for value in stated["enum"])
    if "const" in stated:
        return f"`{stated['const']}`"
    kind = stated.get("type")
    if kind == "array" and "prefixItems" in stated:
        return f"list of {len(stated['prefixItems'])} ids"
    if kind == "array":
        return f"list of {_plural(_takes(stated['items'], field))}"
    if kind == "object":
        values = stated.get("additionalProperties") or next(
            iter(stated.get("patternProperties", {}).values())
        )
        keys = "ids" if "patternProperties" in stated else "names"
        return f"mapping of {keys} to {_plural(_takes(values, field))}"
    if kind in ("number", "integer"):
        return ("number" if kind == "number" else "whole number") + _bounds(stated)
    if kind == "boolean":
        return "`true`, `false`"
    if "pattern" in stated:
        return _PATTERNED.get(field, "id")
    return "text"


def _bounds(stated: dict[str, Any]) -> str:
    if "exclusiveMinimum" in stated:
        return f" above {stated['exclusiveMinimum']:g}"
    if "minimum" in stated and "maximum" in stated:
        return f" from {stated['minimum']:g} to {stated['maximum']:g}"
    return f" of {stated['minimum']:g} or more" if "minimum" in stated else ""


def _plural(noun: str) -> str:
    irregular = {"text": "texts", "text or mapping": "texts or mappings"}
    if noun in irregular or noun.startswith(("`", "list")):
        return irregular.get(noun, noun.replace("list of", "lists of"))
    return re.sub(r"^(whole number|number|id|mapping)", r"\1s", noun)


def _one_metric(scoring: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "worked",
        "title": "Worked example",
        "applies_to": {"quarters": "2025Q1-"},
        "scale": {"best": 1.0, "worst": 4.0},
        "domains": {"d": "Domain"},
        "metrics": {
            "m": {
                "title": "Metric",
                "domain": "d",
                "unit": "percent",
                "polarity": "higher_is_better",
                "basis": "latest",
                "scoring": scoring,
            }
        },
        "segments": {"method": "thresholds", "upper_bounds": [2.0]},
    }


if __name__ == "__main__":
    sys.exit(main())
