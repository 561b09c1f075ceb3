"""Advocacy, surveys, exhibitions and community on hand-made stories."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean, stdev
from typing import Any

import duckdb
import pytest

from tests.support.acts import build, rows
from tests.support.money import brand_seed
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.long  # the formulae are dbt's unit tests, which every run has

MARTS = (
    "survey_waves", "advocacy_acts", "referral_funnel_weekly", "exhibition_returns",
    "presence_agents_weekly", "community_monthly",
)  # fmt: skip
SCORES = (10, 9, 9, 8, 7, 6, 3, 0, 10, 10)


def said(message_id: str, day: str, who: str, direction: str, **more: Any) -> dict[str, Any]:
    person = "to_profile_id_key" if direction == "outbound" else "author_profile_id_key"
    return {
        "network": "x", "account_id": "acme", "message_kind": "comment", "message_id": message_id,
        "direction": direction, "text": "What about the beans?", "sent_at": f"2026-{day}+00", person: who,
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("advocacy"), as_of="2026-07-01 00:00:00+00")
    raw.seed("brands", brand_seed(currency="EUR", margin="0.5"))
    raw.land("accounts", [{"network": "x", "account_id": "acme", "brand_id": "brand"}])
    raw.land("agents", [{"agent_id": "eva", "role": "care", "is_bot": False}])
    raw.land("contacts", [
        {"contact_id": f"c{n}", "emails_key": f"mail{n}"} for n in range(12)
    ])  # fmt: skip
    raw.land("profiles", [
        {"network": "x", "profile_id_key": name, "email_key": f"mail{n}"}
        for n, name in enumerate(("ann", "bob", "cem", "dan"))
    ])  # fmt: skip
    raw.land("messages", [
        said("q", "01-05 10:00:00", "ann", "inbound"),
        said("p", "01-05 11:00:00", "bob", "peer", parent_message_id="q"),
        said("a", "01-05 12:00:00", "ann", "outbound", parent_message_id="q", agent_id="eva"),
        said("pp", "01-05 13:00:00", "ann", "peer", parent_message_id="p"),
        said("q2", "01-12 10:00:00", "cem", "inbound"),
        said("r", "01-13 10:00:00", "dan", "inbound", message_kind="review", rating=5),
        said("bad", "01-13 11:00:00", "cem", "inbound", message_kind="review", rating=3),
        said("end", "06-30 10:00:00", "cem", "inbound"),
    ])  # fmt: skip
    raw.land("reactions", [
        {
            "network": "x", "reaction_id": "share", "act": "share", "profile_id_key": "dan",
            "account_id": "acme", "reacted_at": "2026-01-14 10:00:00+00",
        }
    ])  # fmt: skip
    raw.land("survey_responses", [
        {
            "survey_id": "s", "response_id": f"r{n}", "question_id": "", "question_kind": "nps",
            "contact_id": f"c{n}", "completed_at": "2026-02-10 10:00:00+00", "score": score,
        }
        for n, score in enumerate(SCORES)
    ] + [
        # An earlier answer of the first person, and one off the scale.
        {
            "survey_id": "s", "response_id": "early", "question_id": "", "question_kind": "nps",
            "email_key": "mail0", "completed_at": "2026-02-09 10:00:00+00", "score": 0,
        },
        {
            "survey_id": "s", "response_id": "wrong", "question_id": "", "question_kind": "nps",
            "completed_at": "2026-02-09 10:00:00+00", "score": 70,
        },
    ])  # fmt: skip
    raw.land("orders", [
        {
            "order_id": f"o{n}", "contact_id": f"c{n}", "ordered_at": f"2026-0{1 + n}-02 10:00:00+00",
            "gross_minor": 1000, "currency": "EUR", "status": "paid",
        }
        for n in range(6)
    ])  # fmt: skip
    raw.land("referrals", [
        {
            "referral_id": "good", "referrer_contact_id": "c0", "referee_email_key": "mail1",
            "invited_at": "2026-01-06 10:00:00+00", "accepted_at": "2026-01-07 10:00:00+00",
            "converted_at": "2026-02-02 10:00:00+00", "reward_minor": 300, "currency": "EUR",
        },
        {
            "referral_id": "lost", "referrer_email_key": "mail0", "referee_email_key": "nobody",
            "invited_at": "2026-01-08 10:00:00+00",
        },
    ])  # fmt: skip
    raw.land("exhibitions", [
        {
            "exhibition_id": "expo", "starts_on": "2026-01-05", "ends_on": "2026-01-06",
            "cost_minor": 10000, "currency": "EUR",
        }
    ])  # fmt: skip
    scans = (("c0", "eva", None), ("c1", "eva", "2026-01-07 09:00:00+00"), ("", "max", None))
    raw.land("exhibition_contacts", [
        {
            "scan_id": f"s{n}", "exhibition_id": "expo", "contact_id": contact, "staff_id": staff,
            "scanned_at": "2026-01-05 09:00:00+00", "followed_up_at": followed, "email_key": f"badge{n}",
        }
        for n, (contact, staff, followed) in enumerate(scans)
    ])  # fmt: skip
    raw.land("deals", [
        {
            "deal_id": "d", "stage_category": "won", "stage": "won", "amount_minor": 8000,
            "currency": "EUR", "created_at": "2026-01-20 00:00:00+00", "close_date": "2026-02-20",
        },
        {
            "deal_id": "before", "stage_category": "won", "stage": "won", "amount_minor": 9999,
            "currency": "EUR", "created_at": "2026-01-01 00:00:00+00", "close_date": "2026-02-20",
        },
    ])  # fmt: skip
    raw.land("deal_contacts", [
        {"deal_id": deal, "contact_id": "c1"} for deal in ("d", "before")
    ])  # fmt: skip
    with build(raw, *MARTS, with_tests=False) as con:
        yield con


def test_survey_waves_when_answers_are_given_then_nps_and_error_equal_the_statistics_module(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    steps = [(score >= 9) - (score <= 6) for score in SCORES]
    error = stdev(steps) * ((len(steps) - 1) / len(steps)) ** 0.5 / len(steps) ** 0.5
    found = rows(
        tables,
        "select wave_id, answer_count, known_people_count, nps, nps_standard_error, nps_low"
        " from marts.survey_waves",
    )
    low = 100 * (fmean(steps) - 1.959963984540054 * error)
    assert found == [
        ("2026-02", 10, 10, pytest.approx(100 * fmean(steps)), pytest.approx(100 * error), pytest.approx(low))
    ]  # fmt: skip


def test_advocacy_acts_when_people_speak_up_then_each_act_is_theirs_and_a_poor_review_is_none(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select identifier_key, act, occurred_date::varchar from marts.advocacy_acts"
        " inner join intermediate.int_person_keys using (person_id)"
        " where identifier_kind = 'contact' order by occurred_at, identifier_key, act",
    )
    assert found == [
        ("c1", "helping", "2026-01-05"), ("c0", "helping", "2026-01-05"),
        ("c0", "referral", "2026-01-06"), ("c0", "referral", "2026-01-08"),
        ("c3", "positive_review", "2026-01-13"), ("c3", "share", "2026-01-14"),
        ("c0", "referral_converted", "2026-02-02"),
        *((f"c{n}", "promoter", "2026-02-10") for n in (0, 1, 2, 8, 9)),
    ]  # fmt: skip


def test_referral_funnel_when_one_of_two_buys_then_k_counts_who_had_bought_before(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        tables,
        "select week_start_date::varchar, customer_count, invited_count, inviter_count,"
        " accepted_count, converted_count, is_mature, k_factor, reward_minor"
        " from marts.referral_funnel_weekly",
    ) == [("2026-01-05", 1, 2, 1, 1, 1, True, 1.0, 300)]


def test_exhibition_returns_when_people_were_met_then_follow_up_relationship_and_margin_show(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select staff_id, people_count, known_people_count, followed_up_48h_count,"
        " relationship_90d_count, cost_per_relationship_minor, pipeline_minor, won_margin_minor,"
        " is_mature from marts.exhibition_returns where horizon_days in (30, 90)"
        " order by staff_id nulls first, horizon_days",
    )
    # ann (c0) asked and was answered within 48 hours; c1 was called. A deal of before the fair is
    # none of its own. It was won 45 days after the meeting, half of 80.00 is margin.
    assert found == [
        (None, 3, 2, 2, 1, 10000, 8000, 0, True), (None, 3, 2, 2, 1, 10000, 8000, 4000, True),
        ("eva", 2, 2, 2, 1, None, 8000, 0, True), ("eva", 2, 2, 2, 1, None, 8000, 4000, True),
        ("max", 1, 0, 0, 0, None, 0, 0, True), ("max", 1, 0, 0, 0, None, 0, 0, True),
    ]  # fmt: skip


def test_community_when_people_answer_each_other_then_edges_and_levels_show(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # January: ann, bob, cem and dan speak; ann and bob answer each other: one pair of six.
    # Of the turns of January bob answered ann's; nobody wrote in cem's and dan's.
    assert rows(
        tables,
        "select active_count, core_count, regular_count, casual_count, edge_count, pair_count,"
        " density, reciprocity_share, turn_count, peer_answered_turn_count"
        " from marts.community_monthly where month_start_date = '2026-01-01'",
    ) == [(4, 0, 0, 4, 2, 1, pytest.approx(1 / 6), 1.0, 4, 1)]
    assert rows(
        tables,
        "select agent_id, role, message_count, answered_turn_count, answered_median_seconds"
        " from marts.presence_agents_weekly",
    ) == [("eva", "care", 1, 1, 7200.0)]
