from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest

from pipelines.world.agents import is_night
from pipelines.world.parameters import Behaviour, WorldParameters, local_instant
from pipelines.world.world import World, build_world


def test_as_of_when_default_then_it_is_midnight_after_the_last_date_in_rome() -> None:
    assert WorldParameters().as_of.isoformat() == "2026-06-29T00:00:00+02:00"
    assert WorldParameters().start_date == date(2025, 12, 29)


def test_local_instant_when_the_clock_has_sprung_forward_then_utc_is_two_hours_behind() -> None:
    assert local_instant(date(2026, 3, 28), 10 * 3600) == datetime(2026, 3, 28, 9, tzinfo=UTC)
    assert local_instant(date(2026, 3, 29), 10 * 3600) == datetime(2026, 3, 29, 8, tzinfo=UTC)


def test_parameters_when_there_are_no_people_then_they_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        WorldParameters(people=0)


def test_default_world_when_built_then_every_mart_has_enough_to_show(world: World) -> None:
    orders = [order for order in world.orders if order.counts]
    first: dict[str, tuple[int, int]] = {}
    for order in sorted(orders, key=lambda o: o.ordered_at):
        first.setdefault(order.person_id, order.ordered_at.isocalendar()[:2])
    known_before = sum(
        any(
            c.email or c.contact_id or c.profile
            for c in world.clicks
            if c.person_id == o.person_id and c.clicked_at < o.ordered_at
        )
        for o in orders
    )

    assert len(orders) >= 300
    assert len(world.said.messages) >= 1_500
    assert sum(any(s.stage == "Closed Won" for s in d.states) for d in world.deals) >= 30
    assert len(set(first.values())) >= 20
    assert known_before >= 500
    assert {o.currency for o in orders} == {"EUR", "USD"}
    assert {t.topic for t in world.said.turns} >= {"question", "thanks", "emoji", "spam"}


def test_everything_when_generated_then_it_happens_within_the_history(world: World) -> None:
    begin, end = world.parameters.starts_at, world.parameters.as_of
    instants = [
        *(m.sent_at for m in world.said.messages),
        *(o.ordered_at for o in world.orders),
        *(r.refunded_at for r in world.refunds),
        *(c.clicked_at for c in world.clicks),
        *(r.reacted_at for r in world.reactions),
        *(p.published_at for p in world.posts),
        *(s.since for d in world.deals for s in d.states),
        *(c.updated_at for p in world.population.people for c in p.contacts),
        *(m.merged_at for m in world.population.merges),
    ]

    assert begin <= min(instants)
    assert max(instants) < end


def test_ids_when_generated_then_they_are_unique(world: World) -> None:
    people = world.population.people
    groups: list[list[object]] = [
        [(m.account.network, m.message_id) for m in world.said.messages],
        [p.post_id for p in world.posts],
        [(f.network, f.profile_id) for p in people for f in p.profiles],
        [(f.network, f.handle) for p in people for f in p.profiles],
        [p.email for p in people],
        [c.contact_id for p in people for c in p.contacts],
        [c.cost_id for c in world.costs],
        [r.refund_id for r in world.refunds],
    ]

    for group in groups:
        assert len(set(group)) == len(group)


def test_turns_when_they_follow_each_other_then_what_is_one_turn_is_beyond_doubt(
    world: World,
) -> None:
    sent = {m.message_id: m for m in world.said.messages}
    by_thread = defaultdict(list)
    for turn in world.said.turns:
        times = [sent[i].sent_at for i in turn.message_ids]
        assert times[0] == turn.opened_at
        assert times[-1] - times[0] < timedelta(minutes=5)
        by_thread[turn.network, turn.thread_id].append((times[0], times[-1]))

    for spans in by_thread.values():
        for (_, ended), (opened, _) in zip(sorted(spans), sorted(spans)[1:], strict=False):
            assert opened - ended > timedelta(minutes=5)


def test_answers_when_compared_with_messages_then_the_truth_of_turns_is_theirs(
    world: World,
) -> None:
    outbound = [m for m in world.said.messages if m.direction == "outbound"]
    human = {m.parent_id: m for m in outbound if not m.is_automated}
    automatic = {m.parent_id: m for m in outbound if m.is_automated}

    for turn in world.said.turns:
        answer, bot = human.get(turn.message_ids[-1]), automatic.get(turn.message_ids[-1])
        assert turn.answered_at == (answer.sent_at if answer else None)
        assert turn.agent_id == (answer.agent_id if answer else "")
        assert turn.bot_answered_at == (bot.sent_at if bot else None)
        assert turn.needs_reply or answer is None
    assert sum(t.answered_at is not None for t in world.said.turns) == len(human)


def test_answers_when_asked_at_night_then_they_take_longer(world: World) -> None:
    waits: dict[bool, list[float]] = defaultdict(list)
    for turn in world.said.turns:
        if turn.answered_at:
            waits[is_night(turn.opened_at)].append(
                (turn.answered_at - turn.opened_at).total_seconds()
            )

    assert median(waits[True]) > 2 * median(waits[False])


def test_unanswered_share_when_counted_then_it_is_about_thirty_percent(world: World) -> None:
    needing = [t for t in world.said.turns if t.needs_reply]
    unanswered = sum(t.answered_at is None for t in needing) / len(needing)

    assert unanswered == pytest.approx(0.30, abs=0.04)


def test_refunds_when_summed_then_none_exceeds_its_order(world: World) -> None:
    refunded: Counter[str] = Counter()
    for refund in world.refunds:
        assert refund.order.counts
        assert refund.amount_minor > 0
        refunded[refund.order.order_id] += refund.amount_minor

    net = {o.order_id: o.net_minor for o in world.orders}
    assert all(amount <= net[order_id] for order_id, amount in refunded.items())
    assert any(amount == net[order_id] for order_id, amount in refunded.items())
    assert any(amount < net[order_id] for order_id, amount in refunded.items())


def test_reply_effect_when_it_is_large_then_answered_people_buy_more() -> None:
    none = WorldParameters(people=300, behaviour=Behaviour(reply_effect=0.0))
    large = WorldParameters(people=300, behaviour=Behaviour(reply_effect=3.0))
    quiet, lively = build_world(none), build_world(large)

    assert quiet.said.messages == lively.said.messages
    assert len(lively.orders) > 1.3 * len(quiet.orders)


def test_seed_when_it_differs_then_so_does_the_world(world: World) -> None:
    other = build_world(WorldParameters(seed=8))

    assert other.orders != world.orders
    assert other.said.messages != world.said.messages
