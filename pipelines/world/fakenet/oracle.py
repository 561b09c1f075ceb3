"""What must come out: expected counts per resource, and who is who across systems."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pipelines.world.bluesky import BlueskyWorld
from pipelines.world.fakenet.bluesky_names import did_of
from pipelines.world.fakenet.facade import Facade
from pipelines.world.fakenet.hubspot_store import hubspot_id
from pipelines.world.parameters import NETWORKS
from pipelines.world.world import World


def expected(facades: Iterable[Facade], now: datetime) -> dict[str, Any]:
    """Per façade what a complete read at `now` must find."""
    return {facade.name: facade.expected(now) for facade in facades}


def people(world: World, life: BlueskyWorld) -> list[dict[str, Any]]:
    """One row per true person: ids in HubSpot (several: duplicates), and one per network or None.

    Facebook, Instagram and X by the ids of their profiles, Bluesky by DID.
    """
    accounts = life.account_of
    seed = world.parameters.seed
    return [
        {
            "person_id": person.person_id,
            "hubspot": [hubspot_id(contact.contact_id) for contact in person.contacts],
            "bluesky": did_of(seed, person.person_id) if person.person_id in accounts else None,
            **dict.fromkeys(NETWORKS),
            **{profile.network: profile.profile_id for profile in person.profiles},
        }
        for person in world.population.people
    ]
