"""What people are worth from landed orders and invitations to `ror_values`, by hand."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.analytics.influence import solve_influence
from tests.support.acts import rows
from tests.support.money import brand_seed, build_money, build_solved, order, refund
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

MARTS = ("+ror_values", "+referral_values", "+influence_scores")
ASSUMPTIONS = """version,caused_low_share,caused_share,caused_high_share,ancestor_share,attenuation,influence_pool_share,acquisition_cost_minor,reward_minor,suggestion_price_minor
{row}
"""


def invitation(number: int, by: str, whom: str, day: str, **more: object) -> dict[str, object]:
    return {
        "referral_id": f"r{number}", "referrer_contact_id": by, "referee_contact_id": whom,
        "invited_at": f"2026-{day} 10:00:00+00",
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("values"))
    raw.seed("brands", brand_seed(currency="EUR"))
    raw.seed("referral_assumptions", ASSUMPTIONS.format(row="two,0,0.5,1,0.5,0.5,0.1,800,,"))
    raw.land("contacts", [{"contact_id": name, "emails_key": f"mail_{name}"} for name in "abcdefg"])
    raw.land("accounts", [{"network": "x", "account_id": "acme", "brand_id": "brand"}])
    raw.land("profiles", [
        {"network": "x", "profile_id_key": "hal"},
        {"network": "x", "profile_id_key": "cem", "email_key": "mail_c"},
    ])  # fmt: skip
    # Before the first purchase c answers hal, who answers nobody.
    raw.land("messages", [
        {
            "network": "x", "account_id": "acme", "message_kind": "comment", "message_id": name,
            "direction": direction, "text": "What about the beans?", "author_profile_id_key": who,
            "sent_at": f"2026-02-20 1{number}:00:00+00", "parent_message_id": parent,
        }
        for number, (name, who, direction, parent) in enumerate(
            (("q", "hal", "inbound", None), ("p", "cem", "peer", "q"))
        )
    ])  # fmt: skip
    raw.land("contact_merges", [{"loser_id": "g", "winner_id": "b"}])
    raw.land("orders", [
        order("oa", "2026-01-01 10:00:00+00", 1_000, contact_id="a"),
        order("ob", "2026-02-01 10:00:00+00", 2_000, contact_id="b"),
        order("oc", "2026-03-01 10:00:00+00", 10_000, contact_id="c"),
        order("od", "2026-01-02 10:00:00+00", 5_000, contact_id="d"),
        order("oe", "2026-04-01 10:00:00+00", 1_001, contact_id="e"),
        order("nobody", "2026-04-01 10:00:00+00", 77),
    ])  # fmt: skip
    # More is paid back to the buyer e than was bought.
    raw.land("refunds", [refund("x", "oe", "2026-05-01 10:00:00+00", 2_002)])
    raw.land("referrals", [
        invitation(1, "a", "b", "01-10"),
        invitation(2, "b", "c", "02-10", reward_minor=300, currency="EUR"),
        # A later one, one in a circle, one of a customer, one of oneself under an id that was merged.
        invitation(3, "d", "c", "02-11"),
        invitation(4, "c", "e", "02-12"),
        invitation(5, "e", "f", "02-13"),
        invitation(6, "b", "d", "02-14"),
        invitation(7, "b", "g", "01-01"),
        invitation(8, "f", "c", "02-09"),
    ])  # fmt: skip
    with build_solved(raw, solve_influence, *MARTS) as con:
        yield con


def values(con: duckdb.DuckDBPyConnection, basis: str) -> dict[tuple[str | None, str], int]:
    """Amounts by contact and part."""
    found = rows(
        con,
        "select min(identifier_key), part, any_value(amount_minor) from marts.ror_values left join"
        " (from intermediate.int_person_keys where identifier_kind in ('contact', 'profile'))"
        f" using (person_id) where basis = '{basis}' group by person_id, part",
    )
    return {(contact, part): amount for contact, part, amount in found}


def test_parents_when_invitations_compete_then_the_first_before_a_purchase_counts(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # f invited c first, c invited e, e invited f: a circle, and the invitation of f came last.
    found = rows(
        tables, "select referral_id from marts.referral_values where has_brought order by 1"
    )
    assert found == [("r1",), ("r4",), ("r8",)]


def test_values_when_conserved_then_each_unit_stands_once(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # Everybody bought once: nothing more is expected. A quarter of b goes to a; of c to f; of
    # e's -1,001 to c and f as 2 to 1: 750.75, 166.83 and 83.42, the remainders are .75, .83, .42.
    # Of what c keeps, 7,500, a tenth goes to hal.
    found = values(tables, "conserved")
    assert found == {
        ("a", "own"): 1_000, ("b", "own"): 1_500, ("a", "referral"): 500,
        ("c", "own"): 6_750, ("hal", "influence"): 750, ("f", "referral"): 2_500 - 83, ("c", "referral"): -167,
        ("d", "own"): 5_000, ("e", "own"): -751, (None, "own"): 77,
    }  # fmt: skip
    assert sum(found.values()) == 1_000 + 2_000 + 10_000 + 5_000 - 1_001 + 77


def test_values_when_personal_then_a_referral_is_worth_half_the_margin_and_half_the_cost_saved(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # Discounted from the invitation to the purchase: 22, 20 and 48 days at 10 % a year. The
    # reward for bringing c is b's cost, though f was first.
    found = values(tables, "personal")
    discounts = [1.1 ** (-days / 365) for days in (22, 20, 48)]
    assert found == {
        ("a", "own"): 1_000, ("b", "own"): 2_000, ("c", "own"): 10_000, ("d", "own"): 5_000,
        ("e", "own"): -1_001,
        ("a", "referral"): round(discounts[0] * (2_000 + 800) / 2),
        ("b", "referral"): -300,
        ("f", "referral"): round(discounts[1] * (10_000 + 800) / 2),
        ("c", "referral"): round(discounts[2] * (-1_001 + 800) / 2),
        ("d", "referral"): 0, ("e", "referral"): 0, ("hal", "influence"): 1_000,
    }  # fmt: skip
    assert rows(
        tables, "select reached_count, score, influence_share, basis from marts.influence_scores"
    ) == [(1, 5_000, 1, "model")]
    low_and_high = rows(
        tables,
        "select low_minor, high_minor from marts.referral_values where referral_id = 'r4'",
    )
    assert low_and_high == [(round(discounts[2] * -1_001), round(discounts[2] * 800))]


@pytest.mark.parametrize(
    "row",
    [
        "one,0,0.5,1,0.5,1,0.1,,,",
        "one,0.6,0.5,1,0.5,0.5,0.1,,,",
        "one,0,0.5,1,0.5,0.5,1.5,,,",
        "one,0,0.5,1,0.5,0.5,0.1,,,5",
        "",
    ],
)
def test_assumptions_when_one_cannot_be_then_the_build_stops_with_one_line(
    tmp_path_factory: pytest.TempPathFactory, row: str
) -> None:
    raw = RawWarehouse(tmp_path_factory.mktemp("assumed"))
    raw.seed("referral_assumptions", ASSUMPTIONS.format(row=row))
    with pytest.raises(AssertionError, match=r"seeds/referral_assumptions\.csv"):
        build_money(raw, "+int_referral_assumptions_checked")
