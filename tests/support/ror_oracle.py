"""The ROR score by its definition in plain Python, and drawn lives to try it on."""

from __future__ import annotations

import csv
import math
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np

from pipelines.sentiment.messages import content_hash_of
from pipelines.settings import DBT_PROJECT
from tests.support.acts import inbound, message_id, outbound
from tests.support.raw import RawWarehouse

START, WEEKS = datetime(2026, 1, 5, tzinfo=UTC), 20
AS_OF = START + timedelta(weeks=WEEKS)
MONDAY = date(1970, 1, 5)
# What people write, and how the scorer would take it: negative, neutral, positive.
QUESTION = "Where is my parcel?"
PLANTED = {
    "It is lovely, thank you!": (0.05, 0.10, 0.85),
    "It came late again.": (0.60, 0.20, 0.20),
    "It came.": (0.10, 0.80, 0.10),
    "Well, well.": (0.30, 0.35, 0.35),  # too unsure for a label
}
SHARE = 2  # what a share weighs in the seed
SEEN = [(True, True), (True, False), (False, False), (False, None), (None, True), (None, None)]
SCORES = {
    text: p_pos - p_neg for text, (p_neg, _, p_pos) in PLANTED.items() if text != "Well, well."
}


@dataclass
class Life:
    """What one person did: conversations as lists of (asked, answered), and dates of the rest."""

    conversations: list[list[tuple[datetime, datetime | None]]] = field(default_factory=list)
    shares: list[datetime] = field(default_factory=list)
    purchases: dict[date, int] = field(default_factory=dict)
    answers: list[tuple[datetime, float]] = field(default_factory=list)
    words: dict[datetime, str] = field(default_factory=dict)  # of a turn; else the usual question
    # Of the answer at an instant: named, bio noticed; None where that cannot be told.
    seen: dict[datetime, tuple[bool | None, bool | None]] = field(default_factory=dict)


def live(name: str, seed: int) -> Life:
    """A drawn life; some people never buy, some never write."""
    dice, moods, life = random.Random(f"{name}{seed}"), random.Random(f"{name} says"), Life()
    for _ in range(dice.choice([0, 2, 5])):
        at = START + timedelta(hours=dice.randrange(24 * 7 * (WEEKS - 2)))
        turns: list[tuple[datetime, datetime | None]] = []
        for _ in range(dice.choice([1, 1, 2, 4])):
            answered = at + timedelta(minutes=dice.choice([3, 45, 400, 2000]))
            turns.append((at, answered if dice.random() < 0.7 else None))
            at = answered + timedelta(hours=dice.choice([1, 30, 300]))
        turns = [turn for turn in turns if turn[0] < AS_OF - timedelta(days=9)]
        life.conversations.append(turns)
        life.words |= {asked: moods.choice([QUESTION, *PLANTED]) for asked, _ in turns}
        life.seen |= {at: moods.choice(SEEN) for _, at in turns if at}
    for _ in range(dice.choice([0, 0, 3])):
        life.shares.append(START + timedelta(hours=dice.randrange(24 * 7 * (WEEKS - 1))))
    for _ in range(dice.choice([0, 1, 6])):
        day = (START + timedelta(days=dice.randrange(7 * (WEEKS - 1)))).date()
        life.purchases[day] = dice.choice([900, 20_000, 90_000])
    for _ in range(dice.choice([0, 2])):
        at = START + timedelta(hours=dice.randrange(24 * 7 * (WEEKS - 1)))
        life.answers.append((at, float(dice.randrange(11))))
    return life


