"""Business time of responses: DST, holidays, midnight, breaks and targets, against plain Python."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from tests.support.acts import build, rows
from tests.support.raw import RawWarehouse

ROME = ZoneInfo("Europe/Rome")
MIDNIGHT = time(0)
# A break at noon, a night shift until midnight on Fridays, all of Sunday; Saturdays closed.
HOURS = {
    **{weekday: [("09:00", "13:00"), ("14:00", "18:00")] for weekday in (1, 2, 3, 4)},
    5: [("09:00", "13:00"), ("20:00", "24:00")],
    7: [("00:00", "24:00")],
}
HOLIDAYS = {date(2026, 4, 6), date(2026, 5, 1)}
BRANDS = (
    "brand_id,name,time_zone,base_currency,margin_rate,is_default\nbrand,Brand,Europe/Rome,,,true\n"
)
AS_OF = datetime(2026, 11, 15, tzinfo=UTC)
TARGET = timedelta(minutes=240)


def seeded(raw: RawWarehouse) -> None:
    lines = [f"brand,{day},{a},{b}" for day, spans in HOURS.items() for a, b in spans]
    raw.seed("brands", BRANDS)
    raw.seed(
        "holidays", "\n".join(["brand_id,holiday_date,name", *(f"brand,{d}," for d in HOLIDAYS)])
    )
    raw.seed("business_hours", "\n".join(["brand_id,iso_weekday,opens_at,closes_at", *lines]))
    raw.seed("reply_targets", "brand_id,network,target_minutes\nbrand,,240\nbrand,mail,1\n")


def hashed(native_id: str) -> str:
    return hashlib.md5(f"x|message|{native_id}".encode()).hexdigest()


def instant(day: date, clock: str) -> datetime:
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(clock), ROME).astimezone(UTC)


def openings(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = since.date() - timedelta(days=2)
    while day <= until.date() + timedelta(days=2):
        for opens, closes in [] if day in HOLIDAYS else HOURS.get(day.isoweekday(), []):
            yield instant(day, opens), instant(day, closes)
        day += timedelta(days=1)


def business_seconds(since: datetime, until: datetime) -> float:
    overlaps = (min(b, until) - max(a, since) for a, b in openings(since, until))
    none = timedelta(0)
    return sum((overlap for overlap in overlaps if overlap > none), none).total_seconds()


def due(opened: datetime, target: timedelta) -> datetime:
    left = target
    for a, b in openings(opened, opened + timedelta(days=30)):
        span = b - max(a, opened)
        if span > timedelta(0):
            if left <= span:
                return max(a, opened) + left
            left -= span
    raise AssertionError("never")


def drawn() -> list[tuple[datetime, datetime | None]]:
    """Openings and answers around both changes of the clocks, holidays and everything between."""
    dice = random.Random(11)
    starts = [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 4, 3, tzinfo=UTC),
              datetime(2026, 4, 29, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)]  # fmt: skip
    found: list[tuple[datetime, datetime | None]] = []
    for start in starts:
        for _ in range(60):
            opened = start + timedelta(seconds=dice.randrange(5 * 86400))
            after = timedelta(seconds=dice.choice([1, 900, 7200, 86400, 3 * 86400]) * dice.random())
            found.append((opened, opened + after if dice.random() < 0.8 else None))
    # All of the two Sundays with 23 and 25 hours.
    found.append((instant(date(2026, 3, 29), "00:00"), instant(date(2026, 3, 29), "24:00")))
    found.append((instant(date(2026, 10, 25), "00:00"), instant(date(2026, 10, 25), "24:00")))
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("business"), as_of=AS_OF.isoformat())
    seeded(raw)
    raw.land("accounts", [{"network": "x", "account_id": "acme", "brand_id": "brand"}])
    common = {"network": "x", "account_id": "acme", "message_kind": "dm"}
    messages = []
    for n, (opened, answered) in enumerate(drawn()):
        messages.append(
            common | {"message_id": f"q{n}", "direction": "inbound", "sent_at": opened, "text": "Where?",
                      "thread_id": f"t{n}", "author_profile_id_key": f"ann{n}"}
        )  # fmt: skip
        if answered:
            messages.append(
                common | {"message_id": f"a{n}", "direction": "outbound", "sent_at": answered,
                          "text": "Here.", "thread_id": f"t{n}", "parent_message_id": f"q{n}"}
            )  # fmt: skip
    raw.land("messages", messages)
    con = build(raw, "responses")
    yield con
    con.close()


def test_responses_when_hours_holidays_and_dst_are_met_then_business_time_is_exact(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = {
        response_id: values
        for response_id, *values in rows(
            built,
            "select response_id, business_seconds, due_at, is_overdue, is_business_mature"
            " from marts.responses",
        )
    }
    newest = max(max(a or o, o) for o, a in drawn())
    end = min(AS_OF, instant(newest.astimezone(ROME).date(), "24:00"))
    expected = {}
    for n, (opened, answered) in enumerate(drawn()):
        latest = due(opened, TARGET)
        is_late = answered > latest if answered else (True if latest < end else None)
        expected[hashed(f"q{n}")] = [
            business_seconds(opened, answered) if answered else None,
            latest,
            is_late,
            business_seconds(opened, end) >= 86400,
        ]
    assert found == expected
    assert expected[hashed(f"q{len(drawn()) - 2}")][0] == 23 * 3600
    assert expected[hashed(f"q{len(drawn()) - 1}")][0] == 25 * 3600


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> RawWarehouse:
    raw = RawWarehouse(tmp_path_factory.mktemp("wrong"))
    raw.build("--select", "+int_business_hours_checked", "+int_reply_targets").close()
    return raw


@pytest.mark.parametrize(
    ("table", "values", "said"),
    [
        ("business_hours", "('brand', 1, '09:00', '13:00'), ('brand', 1, '12:00', '18:00')",
         "two rows of one day overlap"),
        ("business_hours", "('brand', 1, '18:00', '09:00')", "closes before it opens"),
        ("business_hours", "('brand', 1, '9', '18:00')", "a time is not HH:MM"),
        ("business_hours", "('nobody', 1, '09:00', '18:00')", "a brand_id is none of the brands"),
        ("reply_targets", "('nobody', null, 5)", "a brand_id is none of the brands"),
        ("reply_targets", "('brand', null, 0)", "target_minutes is not above 0"),
        ("brands", "('brand', 'Brand', 'Europe/Roma', null, null, true)", "a time_zone is unknown"),
    ],
    ids=["overlap", "night", "clock", "brand", "target brand", "no target", "zone"],
)  # fmt: skip
def test_build_when_a_seed_is_wrong_then_one_line_says_so(
    checked: RawWarehouse, table: str, values: str, said: str
) -> None:
    with duckdb.connect(str(checked.path)) as con:
        con.execute(f"create table kept as from reference.{table}")
        con.execute(f"delete from reference.{table}")
        con.execute(f"insert into reference.{table} values {values}")
    try:
        with pytest.raises(AssertionError, match=said):
            checked.build(
                "--select", "int_brands", "int_business_hours_checked", "int_reply_targets"
            )
    finally:
        with duckdb.connect(str(checked.path)) as con:
            con.execute(f"delete from reference.{table}")
            con.execute(f"insert into reference.{table} from kept")
            con.execute("drop table kept")
