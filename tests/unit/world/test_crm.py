from __future__ import annotations

from collections import Counter

import pytest

from pipelines.world.crm import Crm, build_crm
from pipelines.world.deals import OWNERS
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import World, build_world


@pytest.fixture(scope="module")
def crm(world: World) -> Crm:
    return build_crm(world)


def test_crm_when_built_again_then_it_is_the_same(world: World, crm: Crm) -> None:
    assert build_crm(world) == crm


def test_owners_when_generated_then_all_of_the_deals_are_there_and_one_has_left(
    world: World, crm: Crm
) -> None:
    assert {owner.owner_id for owner in crm.owners} == {d.owner_id for d in world.deals}
    (left,) = [owner for owner in crm.owners if owner.left_at]
    assert left.left_at is not None
    assert world.parameters.starts_at < left.left_at < world.parameters.as_of
    assert set(crm.owner_of.values()) == set(OWNERS)


def test_tickets_when_generated_then_each_is_a_complaint_of_a_known_contact(
    world: World, crm: Crm
) -> None:
    created = {c.contact_id: c.created_at for p in world.population.people for c in p.contacts}
    complaints = {t.opened_at for t in world.said.turns if t.topic == "complaint"}

    assert len(crm.tickets) > 50
    for ticket in crm.tickets:
        assert ticket.opened_at in complaints
        assert created[ticket.contact_id] < ticket.opened_at
        assert ticket.closed_at is None or ticket.closed_at > ticket.opened_at
    assert {ticket.closed_at is None for ticket in crm.tickets} == {True, False}


def test_removals_when_generated_then_they_hit_nobody_with_a_deal_or_a_merge_and_each_once(
    world: World, crm: Crm
) -> None:
    busy = {contact_id for deal in world.deals for contact_id, _, _ in deal.contacts}
    busy |= {i for m in world.population.merges for i in (m.loser_id, m.winner_id)}
    removed = [r for r in crm.removals if r.kind == "contact"]

    assert not busy & {r.object_id for r in removed}
    assert set(Counter(r.object_id for r in crm.removals).values()) == {1}
    assert sum(r.is_erasure for r in crm.removals) == 1  # 0.1 % of some 400, at least one
    assert {r.kind for r in crm.removals} == {"contact", "deal"}


def test_customers_when_derived_then_they_count_from_their_first_good_order(
    world: World, crm: Crm
) -> None:
    buyers = {o.person_id for o in world.orders if o.counts}
    assert set(crm.customer_since) == buyers
    for order in world.orders:
        if order.counts:
            assert crm.customer_since[order.person_id] <= order.ordered_at


def test_crm_when_the_world_is_tiny_then_nobody_is_forgotten() -> None:
    crm = build_crm(build_world(WorldParameters(people=3, weeks=1)))
    assert not any(removal.is_erasure for removal in crm.removals)