def land(raw: RawWarehouse, lives: dict[str, Life]) -> None:
    """The rows that sources would hold of these lives; ids follow from names, so that they stay."""
    landed: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name, life in lives.items():
        landed["contacts"].append({"contact_id": f"K{name}", "social_profiles_key": name})
        for place, turns in enumerate(life.conversations):
            for step, (asked, answered) in enumerate(turns):
                key = f"{name}-{place}-{step}"
                thread = {"thread_id": f"{name}-{place}", "message_kind": "dm"}
                said = thread | {"text": life.words.get(asked, QUESTION)}
                landed["messages"].append(inbound(f"q{key}", f"{asked:%F %T}+00", name, **said))
                if answered:
                    more = thread | {"to_profile_id_key": name}
                    at = f"{answered:%F %T}+00"
                    landed["messages"].append(outbound(f"a{key}", at, f"q{key}", **more))
        for place, at in enumerate(life.shares):
            landed["reactions"].append(
                {
                    "reaction_id": f"s{name}-{place}", "network": "x", "act": "share",
                    "profile_id_key": name, "account_id": "acme", "reacted_at": f"{at:%F %T}+00",
                }
            )  # fmt: skip
        for day, minor in life.purchases.items():
            landed["orders"].append(
                {
                    "order_id": f"o{name}-{day}", "contact_id": f"K{name}", "status": "paid",
                    "ordered_at": f"{day} 12:00:00+00", "gross_minor": minor, "currency": "EUR",
                }
            )  # fmt: skip
        for place, (at, score) in enumerate(life.answers):
            landed["survey_responses"].append(
                {
                    "survey_id": "s", "response_id": f"{name}-{place}", "question_id": "q",
                    "contact_id": f"K{name}", "completed_at": f"{at:%F %T}+00", "score": score,
                    "scale_min": 0, "scale_max": 10,
                }
            )  # fmt: skip
    for entity, listed in landed.items():
        raw.land(entity, listed)


def plant_scores(raw: RawWarehouse) -> None:
    """Scores of the texts, as if the scorer had read them."""
    with duckdb.connect(str(raw.path)) as con:
        con.execute("insert into scoring.versions values ('planted', 1, '2026-01-01 00:00:00+00')")
        for text, (p_neg, p_neu, p_pos) in PLANTED.items():
            con.execute(
                "insert into scoring.message_scores by name select ? as content_hash,"
                " 'planted' as score_version, 1 as batch, 'planted' as engine, 'en' as lang,"
                " ? as p_neg, ? as p_neu, ? as p_pos",
                [content_hash_of(text), p_neg, p_neu, p_pos],
            )


def plant_recognitions(raw: RawWarehouse, lives: dict[str, Life]) -> None:
    """What is seen in the answers, as if Python had read them after the first half of a build."""
    raw.build("--select", "ror_weights", command="seed").close()  # makes the tables
    with duckdb.connect(str(raw.path)) as con:
        con.execute("delete from solved.recognitions")
        for name, life in lives.items():
            for place, turns in enumerate(life.conversations):
                for step, (_, answered) in enumerate(turns):
                    if answered in life.seen:
                        add_recognition(con, f"a{name}-{place}-{step}", *life.seen[answered])


def add_recognition(
    con: duckdb.DuckDBPyConnection, native_id: str, named: bool | None, noticed: bool | None
) -> None:
    """One solved row about a reply on x."""
    con.execute(
        f"insert into solved.recognitions by name select {message_id(native_id)} as message_id,"
        " ? as is_name_knowable, ? as name_form, ? as is_bio_knowable, ? as bio_stems",
        [
            named is not None, "nominative" if named else None,
            noticed is not None, ["en:run"] if noticed else [],
        ],
    )  # fmt: skip


def last_word(raw: RawWarehouse) -> None:
    """Messages and orders show all weeks: a stranger writes, another one buys in the last hour."""
    at = f"{AS_OF - timedelta(hours=1):%F %T}+00"
    raw.land("accounts", [{"network": "x", "account_id": "acme", "brand_id": "brand"}])
    raw.land("messages", [inbound("last", at, "zoe", thread_id="last", message_kind="dm")])
    bought = {"order_id": "last", "email_key": "zoe@", "status": "paid", "ordered_at": at}
    raw.land("orders", [bought | {"gross_minor": 100, "currency": "EUR"}])


