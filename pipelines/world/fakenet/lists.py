"""The façades of Mastodon, Stripe, Typeform, LinkedIn, Salesforce and Sprout, and who is who."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import Any

from pipelines.world.fakenet.facade import Facade
from pipelines.world.fakenet.linkedin import LinkedIn
from pipelines.world.fakenet.linkedin_store import linkedin_store, member_urns
from pipelines.world.fakenet.mastodon import Mastodon
from pipelines.world.fakenet.mastodon_store import account_ids, mastodon_store
from pipelines.world.fakenet.salesforce import Salesforce
from pipelines.world.fakenet.salesforce_store import salesforce_ids, salesforce_store
from pipelines.world.fakenet.sprout import Sprout
from pipelines.world.fakenet.sprout_days import Days
from pipelines.world.fakenet.sprout_store import sprout_store
from pipelines.world.fakenet.stripe import Stripe
from pipelines.world.fakenet.stripe_store import customer_ids, stripe_store
from pipelines.world.fakenet.typeform import Typeform
from pipelines.world.fakenet.typeform_store import response_ids, typeform_store
from pipelines.world.linkedin import build_linkedin
from pipelines.world.mastodon import BRAND_KEY, build_mastodon
from pipelines.world.salesforce import build_salesforce
from pipelines.world.stripe import build_stripe
from pipelines.world.typeform import build_typeform
from pipelines.world.world import World


def list_facades(world: World) -> dict[str, Callable[[], Facade]]:
    """How each of them is built for a world."""
    seed, start = world.parameters.seed, world.parameters.starts_at

    def mastodon() -> Facade:
        life = build_mastodon(world)
        return Mastodon(mastodon_store(life), account_ids(life)[BRAND_KEY])

    def linkedin() -> Facade:
        now = world.parameters.as_of.astimezone(UTC)
        return LinkedIn(linkedin_store(build_linkedin(world), seed), now)

    def sprout() -> Facade:
        return Sprout(sprout_store(world), Days(world), world.parameters.as_of.astimezone(UTC))

    return {
        "mastodon": mastodon,
        "stripe": lambda: Stripe(stripe_store(build_stripe(world), seed, start)),
        "typeform": lambda: Typeform(typeform_store(build_typeform(world), seed)),
        "linkedin": linkedin,
        "salesforce": lambda: Salesforce(salesforce_store(world, build_salesforce(world))),
        "sprout": sprout,
    }


def identified(world: World, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The oracle's people with a column per façade: what each is called there; None: not there."""
    seed = world.parameters.seed
    known: Mapping[str, Mapping[str, Any]] = {
        "mastodon": account_ids(build_mastodon(world)),
        "stripe": customer_ids(build_stripe(world), seed),
        "typeform": response_ids(build_typeform(world), seed),
        "linkedin": member_urns(build_linkedin(world), seed),
        "salesforce": salesforce_ids(world, build_salesforce(world)),
    }
    return [row | {name: ids.get(row["person_id"]) for name, ids in known.items()} for row in rows]
