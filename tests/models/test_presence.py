"""Presence: dbt's unit tests of these marts, and Kaplan-Meier against plain Python on drawn waits."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import sqrt
from statistics import NormalDist
from typing import Any

import duckdb
import pytest

from tests.support.acts import build, rows
from tests.support.raw import RawWarehouse

START, AS_OF = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 26, tzinfo=UTC)
Wait = tuple[datetime, float | None]


def drawn() -> list[Wait]:
    dice = random.Random(5)
    return [
        (
            START + timedelta(seconds=dice.randrange(20 * 86400)),
            float(dice.randrange(1, 3 * 86400)) if dice.random() < (0.35, 0.85)[n % 2] else None,
        )
        for n in range(400)
    ]


def quantile(waits: list[tuple[float, bool]], share: Fraction) -> float | None:
    """Least time at which the product limit, in fractions, is at most the share."""
    waiting = Fraction(1)
    for time in sorted({time for time, is_answered in waits if is_answered}):
        at_risk = sum(other >= time for other, _ in waits)
        answered = sum(other == time and is_answered for other, is_answered in waits)
        waiting *= 1 - Fraction(answered, at_risk)
        if waiting <= share:
            return time
    return None


def profile(n: int) -> dict[str, Any]:
    """Whoever speaks Italian is answered less, see `drawn`; the first half have no followers told."""
    return {
        "network": "x", "profile_id_key": f"ann{n}", "language": ("it", "en")[n % 2],
        "follower_count": None if n < 200 else n,
    }  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> RawWarehouse:
    raw = RawWarehouse(tmp_path_factory.mktemp("presence"), as_of=AS_OF.isoformat())
    raw.land("accounts", [{"network": "x", "account_id": "acme", "brand_id": "brand"}])
    common = {"network": "x", "account_id": "acme", "message_kind": "dm"}
    messages = []
    for n, (opened, seconds) in enumerate(drawn()):
        asked = {"message_id": f"q{n}", "direction": "inbound", "sent_at": opened, "text": "Where?"}
        messages.append(common | asked | {"author_profile_id_key": f"ann{n}"})
        if seconds is not None and opened + timedelta(seconds=seconds) < AS_OF:
            at = opened + timedelta(seconds=seconds)
            told = {"message_id": f"a{n}", "direction": "outbound", "sent_at": at, "text": "Here."}
            messages.append(common | told | {"parent_message_id": f"q{n}"})
    raw.land("messages", messages)
    raw.land("profiles", [profile(n) for n in range(400)])
    build(raw, "presence_weekly", "reply_equity").close()
    return raw


def data_end() -> datetime:
    """Midnight after the newest message."""
    newest = max(at for o, s in drawn() for at in (o, o + timedelta(seconds=s or 0)) if at < AS_OF)
    return min(AS_OF, newest.replace(hour=0, minute=0, second=0) + timedelta(days=1))


def test_response_survival_when_many_wait_then_quantiles_equal_exact_fractions(
    warehouse: RawWarehouse,
) -> None:
    end = data_end()
    expected = {}
    for week in range(3):
        since = START + timedelta(weeks=week)
        waits = [
            (s, True) if s is not None and o + timedelta(seconds=s) < AS_OF
            else ((end - o).total_seconds(), False)
            for o, s in drawn()
            if since <= o < since + timedelta(weeks=1)
        ]  # fmt: skip
        expected[since.date()] = (
            quantile(waits, Fraction(1, 2)),
            quantile(waits, Fraction(1, 10)),
            sum(is_answered for _, is_answered in waits),
            len(waits),
        )
    query = (
        "select week_start_date, median_seconds, p90_seconds, answered_count, turn_count"
        " from marts.response_survival_weekly where clock = 'calendar'"
    )
    with duckdb.connect(str(warehouse.path), read_only=True) as con:
        found = {week: tuple(values) for week, *values in rows(con, query)}
        business = rows(con, query.replace("'calendar'", "'business'"))
    assert found == expected
    assert all(median for median, *_ in expected.values())
    assert sorted(business) == sorted((week, *values) for week, values in found.items())


def test_reply_equity_when_a_language_is_answered_less_then_it_shows(
    warehouse: RawWarehouse,
) -> None:
    mature = [
        (n, s is not None and s <= 86400)
        for n, (o, s) in enumerate(drawn())
        if o + timedelta(days=1) <= data_end()
    ]
    trials = {
        lang: [hit for n, hit in mature if n % 2 == odd] for odd, lang in enumerate(("it", "en"))
    }
    rate = {language: sum(hits) / len(hits) for language, hits in trials.items()}
    pooled = sum(hit for _, hit in mature) / len(mature)
    error = sqrt(pooled * (1 - pooled) * sum(1 / len(hits) for hits in trials.values()))
    p_value = 2 * NormalDist().cdf(-abs(rate["it"] - rate["en"]) / error)
    assert p_value < 0.001  # the bias is there to be found
    with duckdb.connect(str(warehouse.path), read_only=True) as con:
        found = rows(
            con,
            "select group_name, mature_turn_count, response_rate_gap, p_value, is_supported"
            " from marts.reply_equity where dimension = 'language' order by 1",
        )
        deciles = rows(
            con,
            "select group_name, mature_turn_count from marts.reply_equity"
            " where dimension = 'follower_decile' order by 1",
        )
        customers = rows(
            con,
            "select group_name, mature_turn_count, p_value from marts.reply_equity"
            " where dimension = 'is_customer'",
        )
    gap = rate["en"] - rate["it"]
    assert found == [
        ("en", len(trials["en"]), pytest.approx(gap), pytest.approx(p_value, abs=2e-7), True),
        ("it", len(trials["it"]), pytest.approx(-gap), pytest.approx(p_value, abs=2e-7), True),
    ]
    assert [name for name, _ in deciles] == [f"{n:02}" for n in range(1, 11)]
    assert sum(count for _, count in deciles) == sum(n >= 200 for n, _ in mature)
    assert customers == [("no customer", len(mature), None)]
