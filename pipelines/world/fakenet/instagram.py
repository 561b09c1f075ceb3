"""Instagram: the Graph API for a business account, by Facebook's login or by Instagram's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipelines.world.fakenet.facade import PageShape, Reply, Request
from pipelines.world.fakenet.graph import Graph
from pipelines.world.fakenet.graph_errors import throttled
from pipelines.world.fakenet.graph_gate import Caller, GraphGate
from pipelines.world.fakenet.graph_tokens import (
    FACEBOOK_SCOPES,
    INSTAGRAM_SCOPES,
    INSTAGRAM_TOKEN,
    PAGE_TOKEN,
    USER_ID,
    USER_TOKEN,
)
from pipelines.world.fakenet.instagram_insights import PARAMETERS, InstagramInsights
from pipelines.world.fakenet.instagram_kinds import KINDS
from pipelines.world.fakenet.instagram_store import ACCOUNT_ID, PAGE_ID
from pipelines.world.fakenet.instagram_view import InstagramView
from pipelines.world.fakenet.store import Store

INSTAGRAM_THROTTLE = 80002


class Instagram:
    """The façade. `insights.retired` and `gate.lifetimes` are for tests to end what lives."""

    name = "instagram"

    def __init__(self, store: Store) -> None:
        self.store = store
        self.gate = GraphGate("instagram", INSTAGRAM_THROTTLE, ACCOUNT_ID)
        self.gate.tokens.add(USER_TOKEN, FACEBOOK_SCOPES)
        self.gate.tokens.add(PAGE_TOKEN, FACEBOOK_SCOPES)
        self.gate.tokens.add(INSTAGRAM_TOKEN, INSTAGRAM_SCOPES)
        # Calls with either of these fall under the limits of the account, not of the app.
        self.gate.page_tokens |= {PAGE_TOKEN, INSTAGRAM_TOKEN}
        self.insights = InstagramInsights()
        self.graph = Graph(
            store, self.gate, KINDS, InstagramView,
            {
                "account": {"insights": self.insights.account},
                "media": {"insights": self.insights.media},
                "child": {"insights": self.insights.media},
            },
            PARAMETERS,
        )  # fmt: skip

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        return self.graph.answer(request, _me)

    def expected(self, now: datetime) -> dict[str, Any]:
        """What a complete read of the account at `now` must find."""
        view: InstagramView = self.graph.view(now)
        own = {seen.record_id for seen in view.media}
        return {
            "account": ACCOUNT_ID,
            "media": len(view.media),
            "stories": len(view.stories(now)),
            "tags": len(view.tags),
            "children": sum(len(view.children_of.get(media_id, ())) for media_id in own),
            "comments": sum(seen.fields["media"] in own for seen in view.comments),
            "insight_days": len(view.days),
            "media_views": sum(
                view.figures[media_id]["impressions"] for media_id in own & view.figures.keys()
            ),
            "media_with_figures": len(own & view.figures.keys()),
        }

    def shape(self, request: Request) -> PageShape | None:
        """Edges are paged by cursor and link."""
        return self.graph.shape(request)

    def throttled(self) -> Reply:
        """The refusal of the account's limits."""
        return throttled(INSTAGRAM_THROTTLE)

    def expire_tokens(self, now: datetime) -> None:
        """All tokens end; there is no way to refresh them."""
        self.gate.tokens.end_all(now)


def _me(caller: Caller) -> str:
    """The account, the page or the user that the token belongs to."""
    return {INSTAGRAM_TOKEN: ACCOUNT_ID, PAGE_TOKEN: PAGE_ID}.get(caller.token, USER_ID)
