"""The account at one instant: which media stand, what was said below them."""

from __future__ import annotations

from datetime import datetime

from pipelines.world.fakenet.facebook_view import grouped
from pipelines.world.fakenet.instagram_store import ACCOUNT_ID, STORY_LIFE
from pipelines.world.fakenet.store import Seen, Store


class InstagramView:
    """An index of everything that lives at `now`; what stands below something gone is gone too."""

    def __init__(self, store: Store, now: datetime) -> None:
        everything = store.live("media", now)
        own = [seen for seen in everything if seen.fields["owner"]["id"] == ACCOUNT_ID]
        self.media = [seen for seen in own if seen.fields["kind"] != "story"]
        self.all_stories = [seen for seen in own if seen.fields["kind"] == "story"]
        self.tags = [seen for seen in everything if seen.fields["owner"]["id"] != ACCOUNT_ID]
        known = {seen.record_id for seen in everything}
        on_media = [s for s in store.live("comment", now) if s.fields["media"] in known]
        roots = {s.record_id for s in on_media if not s.fields["parent"]}
        self.comments = [
            s for s in on_media
            if not s.fields["parent"] or s.fields["parent"] in roots
            or store.find("comment", s.fields["parent"], now) is None
        ]  # fmt: skip
        shown = {seen.record_id for seen in self.comments}
        self._hidden = {s.record_id for s in store.live("comment", now)} - shown
        self.comments_on = grouped(self.comments, lambda s: s.fields["media"])
        self.replies_to = grouped(self.comments, lambda s: s.fields["parent"])
        self.children_of = grouped(store.live("child", now), lambda s: s.fields["album"])
        self.figures = {s.record_id: s.fields for s in store.live("figures", now)}
        self.days = {s.record_id: s.fields for s in store.live("account_day", now)}

    def stories(self, now: datetime) -> list[Seen]:
        """Those of the last 24 hours."""
        return [s for s in self.all_stories if now - s.created_at < STORY_LIFE]

    def is_shown(self, seen: Seen) -> bool:
        """It stands below nothing that is gone."""
        return seen.record_id not in self._hidden
