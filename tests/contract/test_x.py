"""X, read night after night from the simulated network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pipelines.sources import x_requests
from pipelines.sources.bluesky import BLUESKY
from pipelines.sources.x import X
from pipelines.world.fakenet.faults import ExpireTokens
from pipelines.world.fakenet.faults_pages import (
    CursorLoop,
    DuplicateAcrossPages,
    EmptyPage,
)
from pipelines.world.fakenet.faults_wire import (
    Drop,
    Empty,
    ForeignRedirect,
    GzipBomb,
    Html,
    Oversized,
    RateExhausted,
    Trickle,
    Truncate,
)
from pipelines.world.fakenet.faults_wire import Status as Answers
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.fakenet.x import X as XFacade
from pipelines.world.fakenet.x_gate import APP_TOKEN
from pipelines.world.fakenet.x_names import BRAND, BRAND_ID, snowflake
from tests.contract.cases import (
    Case,
    LargeIds,
    Passing,
    Renamed,
    Staying,
    numbers_beyond_double,
)
from tests.contract.suite import ContractSuite
from tests.support.apis import ApiHome

TWEETS, MENTIONS = "GET /2/users/*/tweets", "GET /2/users/*/mentions"
FOLLOWERS, REPOSTS = "GET /2/users/*/followers", "GET /2/tweets/*/retweeted_by"
LOOKUP, SEARCH = "GET /2/tweets", "GET /2/tweets/search/recent"
QUOTER = "9100000000000777"


def facade(home: ApiHome) -> XFacade:
    return x_of(home.net)


def x_of(net: FakeNet) -> XFacade:
    found = net.facades["x"]
    assert isinstance(found, XFacade)
    return found


def put(
    net: FakeNet, at: datetime, number: int, author: str, text: str, **fields: str
) -> str:  # fmt: skip
    """A post of somebody at an instant; returns its id."""
    post_id = snowflake(at, number)
    usual = {"reply_to": "", "reply_user": "", "quoted": "", "reposted": "", "lang": "en"}
    x_of(net).store.create(
        "post", post_id,
        {"author": author, "conversation": post_id, "text": text, "first": post_id,
         "history": (post_id,), "is_superseded": False, **usual, **fields}, at,
    )  # fmt: skip
    return post_id


def plant(net: FakeNet, end: datetime) -> None:
    """A post by the brand, quoted and reposted, and answers to it that do not name the brand."""
    at = end - timedelta(days=5)
    person = {"username": "quoter", "name": "Quentin Planted", "protected": False,
              "followers": 7, "following": 8}  # fmt: skip
    x_of(net).store.create("user", QUOTER, person, at - timedelta(days=400))
    own = put(net, at, 901, BRAND_ID, "Planted")
    put(net, at + timedelta(hours=1), 903, QUOTER, "Look at that", quoted=own)
    put(net, at + timedelta(hours=2), 905, QUOTER, "RT Planted", reposted=own)
    answer = {"reply_user": BRAND_ID, "conversation": own}
    below = put(net, at + timedelta(hours=3), 907, QUOTER, "Nobody named", reply_to=own, **answer)
    put(net, at + timedelta(hours=4), 909, BRAND_ID, "Right",
        reply_to=below, reply_user=QUOTER, conversation=own)  # fmt: skip


def delete(home: ApiHome) -> Mapping[str, set[str]]:
    """An own post of weeks ago, a young one that is quoted, and an answer."""
    view, at = facade(home).view(home.clock.now()), home.clock.now()
    roots = [s for s in view.slots if s.fields["author"] == BRAND_ID and not s.fields["reply_to"]]
    answers = [s for s in view.slots if s.fields["author"] != BRAND_ID and s.fields["reply_to"]]
    seen = [s for s in (*roots, *answers) if view.is_seen(s)]
    own = sorted((s for s in seen if s in roots), key=lambda s: s.created_at)
    chosen = [own[0], own[-1], next(s for s in seen if s in answers)]
    for post in chosen:
        for post_id in post.fields["history"]:
            facade(home).store.delete("post", post_id, at)
    return {"posts": {post.fields["first"] for post in chosen}}


def personal(home: ApiHome) -> set[str]:
    """Ids, handles and whole names of everybody but the brand."""
    users = facade(home).view(home.clock.now()).users.values()
    others = [user for user in users if user.record_id != BRAND_ID]
    names = {str(user.fields["name"]) for user in others}
    handles = {str(user.fields["username"]) for user in others}
    ids = {user.record_id for user in others}
    return ids | handles | {name for name in names if " " in name}


def new_tokens(home: ApiHome) -> None:
    for grant in facade(home).gate.tokens.grants.values():
        grant.expires_at = None


def problem(status: int, kind: str, **more: object) -> Answers:
    body = {"title": kind, "type": f"https://api.x.com/2/problems/{kind}", "detail": "No.", **more}
    return Answers(status, body)


# Where nobody says how long, a window of 15 minutes is waited for: not more than an hour in all.
FORMS = ("retry_after_seconds", "retry_after_date", "epoch_seconds", "none", "garbage")

CASE = Case(
    source=X,
    facade="x",
    oracle={
        ("accounts", f"id = '{BRAND_ID}'"): lambda _: 1,
        ("posts", "is_own"): lambda e: e["tweets"],
        ("posts", f"not is_own and contains(lower(text), '@{BRAND.handle}')"): lambda e: e[
            "mentions"
        ],
        ("posts", "not is_own and quoted_id is not null"): lambda e: e["quotes"],
        ("followers", "true"): lambda e: e["followers"],
        ("likes", "true"): lambda _: 0,
    },
    size=(x_requests, "PAGE_SIZE"),
    sizes=(1, 7),
    small=5,
    nights=(14, 1, 13),
    ends_in=("posts",),
    met=frozenset({"profiles", "reposts", "posts"}),
    whole_after=timedelta(days=28),
    delete=delete,
    plant=plant,
    other=BLUESKY,
    passing={f"throttled: {form}": Passing(MENTIONS, RateExhausted(form)) for form in FORMS}
    | {
        "connection dropped": Passing(MENTIONS, Drop()),
        "body cut off": Passing(TWEETS, Truncate(200)),
        "maintenance page": Passing(TWEETS, Html(), 2),
        "empty 202": Passing(FOLLOWERS, Empty(), 2),
        "server error": Passing(REPOSTS, Answers(503), 3),
        "slow drip": Passing(FOLLOWERS, Trickle(20, 1.0)),
        "throttled in the old words": Passing(
            SEARCH, Answers(429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]})
        ),
        "duplicate across pages": Passing(TWEETS, DuplicateAcrossPages(), 50),
        "empty page with a token": Passing(TWEETS, EmptyPage()),
    },
    staying={
        "token expired mid-page": Staying(TWEETS, ExpireTokens(), "token", 3, new_tokens),
        "not enrolled": Staying(MENTIONS, problem(403, "client-forbidden"), "client-forbidden"),
        "cap of the month": Staying(TWEETS, problem(429, "usage-capped"), "the cap on posts", 2),
        "throttled for days": Staying(MENTIONS, RateExhausted("far_ahead"), "a wait of", 2),
        "throttled without end": Staying(MENTIONS, RateExhausted("none"), "waiting time", 2),
        "error with status 200": Staying(
            TWEETS,
            Answers(200, {"errors": [{"title": "Down", "type": "about:blank"}]}),
            "error object",
            2,
        ),
        "no data key": Staying("GET /2/users", Answers(200, {"user": {}}), "", is_all=True),
        "parameter refused": Staying(
            TWEETS,
            problem(400, "invalid-request", errors=[{"parameters": {"since": []}, "message": "m"}]),
            "a parameter was refused: since",
        ),
        "HTML page that stays": Staying(TWEETS, Html(), "no JSON", 2),
        "cursor loop": Staying(TWEETS, CursorLoop(), "leads back"),
        "redirect to another host": Staying(TWEETS, ForeignRedirect(), "foreign origin", 2),
        "oversized page": Staying(TWEETS, Oversized(70_000_000), "larger", 2),
        "bomb": Staying(TWEETS, GzipBomb(400_000_000), "larger", 2),
    },
    renamed=Renamed(FOLLOWERS, "id", "followers", "posts"),
    large_ids=LargeIds(TWEETS, numbers_beyond_double("id"), "posts", "id"),
    secrets=(APP_TOKEN,),
    personal=personal,
    free_texts=frozenset({"text"}),
    run_always=frozenset({"cap of the month"}),
)


class TestX(ContractSuite):
    case = CASE
