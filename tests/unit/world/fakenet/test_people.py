from __future__ import annotations

from pipelines.world.fakenet.server import FakeNet
from pipelines.world.world import World
from tests.support.fakenet import ask, flat, graph_pages, x_pages

X_BRAND, INSTAGRAM, PAGE = "9100000000000000", "9100000000000001", "9100000000000002"


def test_people_when_they_speak_on_three_networks_then_the_oracle_knows_them_all(
    still: FakeNet, small: World
) -> None:
    people = ask(still, "/_fake/oracle").body["people"]
    known = {
        name: {p[name]: p["person_id"] for p in people if p[name]}
        for name in ("x", "instagram", "facebook")
    }
    fields = {"fields": "comments.filter(stream){from},reactions{id}", "limit": 100}
    posts = flat(graph_pages(still, "facebook/me/published_posts", fields))
    media = flat(graph_pages(still, f"instagram/{INSTAGRAM}/media", {"fields": "comments{from}"}))
    mentions = flat(x_pages(still, f"users/{X_BRAND}/mentions", {"expansions": "author_id"}))
    spoke = {
        "facebook": {c["from"]["id"] for p in posts for c in p.get("comments", {}).get("data", [])}
        | {r["id"] for p in posts for r in p.get("reactions", {}).get("data", [])},
        "instagram": {
            m["from"]["id"] for i in media for m in i.get("comments", {}).get("data", [])
        },
        "x": {post["author_id"] for post in mentions},
    }

    for name, ids in spoke.items():
        assert ids - {X_BRAND, INSTAGRAM, PAGE} <= known[name].keys()
        assert len(ids) > 3
    truth = {
        p.person_id: {q.network: q.profile_id for q in p.profiles} for p in small.population.people
    }
    for name, by_id in known.items():
        assert all(truth[person_id][name] == i for i, person_id in by_id.items())
    assert sum(len(by_id) for by_id in known.values()) == sum(map(len, truth.values()))
