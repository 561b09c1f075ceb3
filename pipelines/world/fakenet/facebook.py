"""Facebook Pages: the Graph API as the owner of a page sees it.

`/me/accounts` with the user's token gives the page's; everything below the page needs that one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipelines.world.fakenet.facade import PageShape, Reply, Request
from pipelines.world.fakenet.facebook_insights import FacebookInsights
from pipelines.world.fakenet.facebook_kinds import KINDS
from pipelines.world.fakenet.facebook_store import PAGE_ID
from pipelines.world.fakenet.facebook_view import FacebookView
from pipelines.world.fakenet.graph import Graph
from pipelines.world.fakenet.graph_errors import throttled
from pipelines.world.fakenet.graph_gate import Caller, GraphGate
from pipelines.world.fakenet.graph_insights import PARAMETERS
from pipelines.world.fakenet.graph_tokens import FACEBOOK_SCOPES, PAGE_TOKEN, USER_ID, USER_TOKEN
from pipelines.world.fakenet.store import Store

PAGE_THROTTLE = 80001


class Facebook:
    """The façade. `insights.retired` and `gate.lifetimes` are for tests to end what lives."""

    name = "facebook"

    def __init__(self, store: Store) -> None:
        self.store = store
        self.gate = GraphGate("pages", PAGE_THROTTLE, PAGE_ID)
        self.gate.tokens.add(USER_TOKEN, FACEBOOK_SCOPES)
        self.gate.tokens.add(PAGE_TOKEN, FACEBOOK_SCOPES)
        self.gate.page_tokens.add(PAGE_TOKEN)
        self.insights = FacebookInsights()
        self.graph = Graph(
            store, self.gate, KINDS, FacebookView,
            {
                "page": {"insights": self.insights.page},
                "post": {"insights": self.insights.post},
                "video": {"video_insights": self.insights.video},
            },
            PARAMETERS,
        )  # fmt: skip

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        return self.graph.answer(request, _me)

    def expected(self, now: datetime) -> dict[str, Any]:
        """What a complete read of the page at `now` must find."""
        view: FacebookView = self.graph.view(now)
        own = [s for s in view.posts if s.fields["from"]["id"] == PAGE_ID]
        theirs = [s for s in view.posts if s.fields["from"]["id"] != PAGE_ID]
        on_posts = {s.record_id for s in view.posts}
        return {
            "page": PAGE_ID,
            "published_posts": len(own),
            "visitor_posts": sum(not s.fields["is_tag"] for s in theirs),
            "tagged": sum(s.fields["is_tag"] for s in theirs),
            "videos": len(view.videos),
            "ratings": len(view.reviews),
            "comments": sum(s.fields["on"] in on_posts for s in view.comments),
            "review_comments": sum(s.fields["on"] not in on_posts for s in view.comments),
            "reactions": sum(len(view.reactions_to.get(s.record_id, ())) for s in own),
            "conversations": len(view.talks),
            "messages": sum(len(messages) for messages in view.messages_in.values()),
            "insight_days": len(view.days),
            "media_views": sum(day["impressions"] for day in view.days.values()),
            "post_media_views": sum(
                view.figures[s.record_id]["impressions"] for s in own if s.record_id in view.figures
            ),
        }  # fmt: skip

    def shape(self, request: Request) -> PageShape | None:
        """Edges are paged by cursor and link."""
        return self.graph.shape(request)

    def throttled(self) -> Reply:
        """The refusal of the page's limits."""
        return throttled(PAGE_THROTTLE)

    def expire_tokens(self, now: datetime) -> None:
        """All tokens end; there is no way to refresh them."""
        self.gate.tokens.end_all(now)


def _me(caller: Caller) -> str:
    return PAGE_ID if caller.is_page else USER_ID
