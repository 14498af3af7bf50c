"""Published: the score itself is the datum, and enters the average as it stands."""

from __future__ import annotations

from tests.support import check_table, framework, framework_of_scores, metric, score_metric


def test_the_datum_is_the_score() -> None:
    check_table(
        framework_of_scores("survey"),
        """
        trust | survey | score
        AA    | 1      | 1
        BB    | 2      | 2
        CC    | 2      | 2
        DD    | 3.25   | 3.25
        """,
    )


def test_polarity_does_not_turn_a_score() -> None:
    survey = score_metric(polarity="higher_is_better")
    check_table(framework({"survey": survey}), "trust | survey | score\n AA | 1 | 1\n BB | 3 | 3")


def test_a_trust_without_a_published_score_has_none() -> None:
    check_table(
        framework({"survey": score_metric(), "waits": metric()}),
        """
        trust | survey     | waits | score | average
        AA    | 3          | 9     | 3     | 2.00
        BB    | suppressed | 9     | -     | 1.00
        """,
    )
