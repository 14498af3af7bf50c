"""The yardstick of ``report``: a page a trust with a dot strip a metric, each drawn by itself.

    python bench/report_drawing.py METRICS.csv QUARTER FOLDER METRIC...

Altair states the strip once and compiles it; vl-convert draws it anew for every trust and metric,
and Jinja2 puts a trust's strips on a page. Prints how many strips there are.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import altair
import jinja2
import polars
import vl_convert

PAGE = """<!DOCTYPE html>
<title>{{ code }}</title>
<table>
{% for metric, value, strip in strips %}
<tr><th>{{ metric }}</th><td>{{ value }}</td><td>{{ strip | safe }}</td></tr>
{% endfor %}
</table>
"""


def compiled_strip() -> dict[str, Any]:
    values = [{"value": 0.0, "code": "A", "own": "A"}]
    chart = (
        altair.Chart(altair.InlineData(values, name="values"))
        .mark_point(filled=True)
        .encode(
            x=altair.X("value:Q", scale=altair.Scale(zero=False), axis=None),
            color=altair.condition(
                "datum.code === datum.own", altair.value("black"), altair.value("grey")
            ),
        )
        .properties(width=300, height=24)
    )
    return vl_convert.vegalite_to_vega(chart.to_dict())


def main() -> None:
    file, quarter, folder, *metrics = sys.argv[1:]
    table = (
        polars.read_csv(file, infer_schema=False)
        .filter(polars.col("quarter") == quarter, polars.col("metric_id").is_in(metrics))
        .select("metric_id", "org_code", polars.col("value").cast(polars.Float64))
        .drop_nulls()
    )
    values = {
        metric: list(zip(rows["org_code"], rows["value"], strict=True))
        for (metric,), rows in table.group_by("metric_id", maintain_order=True)
    }
    spec = compiled_strip()
    template = jinja2.Environment(autoescape=True).from_string(PAGE)
    count = 0
    for code in table["org_code"].unique(maintain_order=True):
        strips = []
        for metric, pairs in values.items():
            own = dict(pairs).get(code)
            if own is None:
                continue
            rows = [{"value": value, "code": other, "own": code} for other, value in pairs]
            data = [{"name": "values", "values": rows}, *spec["data"][1:]]
            strips.append((metric, own, vl_convert.vega_to_svg({**spec, "data": data})))
        count += len(strips)
        Path(folder, f"{code}.html").write_text(template.render(code=code, strips=strips), "utf-8")
    print(count)


if __name__ == "__main__":
    main()
