"""Write every output of every command into a folder, in one process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

TEXTS = ("txt", "csv", "json", "ndjson", "md", "html")
TABLES = (*TEXTS, "xlsx", "parquet")
DRAWN = (*TABLES, "svg", "png")
OBSERVATIONS = ("csv", "json", "ndjson", "xlsx", "parquet")
FEW = ("txt", "csv", "json", "svg")
DIFFERENT = 6


def commands(
    league: list[str], sample: list[str]
) -> Iterator[tuple[str, list[str], tuple[str, ...]]]:
    """Yield a name, a command line and the formats that it can have."""
    yield "rank", ["rank", *league], DRAWN
    yield "ranges", ["rank", "--ranges", *league], ("json", "svg")
    yield "by", ["rank", "--by", "waits", *league], ("csv", "json", "png")
    yield "explain", ["explain", "AA4", *league], DRAWN
    yield "explained", ["explain", "AA4", "--history", *league], ("csv", "json", "html")
    yield "validate", ["validate", *league], TABLES
    yield "ingest", ["ingest", *league[:-2]], OBSERVATIONS
    yield "robustness", ["robustness", *league, "--replicates", "100"], TABLES
    yield "sway", ["robustness", *league, "--view", "leave-one-out"], ("csv", "json")
    yield "audit", ["audit", *sample, "--quarter", "2025Q3"], ("txt", "csv", "json")
    yield "compare", ["compare", "2025Q2", "2025Q3", *league], TABLES
    yield "whatif", ["whatif", "AA4", "--set", "waits=100", *league], TABLES
    yield "target", ["whatif", "AA4", "--target-rank", "1", *league], ("txt", "json")
    yield "history", ["history", *league], TABLES
    yield "summary", ["summary", *league], TABLES
    yield "metrics", ["metrics", *league[-2:]], TABLES
    yield "frameworks", ["frameworks"], TABLES
    yield "sources", ["sources"], TABLES


def main() -> None:
    """Write everything, or few formats: the folder, the league's data and framework, the sample."""
    folder, data, framework, sample = Path(sys.argv[1]), *sys.argv[2:5]
    if "late" in sys.argv[5:]:
        put_the_clock_on()
    wanted = FEW if "few" in sys.argv[5:] else DRAWN
    from nhs_league.cli.app import run

    league = [part for path in data.split("|") for part in ("--data", path)]
    named = [*league, "--framework", framework]
    for name, arguments, formats in commands(named, ["--data", sample]):
        for suffix in [suffix for suffix in formats if suffix in wanted]:
            path = str(folder / f"{name}.{suffix}")
            quiet = () if name in {"metrics", "frameworks", "sources"} else ("-q",)
            status = run([*arguments, *quiet, "-o", path])
            assert status in (0, DIFFERENT), (name, suffix, status)
    assert run(["report", *named, "-q", "-o", str(folder / "site")]) == 0
    for kind in ("framework", "scenario", "source"):
        assert run(["schema", kind, "-o", str(folder / f"{kind}.json")]) == 0


def put_the_clock_on() -> None:
    """Let whoever asks for the time have one of another year."""
    import time

    asked, local = time.time, time.localtime
    seconds = 2_000_000_000.0
    time.time = lambda: asked() + seconds
    time.localtime = lambda at=None: local(time.time() if at is None else at)
    import datetime

    class Late(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Late:
            return cls.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls) -> Late:
            return cls.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None)

    datetime.datetime = Late  # type: ignore[misc]


if __name__ == "__main__":
    main()
