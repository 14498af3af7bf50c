"""Find and read source specs: the shipped ones, and those that stand among the data."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nhs_league.errors import SourceError, UsageError
from nhs_league.findings import Finding, in_order
from nhs_league.framework.yaml_models import Form, problems_text, read_model
from nhs_league.resources import configs_directory
from nhs_league.sources.files import DataFile, UnreadableFileError, find_files
from nhs_league.sources.specs.checks import source_problems
from nhs_league.sources.specs.model import Publication, Source, Tidy, model_of

_FORM: Final = Form(
    "error", "source_invalid", "a source spec is a mapping with layout, id, title, recognise ..."
)


@dataclass(frozen=True)
class SourceFile:
    """A source spec with the name and the SHA-256 of the file that states it."""

    source: Source
    name: str
    sha256: str
    is_shipped: bool = False


@dataclass(frozen=True)
class Catalogue:
    """The specs that data are read by."""

    files: tuple[SourceFile, ...]

    @property
    def publications(self) -> tuple[Publication, ...]:
        """List the specs of publications."""
        return tuple(f.source for f in self.files if isinstance(f.source, Publication))

    @property
    def tidy(self) -> Tidy:
        """Give the spec of tidy tables."""
        return next(file.source for file in self.files if isinstance(file.source, Tidy))


def find_sources(paths: Iterable[str | Path]) -> Catalogue:
    """Read the shipped specs, and those that the paths lead to: files, or folders that hold some.

    Raises ``UsageError`` for a file that is no spec, ``DataError`` for a path that leads nowhere,
    and ``SourceError`` as ``load_sources`` does.
    """
    named = [Path(path) for path in paths]
    found = find_files(named)
    others = [file.name for file in found if file.path in named and not file.is_spec]
    if others:
        listed = ", ".join(others)
        raise UsageError(f"no source spec: {listed}; the name of one ends in .source.yaml")
    return load_sources(file for file in found if file.is_spec)


def load_sources(own: Iterable[DataFile] = ()) -> Catalogue:
    """Read the shipped specs and ``own`` ones.

    A spec with the id of a shipped one stands in its place. Raises ``SourceError`` with every
    problem of every file, each with its line.
    """
    findings: list[Finding] = []
    stated = list(_parsed(own, findings))
    findings += _repeated(stated)
    if findings:
        raise SourceError(f"the source specs have {problems_text(findings)}", in_order(findings))
    own_ids = {file.source.id for file in stated}
    has_tidy = any(isinstance(file.source, Tidy) for file in stated)
    shipped = [
        file
        for file in shipped_sources()
        if not (has_tidy if isinstance(file.source, Tidy) else file.source.id in own_ids)
    ]
    return Catalogue((*shipped, *stated))


@functools.cache
def shipped_sources() -> tuple[SourceFile, ...]:
    """Read every shipped spec, in the order of their ids; they do not change."""
    paths = sorted((configs_directory() / "sources").glob("*.yaml"))
    return tuple(parse_source(path.read_bytes(), path.name, is_shipped=True) for path in paths)


def parse_source(content: bytes, name: str, *, is_shipped: bool = False) -> SourceFile:
    """Read the bytes of a spec; ``name`` stands in messages.

    Raises ``SourceError`` with every problem found, each with its line.
    """
    read = read_model(content, name, model_of, _FORM, source_problems)
    if read.model is None or read.findings:
        raise SourceError(
            f"the source spec {name} has {problems_text(read.findings)}", in_order(read.findings)
        )
    return SourceFile(read.model, name, hashlib.sha256(content).hexdigest(), is_shipped)


def _parsed(own: Iterable[DataFile], findings: list[Finding]) -> Iterator[SourceFile]:
    for file in own:
        try:
            yield parse_source(file.read(), file.name)
        except UnreadableFileError as error:
            findings.append(error.finding)
        except SourceError as error:
            findings += error.findings


def _repeated(files: list[SourceFile]) -> Iterator[Finding]:
    first: dict[str, SourceFile] = {}
    tidy = None
    for file in files:
        id_ = file.source.id
        if id_ in first:
            message = f"the id is that of {first[id_].name} too"
            yield Finding(
                "error", "source_invalid", message, file.name, 1, "id", id_, "an id of its own"
            )
        first.setdefault(id_, file)
        if isinstance(file.source, Tidy):
            if tidy is not None:
                message = f"tidy tables are described in {tidy.name} already"
                yield Finding("error", "source_invalid", message, file.name, 1, "layout", "tidy")
            tidy = tidy or file
