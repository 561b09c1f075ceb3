"""Incremental builds: any split, lateness, repetition, correction, deletion or kill gives what a full build gives."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.dbt import dbt_environment
from pipelines.settings import DBT_PROJECT
from tests.support.acts import build, inbound, message, outbound, rows
from tests.support.raw import RawWarehouse

MODELS = ("interactions", "responses", "touchpoints", "stg_files__orders")
# What each row says. `load_id` says when a row was computed, so it differs between the two by design.
COMPARED = {
    "marts.interactions": "*",
    "marts.responses": "*",
    "marts.touchpoints": "*",
    "staging.stg_files__messages": "*",
    "intermediate.int_messages_threaded": "* exclude (load_id)",
    "intermediate.int_messages_identified": "* exclude (load_id)",
    "intermediate.int_messages_addressed": "* exclude (load_id)",
    "intermediate.int_messages_enriched": "* exclude (load_id)",
}


def contents(raw: RawWarehouse, *arguments: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the compared tables after a build, in a fixed order."""
    with raw.build(
        "--indirect-selection", "cautious", "--select", *(f"+{m}" for m in MODELS), *arguments
    ) as con:
        return {
            table: rows(con, f"select {columns} from {table} order by all")
            for table, columns in COMPARED.items()
        }


def random_message(dice: random.Random, number: int, count: int) -> dict[str, Any]:
    """Parents may be earlier, later, missing or the message itself; some messages stand in threads of the source."""
    parent = dice.choice(
        [None, None, str(dice.randrange(count)), str(dice.randrange(count)), "missing"]
    )
    more: dict[str, Any] = {
        "parent_message_id": parent,
        "thread_id": f"t{dice.randrange(4)}" if dice.random() < 0.15 else None,
        "post_id": f"p{dice.randrange(4)}" if dice.random() < 0.3 else None,
        "account_id": dice.choice([None, None, "acme", "other"]),
        "text": dice.choice(["thanks!", "😀", "Where is it?", "@acme why", None]),
    }
    at = f"2026-01-{dice.randint(1, 9):02} {dice.randint(8, 9):02}:{dice.randint(0, 59):02}:00"
    person = dice.choice(["ann", "bob", "cid", None])
    if dice.random() < 0.35:
        agent = dice.choice(["agent-1", "robot"])
        return outbound(
            str(number), at, **(more | {"agent_id": agent, "to_profile_id_key": person})
        )
    if dice.random() < 0.1:
        return message(str(number), at, "peer", author_profile_id_key=person, **more)
    return inbound(str(number), at, person, **more)


def random_nights(dice: random.Random) -> list[list[tuple[str, list[dict[str, Any]]]]]:
    """Three nights of loads: messages in random order with repetitions and corrections, and what they refer to."""
    count = 120
    messages = [random_message(dice, number, count) for number in range(count)]
    for original in dice.sample(messages, 25):
        changed = random_message(dice, int(original["message_id"]), count)
        messages.append(dice.choice([original, changed, changed | {"_is_deleted": True}]))
    dice.shuffle(messages)
    others: list[tuple[str, list[dict[str, Any]]]] = [
        ("accounts", [{"network": "x", "account_id": "acme", "brand_id": "brand"}]),
        ("agents", [{"agent_id": "robot", "is_bot": True}]),
        ("profiles", [{"network": "x", "profile_id_key": "cid", "is_bot_hint": True}]),
        ("contacts", [{"contact_id": "1", "social_profiles_key": "ann"}]),
        ("contacts", [{"contact_id": "2", "social_profiles_key": "ann bob"}]),
        ("contacts", [{"contact_id": "2", "social_profiles_key": "bob"}]),
        ("contacts", [{"contact_id": "3", "social_profiles_key": "bob", "company_id": "firm"}]),
        ("contacts", [{"contact_id": "3", "social_profiles_key": "bob", "company_id": "other"}]),
        ("contacts", [{"contact_id": "3", "social_profiles_key": "ann", "company_id": "other"}]),
        ("profiles", [{"network": "x", "profile_id_key": "bob", "is_bot_hint": dice.random() < 0.5}]),
        ("profiles", [{"network": "x", "profile_id_key": "bob", "is_bot_hint": False}]),
        *(
            (
                "posts",
                [
                    {
                        "post_id": f"p{n}", "network": "x", "published_at": "2026-01-01 00:00:00+00",
                        "account_id": dice.choice(["acme", None]), "is_paid": dice.random() < 0.5,
                    }
                ],
            )
            for n in (0, 1, 2, 0, 1)
        ),
        *(
            (
                "reactions",
                [
                    {
                        "reaction_id": f"r{n % 4}", "network": "x", "act": "like",
                        "profile_id_key": dice.choice(["ann", "bob", "cid"]), "target_kind": "post",
                        "target_id": f"p{n % 3}", "reacted_at": "2026-01-02 00:00:00+00",
                        "_is_deleted": dice.random() < 0.2,
                    }
                ],
            )
            for n in range(6)
        ),
    ]  # fmt: skip
    dice.shuffle(others)
    cuts = sorted(dice.sample(range(1, len(messages)), 2))
    nights = [[("messages", part)] for part in (
        messages[: cuts[0]], messages[cuts[0] : cuts[1]], messages[cuts[1] :]
    )]  # fmt: skip
    for load in others:
        dice.choice(nights).append(load)
    return nights


