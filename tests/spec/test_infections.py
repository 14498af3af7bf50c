"""Infections: a ratio to the trust's threshold has a standard; a count of cases has bands."""

from __future__ import annotations

from tests.support import check_table, framework, metric, score_metric

E_COLI = metric(
    unit="rate",
    polarity="lower_is_better",
    scoring={"method": "standard", "standard": 1.0},
    scoring_of_unit={
        "count": {
            "method": "bands",
            "bands": [
                {"at_most": 0, "score": 1},
                {"at_most": 1, "score": 2},
                {"at_most": 2, "score": 3},
            ],
            "otherwise": 4,
        }
    },
    published_score="e_coli_published",
)


def test_rates_are_ranked_among_themselves_and_counts_are_banded() -> None:
    check_table(
        framework({"e_coli": E_COLI}),
        """
        trust | e_coli    | e_coli_published | score
        AA    | 0.8 rate  | -                | 1
        BB    | 1 rate    | -                | 1
        CC    | 1.1 rate  | -                | 2
        DD    | 1.2 rate  | -                | 3
        EE    | 1.9 rate  | -                | 4
        FF    | 0 count   | -                | 1
        GG    | 1 count   | -                | 2
        HH    | 2 count   | -                | 3
        II    | 3 count   | -                | 4
        JJ    | 12 count  | -                | 4
        """,
    )


def test_a_count_has_no_place_on_the_grid_of_the_rates() -> None:
    # Four rates miss the standard, so their exact scores are 2, 8/3, 10/3 and 4.
    check_table(
        framework({"e_coli": E_COLI}),
        """
        trust | e_coli   | e_coli_published | score
        AA    | 1.1 rate | 2.00             | 2
        BB    | 1.2 rate | 2.67             | 8/3
        CC    | 1.3 rate | 3.33             | 10/3
        DD    | 1.4 rate | 4.00             | 4
        EE    | 2 count  | 3.00             | 3
        """,
        scores="published",
    )


def test_a_tie_of_rates_is_scored_as_published() -> None:
    # Rounded rates cannot be told apart here, but their published scores can.
    check_table(
        framework({"e_coli": E_COLI}),
        """
        trust | e_coli   | e_coli_published | score
        AA    | 1.1 rate | 2.00             | 2
        BB    | 1.2 rate | 3.33             | 10/3
        CC    | 1.2 rate | 2.67             | 8/3
        DD    | 1.4 rate | 4.00             | 4
        """,
    )


def test_three_infections_together_weigh_as_one_metric() -> None:
    metrics = {id_: score_metric(weight=1) for id_ in ("mrsa", "e_coli", "c_difficile")}
    metrics["waits"] = score_metric(weight=3)
    check_table(
        framework(metrics),
        """
        trust | mrsa | e_coli | c_difficile | waits | composite
        AA    | 1    | 2      | 3           | 4     | 3
        BB    | 1    | -      | 3           | 1     | 1.4
        """,
    )
