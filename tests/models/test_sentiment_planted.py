"""Planted series: crises against an independent computation, quiet streams, and replies that help."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from math import sqrt
from statistics import mean, variance

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from tests.support.acts import build, rows
from tests.support.raw import RawWarehouse

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
WEEK_HOURS, BEFORE = 168, 8
QUIET_HOURS, SPIKE_HOURS = (8 * 7 + 90) * 24, (8 * 7 + 7) * 24
RATES = (0.5, 2.0, 6.0)
SPIKE = range(8 * WEEK_HOURS + 2 * 24 + 12, 8 * WEEK_HOURS + 2 * 24 + 16)  # Wednesday 12 to 16 h


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> RawWarehouse:
    raw = RawWarehouse(tmp_path_factory.mktemp("planted"), as_of="2026-07-01 00:00:00+00")
    build(raw, "sentiment_daily", "sentiment_reply_effects", "sentiment_drift_daily").close()
    return raw


def insert(raw: RawWarehouse, table: str, columns: dict[str, object]) -> None:
    with duckdb.connect(str(raw.path)) as con:
        con.execute(f"delete from {table}")
        con.register("planted", pa.table(columns))
        con.execute(f"insert into {table} by name select * from planted")


def drawn(
    generator: np.random.Generator, hours: int, rate: float, shape: float | None
) -> np.ndarray:
    """Negative messages an hour, with a daily cycle; `shape`: of the gamma by which hours differ."""
    cycle = 1 + 0.8 * np.sin(np.arange(hours) % 24 * (2 * np.pi / 24))
    factor = generator.gamma(shape, 1 / shape, hours) if shape else 1.0
    return generator.poisson(rate * cycle * factor)


def plant(raw: RawWarehouse, streams: dict[str, np.ndarray]) -> None:
    """Streams as messages; as many others are neutral as hours have on average."""
    parts = []
    for brand, negatives in streams.items():
        others = np.full(len(negatives), max(1, round(float(negatives.mean()))))
        for label, counts in (("neg", negatives), ("neu", others)):
            hour = np.repeat(np.arange(len(counts)), counts)
            parts.append(pa.table({
                "hour": hour, "brand_id": pa.repeat(brand, len(hour)), "label": pa.repeat(label, len(hour)),
            }))  # fmt: skip
    with duckdb.connect(str(raw.path)) as con:
        con.execute("delete from marts.message_sentiments")
        con.register("planted", pa.concat_tables(parts))
        con.execute(
            "insert into marts.message_sentiments by name select row_number() over () as message_id,"
            " 'c' as conversation_id, brand_id, 'it' as lang, label, false as is_deleted,"
            " timestamptz '2026-01-05 00:00:00+00' + to_hours(hour) as sent_at,"
            " date '2026-01-05' + (hour // 24)::int as sent_date, 'model' as label_origin from planted"
        )


def z_by_hand(negatives: list[int], cycle: int, excluded: set[int]) -> dict[int, tuple[float, int]]:
    """Formula by formula, without any cleverness: (z, weeks known) of every period."""

    def level(period: int) -> float:
        return 2 * sqrt(negatives[period] + 3 / 8)

    def before(period: int) -> list[float]:
        earlier = [period - cycle * week for week in range(1, BEFORE + 1)]
        return [level(p) for p in earlier if p >= 0 and p not in excluded]

    # Weeks of the model are counted from 1 January 1970, which was a Thursday.
    offset = (START - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(hours=WEEK_HOURS // cycle)
    spreads: dict[int, float] = defaultdict(float)
    weeks = range((len(negatives) + offset) // cycle + 1)
    for week in weeks:
        for period in range(week * cycle - offset, (week + 1) * cycle - offset):
            usual = before(period)
            if len(usual) > 1:
                spreads[week] += variance(usual) / cycle
    found = {}
    for period in range(len(negatives)):
        usual = before(period)
        if usual:
            spread = max(1.0, spreads[(period + offset) // cycle])
            z = (level(period) - mean(usual)) / sqrt(spread * (1 + 1 / len(usual)))
            found[period] = (z, len(usual))
    return found


def crises_by_hand(negatives: list[int], cycle: int) -> dict[int, float]:
    """z of every period that has four weeks before it, crises of a first look left out."""
    first = z_by_hand(negatives, cycle, set())
    loud = {p for p, (z, known) in first.items() if known >= 4 and z >= 4.5 and negatives[p] >= 5}
    second = z_by_hand(negatives, cycle, loud)
    return {period: z for period, (z, known) in second.items() if known >= 4}


def test_crises_when_planted_then_z_is_that_of_the_formula(empty: RawWarehouse) -> None:
    generator = np.random.default_rng(11)
    streams = {}
    for name, rate, shape in (("calm", 3.0, None), ("rough", 8.0, 2.0)):
        negatives = drawn(generator, SPIKE_HOURS + 7 * 24, rate, shape)
        negatives[list(SPIKE)] += 40
        negatives[0] = max(negatives[0], 1)  # a stream begins with its first message
        streams[name] = negatives
    plant(empty, streams)
    with empty.build("--select", "int_sentiment_alarms", command="run") as con:
        found = {
            (brand, day): (z, is_crisis)
            for brand, day, z, is_crisis in rows(
                con,
                "select brand_id, (sent_date - date '2026-01-05')::int, crisis_z, is_crisis"
                " from intermediate.int_sentiment_alarms",
            )
        }
    for name, negatives in streams.items():
        hours = negatives.tolist()
        days = [sum(hours[n : n + 24]) for n in range(0, len(hours), 24)]
        by_hour, by_day = crises_by_hand(hours, WEEK_HOURS), crises_by_hand(days, 7)
        for day in range(len(days)):
            z = [by_hour[h] for h in range(24 * day, 24 * day + 24) if h in by_hour]
            z += [by_day[day]] if day in by_day else []
            assert found[name, day][0] == (pytest.approx(max(z), abs=1e-6) if z else None), (
                name,
                day,
            )
    assert found["calm", 8 * 7 + 2][1] is True


def test_alarms_when_streams_are_quiet_then_at_most_one_in_90_days(empty: RawWarehouse) -> None:
    generator = np.random.default_rng(5)
    streams = {
        f"{rate} {shape} {n}": drawn(generator, QUIET_HOURS, rate, shape)
        for rate in RATES
        for shape in (None, 5.0, 2.0)
        for n in range(2)
    }
    plant(empty, streams)
    with empty.build("--select", "int_sentiment_alarms", command="run") as con:
        counted = dict(
            rows(
                con,
                "select brand_id, count(*) filter (is_crisis) from intermediate.int_sentiment_alarms"
                " where sent_date >= date '2026-01-05' + 56 group by brand_id",
            )
        )
    assert len(counted) == len(streams)
    assert max(counted.values()) <= 1, counted


@pytest.mark.long
def test_alarms_when_negatives_are_five_fold_for_four_hours_then_the_same_day(
    empty: RawWarehouse,
) -> None:
    generator = np.random.default_rng(6)
    streams = {}
    for shape in (None, 5.0):
        for n in range(10):
            negatives = drawn(generator, SPIKE_HOURS, 10.0, shape)
            cycle = 1 + 0.8 * np.sin(np.array(SPIKE) % 24 * (2 * np.pi / 24))
            negatives[list(SPIKE)] += generator.poisson(4 * 10.0 * np.maximum(cycle, 1))
            streams[f"{shape} {n}"] = negatives
    plant(empty, streams)
    with empty.build("--select", "int_sentiment_alarms", command="run") as con:
        flagged = rows(
            con,
            "select brand_id from intermediate.int_sentiment_alarms"
            " where is_crisis and sent_date = date '2026-01-05' + 58",
        )
    assert len(flagged) >= 0.95 * len(streams)


def test_alarms_when_everything_grows_then_it_is_volume_and_no_crisis(empty: RawWarehouse) -> None:
    generator = np.random.default_rng(8)
    negatives = drawn(generator, SPIKE_HOURS, 10.0, None)
    negatives[list(SPIKE)] *= 5
    plant(empty, {"grown": negatives})
    day = "date '2026-01-05' + 58"
    # Nine neutral ones for every negative one that day.
    with duckdb.connect(str(empty.path)) as con:
        con.execute(
            "insert into marts.message_sentiments select said.* replace ('neu' as label,"
            " message_id || '+' || n as message_id) from marts.message_sentiments as said,"
            f" range(9) as numbers (n) where label = 'neg' and sent_date = {day}"
        )
    with empty.build("--select", "int_sentiment_alarms", command="run") as con:
        (found,) = rows(
            con, f"select alarm from intermediate.int_sentiment_alarms where sent_date = {day}"
        )
    assert found == ("volume",)


def test_replies_when_they_help_then_the_interval_covers_it_and_the_plain_difference_does_not(
    empty: RawWarehouse,
) -> None:
    """The worse the complaint the likelier the answer, and the more it rises by itself."""
    generator = np.random.default_rng(3)
    effect, brands, count = 0.25, 60, 240
    size = brands * count
    first = -generator.uniform(0.2, 1.0, size)
    is_answered = generator.random(size) < 0.2 + 0.6 * (-first - 0.2) / 0.8
    delta = -0.8 * first + effect * is_answered + generator.normal(0, 0.2, size)
    hours = generator.integers(0, 20 * 24, size)
    at = np.datetime64(START.replace(tzinfo=None), "us") + hours * np.timedelta64(3600, "s")
    opened = pa.array(at).cast(pa.timestamp("us", tz="UTC"))
    replied = pa.array(at + np.timedelta64(1800, "s"), mask=~is_answered)
    brand = np.repeat(np.arange(brands), count)
    insert(empty, "intermediate.int_sentiment_openings", {
        "conversation_id": [str(n) for n in range(size)], "message_id": [str(n) for n in range(size)],
        "brand_id": [str(n) for n in brand], "network": ["x"] * size, "lang": ["it"] * size,
        "opened_at": opened, "first_score": first.round(6), "earlier_count": generator.poisson(2, size),
        "is_mature": [True] * size, "score_delta": delta.round(6),
        "first_reply_at": replied.cast(pa.timestamp("us", tz="UTC")),
        "last_label_after_reply": ["pos"] * size,
    })  # fmt: skip
    with empty.build(
        "--select", "sentiment_recoveries", "sentiment_reply_effects", command="run"
    ) as con:
        found = rows(
            con,
            "select pair_count, delta_after_reply, ci_low, ci_high from marts.sentiment_reply_effects",
        )
        controls = rows(
            con,
            "select count(matched_control_id), count(distinct matched_control_id)"
            " from marts.sentiment_recoveries",
        )
    assert len(found) == brands
    assert controls[0][0] == controls[0][1] > 20 * brands
    covered = sum(low <= effect <= high for _, _, low, high in found)
    assert covered >= 52  # of 60; fewer has a chance below one in a hundred at 95 %
    assert mean(value for _, value, _, _ in found) == pytest.approx(effect, abs=0.02)
    plain = [
        delta[(brand == n) & is_answered].mean() - delta[(brand == n) & ~is_answered].mean()
        for n in range(brands)
    ]
    assert mean(plain) > effect + 0.1


def test_drift_when_scores_move_then_psi_is_that_of_the_formula(empty: RawWarehouse) -> None:
    generator = np.random.default_rng(2)
    usual = generator.uniform(-1, 1, 28 * 100)
    today = generator.uniform(-1, 1, 400) * 0.5 + 0.5
    days = np.concatenate([np.repeat(np.arange(28), 100), np.full(400, 28)])
    at = np.datetime64(START.replace(tzinfo=None), "us") + days * np.timedelta64(86400, "s")
    scores = np.concatenate([usual, today]).round(6)
    count = len(scores)
    insert(empty, "marts.message_sentiments", {
        "message_id": [str(n) for n in range(count)], "conversation_id": ["c"] * count,
        "brand_id": ["b"] * count, "lang": ["it"] * count, "label": ["neu"] * count,
        "score": scores, "sent_at": pa.array(at).cast(pa.timestamp("us", tz="UTC")),
        "sent_date": pa.array(at.astype("datetime64[D]")),
        "label_origin": ["model"] * count, "is_deleted": [False] * count,
    })  # fmt: skip
    with empty.build("--select", "sentiment_drift_daily", command="run") as con:
        found = rows(
            con,
            "select psi, verdict, usual_score_count from marts.sentiment_drift_daily"
            " where sent_date = date '2026-01-05' + 28",
        )
        others = rows(
            con, "select distinct verdict from marts.sentiment_drift_daily where psi is null"
        )
    edges = np.linspace(-1, 1, 11)
    shares = [
        np.maximum(np.histogram(part, edges)[0] / len(part), 0.001)
        for part in (scores[2800:], scores[:2800])
    ]
    psi = sum((q - r) * np.log(q / r) for q, r in zip(*shares, strict=True))
    assert found == [(pytest.approx(psi, abs=1e-6), "drifted", 2800)]
    assert others == [("insufficient",)]
