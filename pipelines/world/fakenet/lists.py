"""The façades of Mastodon, Stripe, Typeform and LinkedIn, and who is who in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from pipelines.world.fakenet.facade import Facade
from pipelines.world.fakenet.linkedin import LinkedIn
from pipelines.world.fakenet.linkedin_store import linkedin_store, member_urns
from pipelines.world.fakenet.mastodon import Mastodon
from pipelines.world.fakenet.mastodon_store import account_ids, mastodon_store
from pipelines.world.fakenet.stripe import Stripe
from pipelines.world.fakenet.stripe_store import customer_ids, stripe_store
from pipelines.world.fakenet.typeform import Typeform
from pipelines.world.fakenet.typeform_store import response_ids, typeform_store
from pipelines.world.linkedin import build_linkedin
from pipelines.world.mastodon import BRAND_KEY, build_mastodon
from pipelines.world.stripe import build_stripe
from pipelines.world.typeform import build_typeform
from pipelines.world.world import World


@dataclass(frozen=True)
class ListApis:
    """`ids`: by façade, what each person is called there, by person id."""

    facades: tuple[Facade, ...]
    ids: Mapping[str, Mapping[str, Any]]

    def identified(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The oracle's people with a column per façade; None: not there."""
        return [
            row | {name: ids.get(row["person_id"]) for name, ids in self.ids.items()}
            for row in rows
        ]


def list_apis(world: World) -> ListApis:
    """Build them for a world."""
    seed, start = world.parameters.seed, world.parameters.starts_at
    mastodon, stripe = build_mastodon(world), build_stripe(world)
    surveys, linkedin = build_typeform(world), build_linkedin(world)
    mastodon_ids = account_ids(mastodon)
    return ListApis(
        (
            Mastodon(mastodon_store(mastodon), mastodon_ids[BRAND_KEY]),
            Stripe(stripe_store(stripe, seed, start)),
            Typeform(typeform_store(surveys, seed)),
            LinkedIn(linkedin_store(linkedin, seed), world.parameters.as_of.astimezone(UTC)),
        ),
        {
            "mastodon": mastodon_ids,
            "stripe": customer_ids(stripe, seed),
            "typeform": response_ids(surveys, seed),
            "linkedin": member_urns(linkedin, seed),
        },
    )