@pytest.mark.slow
@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_incremental_when_rows_come_in_any_split_then_it_equals_a_full_refresh(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    dice = random.Random(seed)
    raw = RawWarehouse(tmp_path_factory.mktemp("nights"))
    for number, night in enumerate(random_nights(dice)):
        for name, landed in night:
            raw.land(name, landed)
        # Reports up to any day, also an earlier one than the night before: turns ripen and unripen.
        raw.set_run(f"run-{number}", f"2026-01-{dice.randint(2, 11):02} 00:00:00+00")
        incremental = contents(raw)
    assert len(incremental["staging.stg_files__messages"]) == 120
    full = contents(raw, "--full-refresh")
    for table in COMPARED:
        assert incremental[table] == full[table], table


@pytest.mark.slow
@pytest.mark.parametrize(
    "victim",
    [
        "interactions",
        pytest.param("int_messages_threaded", marks=pytest.mark.long),
        pytest.param("int_messages_addressed", marks=pytest.mark.long),
    ],
)
def test_incremental_when_dbt_is_killed_then_the_next_build_equals_an_undisturbed_one(
    tmp_path: Path, victim: str
) -> None:
    first, second, third = random_nights(random.Random(7))
    raw = RawWarehouse(tmp_path / "killed")
    for name, landed in first:
        raw.land(name, landed)
    contents(raw)
    for name, landed in second:
        raw.land(name, landed)
    kill_dbt_when_it_starts(raw, victim)
    for name, landed in third:
        raw.land(name, landed)
    after = contents(raw)
    assert after == contents(raw, "--full-refresh")


def kill_dbt_when_it_starts(raw: RawWarehouse, model: str) -> None:
    """Start a build and end it with SIGKILL as soon as its log says that it begins the model."""
    environment = os.environ | dbt_environment(raw.home)
    log = Path(environment["DBT_LOG_PATH"]) / "dbt.log"
    log.unlink()
    dbt = shutil.which("dbt", path=str(Path(sys.executable).parent))
    assert dbt
    child = subprocess.Popen(
        [dbt, "--quiet", "build", "--exclude-resource-type", "unit_test", "--select",
         *(f"+{m}" for m in MODELS)],
        cwd=DBT_PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    is_started = False
    while child.poll() is None and not is_started:
        time.sleep(0.01)
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        is_started = any(" START sql" in line and f".{model} " in line for line in lines)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL


def test_incremental_when_a_seed_changes_then_models_that_rest_on_it_are_built_again(
    tmp_path: Path,
) -> None:
    raw = RawWarehouse(tmp_path)
    raw.land("messages", [inbound("1", "10:00:00", "ann", text="Hurra")])
    with build(raw, "responses") as con:
        assert rows(con, "select count(*) from marts.responses") == [(1,)]
        hashes = rows(con, "select * from ops.model_hashes order by model")
    raw.seed("acknowledgements", "language,phrase\nde,hurra\n")
    with build(raw, "responses") as con:
        assert rows(con, "select count(*) from marts.responses") == [(0,)]
        changed = set(rows(con, "select * from ops.model_hashes")) - set(hashes)
        assert {model for model, _ in changed} == {
            "int_messages_identified",
            "int_messages_addressed",
            "int_messages_enriched",
            "int_turns",
            "int_relationship_acts",
            "int_people_weekly",
            "int_ror_measured",
            "int_ror_scores",
            "int_sentiment_mentions",
            "interactions",
            "message_sentiments",
            "responses",
            "ror_score_components_weekly",
            "touchpoints",
            "attribution_credits",
            "int_attribution_conversion_paths",
            "int_attribution_channel_credits",
            "attribution_restatements",  # a log: it is never built again, whatever its hash
        }
