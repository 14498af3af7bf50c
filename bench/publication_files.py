"""Write made-up publications in the layout of real ones."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Final

import polars as pl

from nhs_league.resources import sample_directory

DM01_BANDS: Final = [
    "00 < 01 Week",
    *(f"{week:02d} < {week + 1:02d} Weeks" for week in range(1, 13)),
    "13+ Weeks",
]
RTT_BANDS: Final = [
    *(f"Gt {week:02d} To {week + 1:02d} Weeks SUM 1" for week in range(104)),
    "Gt 104 Weeks SUM 1",
]
TESTS: Final = [*(f"TEST_{number:02d}" for number in range(1, 16)), "TOTAL"]


def write_dm01(path: Path, rows: int) -> None:
    """Write waits for diagnostic tests, all cells quoted, as CSV or zipped."""
    number = pl.int_range(rows, eager=True)
    named = {
        "Period": pl.lit("DM01-MARCH-2026"),
        "Provider Parent Org Code": pl.lit("QR1"),
        "Provider Parent Name": pl.lit("NHS MADE-UP INTEGRATED CARE BOARD"),
        "Provider Org Code": _organisations(number // 16),
        "Provider Org Name": pl.lit("MADE-UP HOSPITALS NHS FOUNDATION TRUST"),
        "Commissioner Parent Org Code": pl.lit("QR1"),
        "Commissioner Parent Name": pl.lit("NHS MADE-UP INTEGRATED CARE BOARD"),
        "Commissioner Org Code": pl.lit("11M"),
        "Commissioner Org Name": pl.lit("NHS MADE-UP ICB - 11M"),
        "Diagnostic Tests Sort Order": number % 16 + 1,
        "Diagnostic Tests": (number % 16).replace_strict(
            dict(enumerate(TESTS)), return_dtype=pl.String
        ),
    }
    counts = [_counts(number, place).alias(band) for place, band in enumerate(DM01_BANDS)]
    activity = ["Waiting List Activity", "Planned Activity", "Unscheduled Activity"]
    frame = pl.DataFrame({"number": number}).select(
        *(value.alias(name) for name, value in named.items()), *counts
    )
    frame = frame.with_columns(
        pl.sum_horizontal(DM01_BANDS).alias("Total WL"),
        *(pl.lit(0).alias(name) for name in activity),
        pl.lit(0).alias("Total Activity"),
    )
    _write(path, frame, quote_style="always")


def write_rtt(path: Path, rows: int) -> None:
    """Write incomplete pathways of all specialties, a row a provider and commissioner."""
    number = pl.int_range(rows, eager=True)
    named = {
        "Period": pl.lit("RTT-January-2026"),
        "Provider Parent Org Code": pl.lit("QE1"),
        "Provider Parent Name": pl.lit("NHS MADE-UP INTEGRATED CARE BOARD"),
        "Provider Org Code": _organisations(number // 64),
        "Provider Org Name": pl.lit("MADE-UP HOSPITALS NHS FOUNDATION TRUST"),
        "Commissioner Parent Org Code": pl.lit(""),
        "Commissioner Parent Name": pl.lit(""),
        "Commissioner Org Code": pl.lit("13Q"),
        "Commissioner Org Name": pl.lit("NATIONAL COMMISSIONING HUB 1"),
        "RTT Part Type": pl.lit("Part_2"),
        "RTT Part Description": pl.lit("Incomplete Pathways"),
        "Treatment Function Code": pl.lit("C_999"),
        "Treatment Function Name": pl.lit("Total"),
    }
    counts = [_counts(number, place).alias(band) for place, band in enumerate(RTT_BANDS)]
    frame = pl.DataFrame({"number": number}).select(
        *(value.alias(name) for name, value in named.items()), *counts
    )
    frame = frame.with_columns(
        pl.lit(None, pl.Int64).alias("Total"),
        pl.lit(None, pl.Int64).alias("Patients with unknown clock start date"),
        pl.sum_horizontal(RTT_BANDS).alias("Total All"),
    )
    _write(path, frame, quote_style="necessary")


def _organisations(number: pl.Series) -> pl.Series:
    codes = pl.read_csv(sample_directory() / "organisations.csv")["org_code"]
    return codes.gather(number % len(codes))


def _counts(number: pl.Series, place: int) -> pl.Series:
    """Give counts that are mostly nought, as they are in the published extracts."""
    drawn = number.hash(seed=place)
    return ((drawn % 10 == 0).cast(pl.UInt64) * (drawn // 16 % 50)).alias(f"band {place}")


def _write(path: Path, frame: pl.DataFrame, quote_style: str) -> None:
    if path.suffix != ".zip":
        frame.write_csv(path, quote_style=quote_style)  # type: ignore[arg-type]
        return
    buffer = io.BytesIO()
    frame.write_csv(buffer, quote_style=quote_style)  # type: ignore[arg-type]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(path.with_suffix(".csv").name, buffer.getvalue())
