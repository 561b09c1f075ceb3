"""How the connectors reach the net of a world: the settings that a customer would write down."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pipelines.world.fakenet.added import ADDED
from pipelines.world.fakenet.bluesky import Bluesky
from pipelines.world.fakenet.graph_tokens import INSTAGRAM_TOKEN, USER_TOKEN
from pipelines.world.fakenet.hubspot import TOKEN
from pipelines.world.fakenet.linkedin_gate import REFRESH_PATH
from pipelines.world.fakenet.linkedin_gate import TOKEN as LINKEDIN_TOKEN
from pipelines.world.fakenet.linkedin_store import ORGANIZATION_ID
from pipelines.world.fakenet.mastodon_gate import TOKEN as MASTODON_TOKEN
from pipelines.world.fakenet.salesforce_catalogue import SOCIAL_FIELDS
from pipelines.world.fakenet.salesforce_gate import CLIENT_ID, CLIENT_SECRET
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.fakenet.sprout_gate import TOKEN as SPROUT_TOKEN
from pipelines.world.fakenet.stripe_gate import KEY as STRIPE_KEY
from pipelines.world.fakenet.typeform import TOKEN as TYPEFORM_TOKEN
from pipelines.world.fakenet.x_gate import APP_TOKEN
from pipelines.world.fakenet.x_names import BRAND_ID
from pipelines.world.mastodon import BRAND_USERNAME, TAG


def demo_sources(net: FakeNet, names: Iterable[str] = ("bluesky",)) -> dict[str, str]:
    """Environment of a run that reads these of the net's APIs; with the settings of every API."""
    bluesky = net.facades["bluesky"]
    if not isinstance(bluesky, Bluesky):
        raise TypeError("no such façade")
    added = {k: v for fake in ADDED for k, v in fake.settings(net.url(fake.NAME)).items()}
    return {
        **added,
        "ROR_SOURCES": ",".join(names),
        "SOURCES__HUBSPOT__ACCESS_TOKEN": TOKEN,
        "SOURCES__HUBSPOT__BASE_URL": net.url("hubspot"),
        "SOURCES__HUBSPOT__SOCIAL_PROPERTIES": json.dumps({"bluesky": "bluesky_handle"}),
        "SOURCES__BLUESKY__ACCOUNTS": json.dumps([bluesky.brand]),
        "SOURCES__BLUESKY__BASE_URL": net.url("bluesky"),
        "SOURCES__FACEBOOK__ACCESS_TOKEN": USER_TOKEN,
        "SOURCES__FACEBOOK__BASE_URL": net.url("facebook"),
        "SOURCES__FACEBOOK__INBOX": "true",
        "SOURCES__INSTAGRAM__ACCESS_TOKEN": INSTAGRAM_TOKEN,
        "SOURCES__INSTAGRAM__BASE_URL": net.url("instagram"),
        "SOURCES__MASTODON__ACCOUNTS": json.dumps([BRAND_USERNAME]),
        "SOURCES__MASTODON__ACCESS_TOKEN": MASTODON_TOKEN,
        "SOURCES__MASTODON__BASE_URL": net.url("mastodon"),
        "SOURCES__MASTODON__HASHTAGS": json.dumps([TAG]),
        "SOURCES__STRIPE__API_KEY": STRIPE_KEY,
        "SOURCES__STRIPE__BASE_URL": net.url("stripe"),
        "SOURCES__TYPEFORM__ACCESS_TOKEN": TYPEFORM_TOKEN,
        "SOURCES__TYPEFORM__BASE_URL": net.url("typeform"),
        "SOURCES__LINKEDIN__ACCESS_TOKEN": LINKEDIN_TOKEN,
        "SOURCES__LINKEDIN__BASE_URL": net.url("linkedin"),
        "SOURCES__LINKEDIN__ORGANIZATIONS": json.dumps([str(ORGANIZATION_ID)]),
        "SOURCES__LINKEDIN__TOKEN_URL": net.url("linkedin") + REFRESH_PATH,
        "SOURCES__SALESFORCE__BASE_URL": net.url("salesforce"),
        "SOURCES__SALESFORCE__CLIENT_ID": CLIENT_ID,
        "SOURCES__SALESFORCE__CLIENT_SECRET": CLIENT_SECRET,
        "SOURCES__SALESFORCE__SOCIAL_FIELDS": json.dumps(SOCIAL_FIELDS),
        "SOURCES__SPROUT__ACCESS_TOKEN": SPROUT_TOKEN,
        "SOURCES__SPROUT__BASE_URL": net.url("sprout"),
        "SOURCES__SPROUT__HISTORY_DAYS": "200",
        "SOURCES__X__ACCESS_TOKEN": APP_TOKEN,
        "SOURCES__X__ACCOUNTS": json.dumps([BRAND_ID]),
        "SOURCES__X__BASE_URL": net.url("x"),
    }