def seed_rows(name: str) -> list[dict[str, str]]:
    with (DBT_PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def quintile(value: float, measure: str) -> int:
    """Passed breakpoints of a measure of which more is better."""
    return sum(
        value > float(row["breakpoint"])
        for row in seed_rows("rfm_breakpoints")
        if row["measure"] == measure
    )


def week_of(day: date) -> int:
    return (day - MONDAY).days // 7


def first_answer(turns: list[tuple[datetime, datetime | None]], asked: datetime) -> datetime | None:
    """The first answer in the conversation from then on: it answers all that waited."""
    return min((at for _, at in turns if at and at >= asked), default=None)


def sentiment(life: Life, end: date) -> tuple[float | None, float]:
    """Mean score of what was said before `end`, halved every 60 days, and effective number."""
    said = [
        (SCORES[life.words[asked]], 0.5 ** ((end - asked.date()).days / 60))
        for asked in (asked for turns in life.conversations for asked, _ in turns)
        if asked.date() < end and life.words.get(asked) in SCORES
    ]
    if not said:
        return None, 0
    total = sum(weight for _, weight in said)
    squares = sum(weight**2 for _, weight in said)
    return sum(score * weight for score, weight in said) / total, total**2 / squares


def recognition(life: Life, since: date, end: date) -> tuple[float | None, int]:
    """Mean over personal replies of what can be told of them; that a human wrote always can."""
    told = [
        [True, *(seen for seen in life.seen[at] if seen is not None)]
        for at in (at for turns in life.conversations for _, at in turns)
        if at in life.seen and since <= at.date() < end
    ]
    means = [sum(indicators) / len(indicators) for indicators in told]
    return (sum(means) / len(means), len(means)) if means else (None, 0)


def measured(life: Life, week: int) -> dict[str, tuple[float | None, float]]:
    """Raw value and opportunities of each component at the end of a week, by definition."""
    end = MONDAY + timedelta(weeks=week + 1)
    year_ago = end - timedelta(weeks=52)
    asked = [
        (at, first_answer(turns, at))
        for turns in life.conversations
        for at, _ in turns
        if at.date() < end
    ]
    shared = [at.date() for at in life.shares if at.date() < end]
    met = [at.date() for at, _ in asked] + shared
    known = week - min(map(week_of, met)) + 1 if met else 0
    contact = sum(
        0.5 ** ((end - answered.date()).days / 60)
        for _, answered in asked
        if answered and answered.date() < end
    )
    depth = 0.0
    for turns in life.conversations:
        dates = [at.date() for at, _ in turns if at.date() < end]
        if dates:
            depth += math.log(1 + len(dates)) * 0.5 ** ((end - max(dates)).days / 90)
    speeds = []
    for at, answered in asked:
        mature = (at + timedelta(days=1)).date()
        if year_ago <= mature < end:
            closes = MONDAY + timedelta(weeks=week_of(mature) + 1)
            in_time = answered is not None and answered.date() < closes
            minutes = (answered - at).total_seconds() / 60 if answered else 0
            speeds.append(2 ** (-minutes / 360) if in_time else 0.0)
    bought = {day: minor for day, minor in life.purchases.items() if day < end}
    loyalty, months = None, 0
    if bought:
        recent = [minor for day, minor in bought.items() if day >= year_ago]
        days = (end - max(bought)).days - 1
        recency = sum(
            days < float(row["breakpoint"])
            for row in seed_rows("rfm_breakpoints")
            if row["measure"] == "recency_days"
        )
        passed = recency + quintile(len(recent), "frequency_count")
        loyalty = (passed + quintile(sum(recent), "monetary_minor")) / 12
        months = (end - min(bought)).days // 30
    answers = [(at, s) for at, s in life.answers if year_ago <= at.date() < end]
    latest = max(answers, key=lambda answer: (answer[0].date(), answer[1]), default=None)
    return {
        "two_way_contact": (contact if known else None, min(known, 52)),
        "depth": (depth if known else None, min(known, 26)),
        "responsiveness": (sum(speeds) / len(speeds) if speeds else None, len(speeds)),
        "recognition": recognition(life, year_ago, end),
        "sentiment": sentiment(life, end),
        "loyalty": (loyalty, months),
        "advocacy": (
            sum(SHARE * 0.5 ** ((end - day).days / 90) for day in shared) if known else None,
            min(known, 26),
        ),
        "feedback": (latest[1] / 10 if latest else None, len(answers)),
    }


def points(component: str, raw: float | None, evidence: float) -> float:
    """Points of a component: calibrated, shrunk, weighted."""
    weights = {row["component"]: row for row in seed_rows("ror_weights")}
    weight, prior = (float(weights[component][name]) for name in ("weight", "prior_count"))
    if evidence == 0 or raw is None:
        return weight / 2
    shares: dict[float, list[float]] = defaultdict(list)
    for row in seed_rows("ror_calibration"):
        if row["component"] == component:
            shares[float(row["raw_value"])].append(float(row["quantile"]))
    values = sorted(shares)
    middles = [(min(shares[value]) + max(shares[value])) / 2 for value in values]
    norm = float(np.interp(raw, values, middles))
    return weight * (evidence * norm + prior / 2) / (evidence + prior)
