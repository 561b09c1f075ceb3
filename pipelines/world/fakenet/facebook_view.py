"""The page at one instant: what stands below what, and who reacted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from pipelines.world.fakenet.figures import share
from pipelines.world.fakenet.store import Seen, Store

REACTION_SHARES = {"LOVE": 0.2, "HAHA": 0.06, "WOW": 0.04}


class FacebookView:
    """An index of everything that lives at `now`; what stands below something gone is gone too."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.posts = store.live("post", now)
        self.reviews = store.live("review", now)
        things = {s.record_id for s in (*self.posts, *self.reviews)}
        comments = [s for s in store.live("comment", now) if s.fields["on"] in things]
        self.ended = {s.record_id for s in store.live("comment", now)} - {
            s.record_id for s in comments
        }
        # An answer whose root was deleted goes with it; one whose root was never seen stays.
        known = {s.record_id for s in comments}
        gone = {
            s.record_id
            for s in comments
            if s.fields["parent"] and s.fields["parent"] not in known
            and store.find("comment", s.fields["parent"], now) is not None
        }  # fmt: skip
        self.ended |= gone
        self.comments = [s for s in comments if s.record_id not in gone]
        self.comments_on = grouped(self.comments, lambda s: s.fields["on"])
        self.replies_to = grouped(self.comments, lambda s: s.fields["parent"])
        self.videos = store.live("video", now)
        self.talks = store.live("talk", now)
        self.messages_in = grouped(store.live("message", now), lambda s: s.fields["talk"])
        self.reactions_to = grouped(store.live("reaction", now), lambda s: s.fields["post"])
        self.figures = {s.record_id: s.fields for s in store.live("figures", now)}
        self.days = {s.record_id: s.fields for s in store.live("page_day", now)}

    def is_shown(self, seen: Seen) -> bool:
        """It stands below nothing that is gone."""
        return seen.record_id not in self.ended

    def reactions(self, post_id: str) -> dict[str, int]:
        """Reactions to a post by type, those of people of no name included; zeros left out."""
        named: dict[str, int] = defaultdict(int)
        for seen in self.reactions_to.get(post_id, ()):
            named[seen.fields["type"]] += 1
        total = self.figures.get(post_id, {}).get("likes", 0)
        counts = {t: share(total, part, post_id, t) for t, part in REACTION_SHARES.items()}
        counts = {"LIKE": total - sum(counts.values()), **counts}
        counts = {name: max(count, named[name]) for name, count in counts.items()}
        return {name: count for name, count in counts.items() if count}


def grouped(objects: Iterable[Seen], key: Callable[[Seen], str]) -> dict[str, list[Seen]]:
    """Objects by what they stand below."""
    groups: dict[str, list[Seen]] = defaultdict(list)
    for seen in objects:
        groups[key(seen)].append(seen)
    return groups
