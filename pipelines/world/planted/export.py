"""Puts a planted world where a user would put data: contacts, messages, orders, costs; its truth
beside. Every reply is a question of the person and the answer of the staff to it.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml

from pipelines.world.parameters import BASE_CURRENCY, WorldParameters
from pipelines.world.planted.draws import Integers
from pipelines.world.planted.history import Outcomes, PlantedWorld, plant
from pipelines.world.planted.parameters import PlantedParameters, expected_of
from pipelines.world.planted.people import Booleans

BRAND_SEED = (
    "brand_id,name,time_zone,base_currency,margin_rate,is_default\n"
    f"brand,Planted,UTC,{BASE_CURRENCY},1,true\n"  # orders are worth their margin
)
# Columns of each feed: those of the contract.
FEEDS = {
    "accounts": "account_id network handle brand_id",
    "profiles": "profile_id network handle is_bot_hint updated_at",
    "contacts": "contact_id emails social_profiles created_at updated_at",
    "messages": "message_id network message_kind thread_id parent_message_id author_profile_id"
    " to_profile_id account_id direction agent_id sent_at text",
    "orders": "order_id contact_id ordered_at status gross_minor currency",
    "costs": "cost_id kind cost_date minutes amount_minor currency",
}  # fmt: skip
DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS = 86_400, 3_600, 60
OPENING_HOUR, ORDER_HOUR = 8, 15
FASTEST_MINUTES, MINUTES_SPREAD = 5, 110  # some answers come within the hour, some do not
MINUTES_PER_REPLY, LABOUR_MINOR_PER_HOUR = 6, 2_400
MICROSECONDS = 1_000_000
Columns = dict[str, Any]


def write_planted(name: str, parameters: PlantedParameters, home: Path) -> datetime:
    """Write `feeds/`, `seeds/`, `drop/` and `truth/planted.json`; returns the end of the history.

    The window of the world is its second half, as in the warehouse: before it lie as many weeks in
    which nobody had been answered. Raises OSError when it cannot write.
    """
    world = plant(parameters)
    ends_at = datetime.combine(
        WorldParameters().end_date + timedelta(days=1), datetime.min.time(), UTC
    )
    starts_at = ends_at - timedelta(weeks=parameters.weeks)
    for folder in ("feeds", "seeds", "truth"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    tables = {
        "accounts": _accounts(),
        **_people(world, starts_at),
        "messages": _messages(world, starts_at),
        "orders": _orders(world, starts_at),
        "costs": _costs(world, starts_at.date()),
    }
    for feed, columns in tables.items():
        _write_feed(home, feed, columns)
    (home / "seeds" / "brands.csv").write_text(BRAND_SEED, encoding="utf-8")
    truth = {
        "scenario": name, "people": parameters.people, "seed": parameters.seed,
        "log_lift": world.true_log_lift(), "verdicts": expected_of(name, parameters.people),
        "orders": sum(int(part.orders.sum()) for part in _bought(world)),
        "margin_minor": sum(int(part.margin_minor.sum()) for part in _bought(world)),
        "replies": int(world.replies[~world.people.is_bot].sum()),
    }  # fmt: skip
    (home / "truth" / "planted.json").write_text(json.dumps(truth, indent=2) + "\n")
    return ends_at


def _accounts() -> Columns:
    return {"account_id": ["brand"], "network": ["x"], "handle": ["brand"], "brand_id": ["brand"]}


def _people(world: PlantedWorld, starts_at: datetime) -> dict[str, Columns]:
    """A profile each, and a CRM record of everybody but bots, since the planted first contact."""
    is_person = pa.array(~world.people.is_bot)
    number = pa.array(np.arange(world.parameters.people)).cast(pa.string())
    network = pa.repeat(pa.scalar("x"), len(number))
    handle = pc.binary_join_element_wise("person", number, "_")
    known_at = _instants(starts_at, world.people.first_contact_week, 0)
    return {
        "profiles": {
            "profile_id": _profile_ids(np.arange(world.parameters.people)), "network": network,
            "handle": handle, "is_bot_hint": pa.array(world.people.is_bot), "updated_at": known_at,
        },
        "contacts": {
            name: column.filter(is_person)
            for name, column in (
                ("contact_id", pc.binary_join_element_wise("K", number, "")),
                ("emails", pc.binary_join_element_wise("person", number, "@mail.example", "")),
                ("social_profiles", pc.binary_join_element_wise(network, handle, "|")),
                ("created_at", known_at), ("updated_at", known_at),
            )
        },
    }  # fmt: skip


def _messages(world: PlantedWorld, starts_at: datetime) -> Columns:
    """Two rows per reply: what was asked, and the answer."""
    person, week = np.nonzero(world.replies)
    count = world.replies[person, week].astype(np.int64)
    person, week = np.repeat(person, count), np.repeat(week, count)
    place = np.arange(len(person)) - np.repeat(np.cumsum(count) - count, count)
    asked = (person + place) % 7 * DAY_SECONDS
    asked += (OPENING_HOUR + place % 12) * HOUR_SECONDS + person * 7 % 50 * MINUTE_SECONDS
    wait = FASTEST_MINUTES + (person * 13 + place * 37) % MINUTES_SPREAD
    number = pa.array(np.arange(len(person))).cast(pa.string())
    questions = pc.binary_join_element_wise("q", number, "")
    profile = _profile_ids(person)
    nothing = pa.nulls(len(person), pa.string())
    return {
        name: pa.concat_arrays([inbound, outbound])
        for name, inbound, outbound in (
            ("message_id", questions, pc.binary_join_element_wise("a", number, "")),
            ("network", *_both("x", "x", len(person))),
            ("message_kind", *_both("dm", "dm", len(person))),
            ("thread_id", questions, questions),
            ("parent_message_id", nothing, questions),
            ("author_profile_id", profile, nothing),
            ("to_profile_id", nothing, profile),
            ("account_id", *_both("brand", "brand", len(person))),
            ("direction", *_both("inbound", "outbound", len(person))),
            ("agent_id", nothing, pa.repeat(pa.scalar("agent-1"), len(person))),
            ("sent_at", _instants(starts_at, week, asked),
             _instants(starts_at, week, asked + wait * MINUTE_SECONDS)),
            ("text", *_both("Where is my parcel?", "It is on its way.", len(person))),
        )
    }  # fmt: skip


def _orders(world: PlantedWorld, starts_at: datetime) -> Columns:
    """The orders of a person and week share their margin evenly; the first takes what is left."""
    within, before = _bought(world)
    parts = [_listed(within, 0), _listed(before, -world.parameters.weeks)]
    person, week, place, minor = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    size = len(person)
    return {
        "order_id": pc.binary_join_element_wise(
            "O", pa.array(np.arange(size)).cast(pa.string()), ""
        ),
        "contact_id": pc.binary_join_element_wise("K", pa.array(person).cast(pa.string()), ""),
        "ordered_at": _instants(
            starts_at, week, (person + place) % 7 * DAY_SECONDS + ORDER_HOUR * HOUR_SECONDS
        ),
        "status": pa.repeat(pa.scalar("paid"), size),
        "gross_minor": pc.multiply(
            pa.array(minor).cast(pa.decimal128(19, 0)),
            pa.scalar("0.01").cast(pa.decimal128(3, 2)),
        ),
        "currency": pa.repeat(pa.scalar(BASE_CURRENCY), size),
    }


def _bought(world: PlantedWorld) -> tuple[Outcomes, Outcomes]:
    """Orders of the window, and those before it of people who were known by then; bots buy none."""
    person = ~world.people.is_bot
    known = person & (world.people.first_contact_week < 0)
    return _of(world.outcomes, person), _of(world.before, known)


def _of(outcomes: Outcomes, people: Booleans) -> Outcomes:
    rows = people[outcomes.person]
    return Outcomes(
        outcomes.person[rows], outcomes.week[rows], outcomes.orders[rows],
        outcomes.margin_minor[rows],
    )  # fmt: skip


def _listed(outcomes: Outcomes, shift: int) -> tuple[Integers, ...]:
    """Person, week, place within the week and value of every order."""
    count = outcomes.orders
    person, week = np.repeat(outcomes.person, count), np.repeat(outcomes.week + shift, count)
    place = np.arange(len(person)) - np.repeat(np.cumsum(count) - count, count)
    each, left = np.divmod(outcomes.margin_minor, count)
    minor = np.repeat(each, count) + np.where(place == 0, np.repeat(left, count), 0)
    return person, week, place, minor


def _costs(world: PlantedWorld, starts_on: date) -> Columns:
    """Working time of each week, recorded on its Monday."""
    minutes = world.replies.sum(axis=0, dtype=np.int64) * MINUTES_PER_REPLY
    weeks = [week for week in range(world.parameters.weeks) if minutes[week]]
    amounts = [int(minutes[week]) * LABOUR_MINOR_PER_HOUR // 60 for week in weeks]
    return {
        "cost_id": [f"labour-{week}" for week in weeks],
        "kind": ["labour"] * len(weeks),
        "cost_date": pa.array([starts_on + timedelta(weeks=week) for week in weeks], pa.date32()),
        "minutes": pa.array([float(minutes[week]) for week in weeks], pa.float64()),
        "amount_minor": pc.multiply(
            pa.array(amounts, pa.int64()).cast(pa.decimal128(19, 0)),
            pa.scalar("0.01").cast(pa.decimal128(3, 2)),
        ),
        "currency": [BASE_CURRENCY] * len(weeks),
    }


def _profile_ids(person: Integers) -> pa.Array:
    return pc.binary_join_element_wise("p", pa.array(person).cast(pa.string()), "")


def _both(inbound: str, outbound: str, size: int) -> tuple[pa.Array, pa.Array]:
    return pa.repeat(pa.scalar(inbound), size), pa.repeat(pa.scalar(outbound), size)


def _instants(starts_at: datetime, week: Integers, second: Integers | int) -> pa.Array:
    """UTC instants some seconds after the beginning of weeks, 0 the first of the window."""
    seconds = int(starts_at.timestamp()) + week.astype(np.int64) * 7 * DAY_SECONDS + second
    return pa.array(seconds * MICROSECONDS).cast(pa.timestamp("us", tz="UTC"))


def _write_feed(home: Path, feed: str, columns: Columns) -> None:
    names = FEEDS[feed].split()
    entity = {"entity": feed, "columns": {name: name for name in names}}
    declared = {"feed": feed, "format": "parquet", "mode": "append", "entities": [entity]}
    text = yaml.safe_dump(declared, sort_keys=False)
    (home / "feeds" / f"{feed}.yml").write_text(text, encoding="utf-8")
    table = pa.table({name: columns[name] for name in names})
    if table.num_rows:
        folder = home / "drop" / feed
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, folder / f"{feed}.parquet", row_group_size=100_000)
