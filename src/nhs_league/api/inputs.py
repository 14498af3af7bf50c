"""What is read before anything is chosen, and a quarter of it checked and scored."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from nhs_league.errors import DataError, UsageError
from nhs_league.findings import Finding, has_errors
from nhs_league.framework.catalogue import FrameworkFile, load_framework, load_shipped_frameworks
from nhs_league.framework.model import Framework
from nhs_league.league import League, score_figures
from nhs_league.quarter import InvalidQuarterError, Quarter
from nhs_league.scoring.measure import framework_ids, quarter_figures
from nhs_league.scoring.score_choice import ScoreSource
from nhs_league.selection import choose_framework, choose_quarter
from nhs_league.sources.dataset import Dataset, load_data
from nhs_league.sources.sifting import Asked
from nhs_league.validation import validate


@dataclass(frozen=True)
class Inputs:
    """What is read before anything is chosen: the data, and the frameworks to choose from."""

    dataset: Dataset
    frameworks: tuple[FrameworkFile, ...]
    is_named: bool

    def framework_of(self, quarter: Quarter) -> FrameworkFile:
        """Give the framework that is named, else the one that the quarter's data call for.

        Raises ``UsageError`` where no framework fits.
        """
        if self.is_named:
            return self.frameworks[0]
        return choose_framework(self.dataset.observations, self.frameworks, quarter)

    def choose(self, quarter: Quarter | str | None) -> tuple[FrameworkFile, Quarter]:
        """Choose framework and quarter: those named, else those that the data call for.

        Raises ``UsageError`` or ``DataError`` where the data have nothing for them, and instead
        ``DataError`` with all findings where the data are not sound.
        """
        asked = None if quarter is None else str(quarter)
        named = self.frameworks[0].framework if self.is_named else None
        try:
            chosen = choose_quarter(self.dataset.observations, named, asked)
            return self.framework_of(chosen), chosen
        except InvalidQuarterError:
            raise
        except (UsageError, DataError) as error:
            # What is wrong with the files may be why nothing in them fits, and is said instead.
            self.dataset.require_sound()
            # So may be figures left out, as of organisations that no register has.
            error.findings = of_unknown_organisations(self.dataset)
            raise


def of_unknown_organisations(dataset: Dataset) -> tuple[Finding, ...]:
    """Give the findings on organisations that no register has, whose figures are left out."""
    return tuple(one for one in dataset.findings if one.code == "unknown_organisation")


def read_inputs(
    data: Iterable[str | Path],
    framework: str | Path | None,
    quarter: Quarter | str | None = None,
) -> Inputs:
    """Read data and frameworks, side by side.

    Where only one ``quarter`` is wanted, no more is kept of tables that are large. Raises
    ``DataError`` for a path that cannot be read, ``UsageError`` or ``FrameworkError`` for a
    framework that is named and unknown or invalid, ``InvalidQuarterError`` for what is no quarter.
    """
    with ThreadPoolExecutor(1) as thread:
        frameworks = thread.submit(
            lambda: (
                tuple(load_shipped_frameworks())
                if framework is None
                else (load_framework(framework),)
            )
        )
        wanted = None if quarter is None else Quarter.parse(str(quarter))
        asked = None if wanted is None else lambda: _asked_of(frameworks.result(), wanted)
        dataset = load_data(data, asked=asked)
        return Inputs(dataset, frameworks.result(), framework is not None)


def _asked_of(frameworks: Iterable[FrameworkFile], quarter: Quarter) -> Asked:
    """Ask for what any of the frameworks looks for in a quarter.

    One that knows published results looks at all metrics.
    """
    stated = [file.framework for file in frameworks]
    ids = frozenset(id_ for framework in stated for id_ in framework_ids(framework))
    is_all = any(framework.published is not None for framework in stated)
    return Asked(None if is_all else ids, quarter.first_month, quarter.last_month)


def checked_league(
    dataset: Dataset, framework: Framework, quarter: Quarter, scores: ScoreSource
) -> tuple[League | None, list[Finding]]:
    """Check a quarter's data and score them; unsound data are not scored."""
    figures = quarter_figures(dataset.observations, framework, quarter)
    findings = validate(
        dataset.observations, dataset.organisations, framework, quarter, figures=figures
    )
    if has_errors([*dataset.findings, *findings]):
        return None, findings
    return score_figures(figures, dataset.organisations, framework, quarter, scores), findings
