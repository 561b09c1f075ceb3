from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import build_world
from tests.support.fakenet import graph, hubspot, search, x, xrpc
from tests.support.list_apis import ORGANIZATION, linkedin, mastodon, stripe, typeform

ROOT = Path(__file__).resolve().parents[4]
PARAMETERS = WorldParameters(people=60, weeks=8)


def transcript(net: FakeNet) -> str:
    """A digest of what the façades say to a fixed list of questions; ports taken out."""
    brand = net.facades["bluesky"].expected(net.clock.now())["brand"]
    feed = xrpc(net, "app.bsky.feed.getAuthorFeed", {"actor": brand})
    uri = feed.body["feed"][-1]["post"]["uri"]
    form = next(iter(net.facades["typeform"].expected(net.clock.now())["responses_of"]))
    statistics = "organizationalEntityShareStatistics"
    answers = [
        hubspot(net, "/crm/v3/objects/contacts", {"limit": 50, "associations": "deals"}),
        hubspot(net, "/crm/objects/2026-09/deals", {"propertiesWithHistory": "dealstage"}),
        hubspot(net, "/crm/v3/objects/contacts/1"),
        hubspot(net, "/crm/v3/owners"),
        search(net, "tickets", {"sorts": ["hs_lastmodifieddate"]}),
        feed,
        xrpc(net, "app.bsky.feed.getPostThread", {"uri": uri}),
        xrpc(net, "app.bsky.graph.getFollowers", {"actor": brand}),
        xrpc(net, "com.atproto.sync.getRepoStatus", {"did": brand}),
        mastodon(net, "notifications"),
        mastodon(net, "timelines/tag/beanandbond"),
        stripe(net, "events", {"limit": 100}),
        stripe(net, "subscriptions", {"status": "all"}),
        typeform(net, "forms"),
        typeform(net, f"forms/{form}/responses"),
        linkedin(net, f"posts?q=author&author={ORGANIZATION}"),
        linkedin(net, f"{statistics}?q=organizationalEntity&organizationalEntity={ORGANIZATION}"),
        graph(net, "facebook/me/published_posts", {"fields": "message,comments,reactions"}),
        graph(net, "facebook/me/insights", {"metric": "page_media_view", "since": "2026-05-01"}),
        graph(net, "facebook/404"),
        graph(net, "instagram/9100000000000001/media", {"fields": "media_url,comments_count"}),
        x(net, "users/9100000000000000/mentions", {"post.fields": "public_metrics"}),
        x(net, "tweets", {"ids": "1", "tweet.fields": "entities"}),
    ]
    digest = hashlib.sha256()
    for answer in answers:
        digest.update(answer.content.replace(net.origin.encode(), b""))
        kept = {k: v for k, v in answer.headers.items() if k != "Content-Length"}
        digest.update(repr(sorted(kept.items())).replace(net.origin, "").encode())
    return digest.hexdigest()


def print_transcript() -> None:
    with fake_net(build_world(PARAMETERS)) as net:
        print(transcript(net))


def test_replay_when_run_in_another_process_and_zone_then_every_byte_is_the_same() -> None:
    code = f"from {__name__} import print_transcript; print_transcript()"
    environment = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True
    )

    with fake_net(build_world(PARAMETERS)) as net:
        assert done.stdout.decode().strip() == transcript(net)


def test_replay_when_the_seed_differs_then_so_do_the_answers() -> None:
    with fake_net(build_world(PARAMETERS)) as net:
        first = transcript(net)
    with fake_net(build_world(WorldParameters(people=60, weeks=8, seed=8))) as net:
        assert transcript(net) != first
