"""Which organisation is meant."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league import (
    OpenLeague,
    Organisation,
    Quarter,
    UsageError,
    find_organisation,
    organisations_frame,
)
from nhs_league.names import Match, nearest
from nhs_league.sources.successions import bundled_successions
from nhs_league.successions import Succession, successions_frame

REGISTER = organisations_frame(
    [
        Organisation(org_code=code, org_name=name, trust_type="Acute trust", predecessor_codes=old)
        for code, name, old in [
            ("AA1", "Northtown Hospitals NHS Foundation Trust", ("AA9",)),
            ("AA2", "Northtown Community NHS Trust", ()),
            ("AA3", "Royal Southport Hospital NHS Trust", ("BB9", "CC9")),
            ("AA4", "Royal Westham NHS Trust", ("CC9",)),
            ("AA5", "Westham and Eastham NHS Trust", ()),
            ("A1B2C", "St. Mary's, Isle of Wight, NHS Trust", ()),
            ("AA6", "Aberwick & District NHS Trust", ()),
            ("AA7", "Northtown NHS Trust", ()),
        ]
    ]
)
SUCCESSIONS = successions_frame(
    Succession.model_validate(
        {"org_code": code, "org_name": name, "successor_code": successor, "succeeded_on": day}
    )
    for code, name, successor, day in [
        ("AA9", "Norwick Hospital NHS Trust", "AA1", "2024-11-01"),
        ("AA4", None, "AA5", "2025-07-01"),
        ("DD1", "Solwick and Eastham NHS Trust", "DD2", "2020-04-01"),
        ("DD2", "Solwick Partnership NHS Trust", "AA5", "2023-04-15"),
        ("DD3", "Royal Furth NHS Trust", "ZZ9", "2023-04-01"),
        ("DD4", None, "AA2", "2023-04-01"),
    ]
)
SPRING, SUMMER = Quarter(2025, 2), Quarter(2025, 3)


def find(asked: str, quarter: Quarter | None = SPRING) -> Match:
    return find_organisation(asked, REGISTER, successions=SUCCESSIONS, quarter=quarter)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("AA1", "AA1"),
        (" aa1\n", "AA1"),
        ("a1b2c", "A1B2C"),
        ("southport", "AA3"),
        ("Royal Southport", "AA3"),
        ("southport royal", "AA3"),
        ("the royal southport hospital nhs trust", "AA3"),
        ("st marys", "A1B2C"),
        ("St. Mary\u2019s", "A1B2C"),
        ("isle of wight", "A1B2C"),
        ("aberwick and district", "AA6"),
        ("Northtown Community", "AA2"),
    ],
)
def test_code_then_words_in_any_order(asked: str, code: str) -> None:
    assert find_organisation(asked, REGISTER).org_code == code


def test_a_name_that_is_nothing_else_wins_over_longer_ones() -> None:
    assert find_organisation("Northtown NHS Trust", REGISTER).org_code == "AA7"
    assert find_organisation("northtown", REGISTER).org_code == "AA7"


def test_its_own_code_needs_no_note_and_anything_else_has_one() -> None:
    assert find_organisation("aa3", REGISTER).note is None
    note = "'southport' is taken to mean Royal Southport Hospital NHS Trust (AA3)"
    assert find_organisation("southport", REGISTER).note == note


def test_a_predecessors_code_follows_its_successor() -> None:
    match = find_organisation("aa9", REGISTER)
    assert match.org_code == "AA1"
    assert match.note == "AA9 is now part of Northtown Hospitals NHS Foundation Trust (AA1)"


def test_a_predecessor_with_two_successors_lists_them() -> None:
    with pytest.raises(UsageError) as caught:
        find_organisation("CC9", REGISTER)
    assert "(AA3)" in caught.value.message
    assert "(AA4)" in caught.value.message


def test_words_that_several_have_are_listed() -> None:
    with pytest.raises(UsageError) as caught:
        find_organisation("westham", REGISTER)
    assert caught.value.message == (
        "'westham' could be 2 trusts: Royal Westham NHS Trust (AA4); "
        "Westham and Eastham NHS Trust (AA5); give the code"
    )


@pytest.mark.parametrize(
    ("asked", "code"),
    [("southprot", "AA3"), ("abberwick", "AA6"), ("royal suthport hospital", "AA3")],
)
def test_one_clear_winner_among_slips_is_used_and_announced(asked: str, code: str) -> None:
    match = find_organisation(asked, REGISTER)
    assert match.org_code == code
    assert match.note is not None
    assert match.note.startswith(f"{asked!r} is taken to mean")


@pytest.mark.parametrize("asked", ["zzzzzz", "", "   ", "nhs foundation trust", "'", "AA"])
def test_nonsense_gives_the_nearest_there_are(asked: str) -> None:
    with pytest.raises(UsageError, match=r"there is no trust .*; the nearest are .+ \(A"):
        find_organisation(asked, REGISTER)


def test_a_slip_in_a_code_gives_the_codes_like_it() -> None:
    with pytest.raises(UsageError, match="A1B2C"):
        find_organisation("A1B2D", REGISTER)


def test_a_long_list_is_capped_and_says_how_many_more() -> None:
    many = organisations_frame(
        Organisation(org_code=f"X{i:02d}", org_name=f"Hill {i} Trust", trust_type="Acute trust")
        for i in range(10)
    )
    with pytest.raises(UsageError, match=r"could be 10 trusts: .*; and 4 more; give the code"):
        find_organisation("hill", many)


TOWNS = organisations_frame(
    Organisation(org_code=code, org_name=name, trust_type="Acute trust", towns=towns)
    for code, name, towns in [
        ("AA1", "Barnwick Hospital NHS Trust", ("Barnwick", "Ashby")),
        ("AA2", "Ashby Mental Health NHS Trust", ("Ashby", "Oakham")),
        ("AA3", "Royal Elm NHS Trust", ("Burnwick", "St Ives-by-Sea", "Oakham", "King's Elm")),
        ("AA4", "Silent NHS Trust", ()),
    ]
)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("burnwick", "AA3"),
        (" BURNWICK ", "AA3"),
        ("St Ives-by-Sea", "AA3"),
        ("st ives by sea", "AA3"),
        ("kings elm", "AA3"),
    ],
)
def test_a_town_of_one_trust_finds_it_and_says_so(asked: str, code: str) -> None:
    match = find_organisation(asked, TOWNS)
    note = f"{asked!r} is taken to mean Royal Elm NHS Trust ({code}), by its towns"
    assert (match.org_code, match.note) == (code, note)


def test_a_town_of_several_trusts_lists_them() -> None:
    with pytest.raises(UsageError) as caught:
        find_organisation("oakham", TOWNS)
    assert caught.value.message == (
        "'oakham' could be 2 trusts: Ashby Mental Health NHS Trust (AA2); "
        "Royal Elm NHS Trust (AA3); give the code"
    )


def test_a_name_wins_over_a_town_and_a_town_over_a_slip_of_a_name() -> None:
    match = find_organisation("ashby", TOWNS)
    assert match.org_code == "AA2"
    assert match.note == "'ashby' is taken to mean Ashby Mental Health NHS Trust (AA2)"
    assert find_organisation("barnwick", TOWNS).org_code == "AA1"
    assert find_organisation("burnwick", TOWNS.head(2)).org_code == "AA1"
    assert find_organisation("burnwick", TOWNS).org_code == "AA3"


@pytest.mark.parametrize("asked", ["ives", "burnwic oakham", "sea", "the"])
def test_a_part_of_a_town_is_none(asked: str) -> None:
    with pytest.raises(UsageError, match="there is no trust"):
        find_organisation(asked, TOWNS)


def test_a_name_of_a_closed_organisation_wins_over_a_town() -> None:
    closed = successions_frame(
        [
            Succession.model_validate(
                {
                    "org_code": "DD1",
                    "org_name": "Burnwick NHS Trust",
                    "successor_code": "AA1",
                    "succeeded_on": "2024-11-01",
                }
            )
        ]
    )
    match = find_organisation("burnwick", TOWNS, successions=closed, quarter=SPRING)
    assert match.org_code == "AA1"


def test_a_town_of_a_closed_trust_leads_to_its_successor_if_no_current_one_has_it() -> None:
    closed = successions_frame(
        [
            Succession.model_validate(
                {"org_code": "AA3", "successor_code": "AA4", "succeeded_on": "2025-07-01"}
            )
        ]
    )
    before = find_organisation("burnwick", TOWNS, successions=closed, quarter=SPRING)
    after = find_organisation("burnwick", TOWNS, successions=closed, quarter=SUMMER)
    assert (before.org_code, after.org_code) == ("AA3", "AA4")
    assert after.note == (
        "Royal Elm NHS Trust (AA3) closed on 1 July 2025 and is now part of Silent NHS Trust (AA4)"
    )
    oakham = find_organisation("oakham", TOWNS, successions=closed, quarter=SUMMER)
    assert oakham.org_code == "AA2"


def test_a_register_without_the_column_of_towns_has_none() -> None:
    match = find_organisation("burnwick", TOWNS.drop("towns"))
    assert match.note == "'burnwick' is taken to mean Barnwick Hospital NHS Trust (AA1)"
    unknown = TOWNS.with_columns(towns=pl.lit(None, TOWNS.schema["towns"]))
    assert find_organisation("burnwick", unknown) == match


@pytest.mark.parametrize(
    ("asked", "code"), [("truro", "REF"), ("Gobowen", "RL1"), ("Shoreham-by-Sea", "RYR")]
)
def test_a_town_finds_its_trust_in_the_sample(
    sample_league: OpenLeague, asked: str, code: str
) -> None:
    assert sample_league.find(asked).org_code == code


def test_every_trust_of_the_sample_is_found_by_its_code_and_its_name(
    sample_league: OpenLeague,
) -> None:
    organisations = sample_league.dataset.organisations
    for code, name in organisations.select("org_code", "org_name").iter_rows():
        assert find_organisation(code.lower(), organisations).org_code == code
        assert find_organisation(name.upper(), organisations).org_code == code


def test_order_of_the_register_does_not_matter() -> None:
    shuffled = REGISTER.sample(fraction=1, shuffle=True, seed=7)
    for asked in ("southport", "aa9", "isle of wight"):
        assert find_organisation(asked, shuffled) == find_organisation(asked, REGISTER)


def test_a_register_of_nobody_finds_nobody() -> None:
    with pytest.raises(UsageError, match="there is no trust 'AA1'"):
        find_organisation("AA1", REGISTER.clear())


def test_predecessor_codes_do_not_hide_a_trust_of_its_own() -> None:
    living = pl.concat(
        [
            REGISTER,
            organisations_frame(
                [Organisation(org_code="AA9", org_name="Still here", trust_type="Acute trust")]
            ),
        ]
    )
    assert find_organisation("AA9", living).org_code == "AA9"


@pytest.mark.parametrize("quarter", [Quarter(2020, 1), Quarter(2024, 4), SPRING, None])
def test_a_closed_code_that_is_not_in_the_register_is_followed_in_any_quarter(
    quarter: Quarter | None,
) -> None:
    assert find(" aa9\n", quarter) == Match(
        "AA1",
        "Northtown Hospitals NHS Foundation Trust",
        "AA9 closed on 1 November 2024 and is now part of "
        "Northtown Hospitals NHS Foundation Trust (AA1)",
    )


@pytest.mark.parametrize("quarter", [SPRING, None])
def test_a_code_of_the_register_that_has_not_closed_is_itself(quarter: Quarter | None) -> None:
    assert find("AA4", quarter) == Match("AA4", "Royal Westham NHS Trust")
    assert find("royal westham", quarter).org_code == "AA4"


def test_a_code_that_has_closed_is_followed_though_it_is_in_the_register() -> None:
    after = "closed on 1 July 2025 and is now part of Westham and Eastham NHS Trust (AA5)"
    by_code, by_name = find("AA4", SUMMER), find("royal westham", SUMMER)
    assert (by_code.org_code, by_code.note) == ("AA5", f"AA4 {after}")
    assert (by_name.org_code, by_name.note) == ("AA5", f"Royal Westham NHS Trust (AA4) {after}")
    # It no longer stands in the way of a name that its successor has too.
    assert find("westham", SUMMER).org_code == "AA5"


def test_a_code_closed_within_the_quarter_is_closed_from_the_next_on() -> None:
    living = pl.concat(
        [
            REGISTER,
            organisations_frame(
                [Organisation(org_code="AA9", org_name="Norwick", trust_type="Acute trust")]
            ),
        ]
    )
    found = [
        find_organisation("AA9", living, successions=SUCCESSIONS, quarter=quarter).org_code
        for quarter in (Quarter(2024, 4), Quarter(2025, 1))
    ]
    assert found == ["AA9", "AA1"]


def test_a_chain_of_successors_is_followed_to_one_in_the_register() -> None:
    match = find("DD1", Quarter(2021, 1))
    assert match.org_code == "AA5"
    assert match.note == (
        "DD1 closed on 1 April 2020 and is now part of Westham and Eastham NHS Trust (AA5)"
    )


def test_a_name_of_a_closed_organisation_leads_to_its_successor() -> None:
    match = find("the norwick hospital")
    assert match.org_code == "AA1"
    assert match.note == (
        "Norwick Hospital NHS Trust (AA9) closed on 1 November 2024 and is now part of "
        "Northtown Hospitals NHS Foundation Trust (AA1)"
    )


def test_a_name_that_a_current_organisation_has_is_not_looked_for_among_the_closed() -> None:
    assert find("eastham").org_code == "AA5"
    assert find("eastham").note == (
        "'eastham' is taken to mean Westham and Eastham NHS Trust (AA5)"
    )


def test_a_name_that_several_closed_ones_have_lists_them() -> None:
    with pytest.raises(UsageError) as caught:
        find("solwick")
    assert caught.value.message == (
        "'solwick' could be 2 trusts: Solwick and Eastham NHS Trust (DD1); "
        "Solwick Partnership NHS Trust (DD2); give the code"
    )
    assert find("solwick partnership").org_code == "AA5"


@pytest.mark.parametrize("asked", ["DD3", "furth", "DD99"])
def test_a_successor_that_is_not_in_the_register_is_none(asked: str) -> None:
    with pytest.raises(UsageError, match=f"there is no trust '{asked}'"):
        find(asked)


def test_what_successions_do_not_say_is_as_it_was_without_them() -> None:
    for asked in ("AA1", "southport", "BB9", "southprot", "isle of wight"):
        assert find(asked) == find_organisation(asked, REGISTER)
    with pytest.raises(UsageError, match="CC9 is now part of several trusts"):
        find("CC9")
    for empty in (None, SUCCESSIONS.clear()):
        match = find_organisation("AA9", REGISTER, successions=empty, quarter=SPRING)
        assert match.note == "AA9 is now part of Northtown Hospitals NHS Foundation Trust (AA1)"


def test_every_closed_trust_of_the_sample_is_found_by_its_code_and_its_name(
    sample_league: OpenLeague,
) -> None:
    organisations = sample_league.dataset.organisations
    successions = bundled_successions().successions
    for row in successions.iter_rows(named=True):
        for asked in (row["org_code"].lower(), row["org_name"]):
            match = find_organisation(
                asked, organisations, successions=successions, quarter=Quarter(2026, 3)
            )
            assert match.org_code == row["successor_code"]
            assert match.note is not None
            assert " closed on " in match.note


@pytest.mark.parametrize(
    ("asked", "first"), [("londn", "London"), ("LONDON", "London"), ("soth", "South")]
)
def test_nearest_begins_with_the_one_most_alike(asked: str, first: str) -> None:
    assert nearest(asked, ["North West", "South", "London", "Kent"])[0] == first


def test_nearest_gives_the_first_few_where_none_is_alike() -> None:
    assert nearest("zzz", ["London", "North West", "South", "Kent"], count=2) == [
        "London",
        "North West",
    ]
