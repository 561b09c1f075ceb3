"""LinkedIn's page at one instant, as JSON: posts, comments, reactions and their sums."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet.linkedin_store import (
    COMMENT,
    FOLLOW,
    ORGANIZATION,
    ORGANIZATION_ID,
    POST,
    REACTION,
    milliseconds,
)
from pipelines.world.fakenet.store import Seen, Store

Json = dict[str, Any]
WINDOW = timedelta(days=365)  # what lists and statistics reach back


class View:
    """An index of what lives at `now`; a deleted post or comment takes what is below it along."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.posts = {seen.record_id: seen for seen in store.live(POST, now)}
        self.by_activity = {s.fields["activity"]: urn for urn, s in self.posts.items()}
        comments = {s.record_id: s for s in store.live(COMMENT, now)
                    if s.fields["post"] in self.posts}  # fmt: skip
        self.comments = {
            urn: s for urn, s in comments.items() if s.fields["parent"] in ("", *comments)
        }  # fmt: skip
        reactions = [s for s in store.live(REACTION, now) if s.fields["post"] in self.posts]
        self.follows = store.live(FOLLOW, now)
        self.reactions_of: dict[str, list[Seen]] = defaultdict(list)
        self.below: dict[str, list[Seen]] = defaultdict(list)  # comments of a post or comment
        self.comments_of: dict[str, list[Seen]] = defaultdict(list)  # of a post, with answers
        for seen in reactions:
            self.reactions_of[seen.fields["post"]].append(seen)
        for seen in self.comments.values():
            self.below[seen.fields["parent"] or seen.fields["post"]].append(seen)
            self.comments_of[seen.fields["post"]].append(seen)

    def entity(self, urn: str) -> str:
        """The post or comment that a URN is about; an activity is its post. Empty: none."""
        known = self.by_activity.get(urn, urn)
        return known if known in self.posts or known in self.comments else ""

    def recent(self, now: datetime) -> list[Seen]:
        """Posts that lists still show."""
        return [seen for seen in self.posts.values() if seen.created_at > now - WINDOW]

    def post(self, seen: Seen) -> Json:
        """A post."""
        fields, created = seen.fields, milliseconds(seen.created_at)
        content = {"content": {"media": {"id": fields["media"]}}} if fields["media"] else {}
        distribution = {"feedDistribution": "MAIN_FEED", "targetEntities": [],
                        "thirdPartyDistributionChannels": []}  # fmt: skip
        return {
            "id": seen.record_id, "author": ORGANIZATION, "commentary": fields["text"],
            "visibility": "PUBLIC", "lifecycleState": "PUBLISHED",
            "lifecycleStateInfo": {"isEditedByAuthor": fields["is_edited"]},
            "createdAt": created, "publishedAt": created,
            "lastModifiedAt": milliseconds(seen.updated_at), "distribution": distribution,
            "isReshareDisabledByAuthor": False, **content,
        }  # fmt: skip

    def comment(self, seen: Seen) -> Json:
        """A comment or an answer to one."""
        fields, answers = seen.fields, len(self.below.get(seen.record_id, ()))
        stamp = {"actor": fields["actor"], "time": milliseconds(seen.created_at)}
        changed = {"actor": fields["actor"], "time": milliseconds(seen.updated_at)}
        parent = {"parentComment": fields["parent"]} if fields["parent"] else {}
        return {
            "id": fields["number"], "$URN": seen.record_id, "actor": fields["actor"],
            "created": stamp, "lastModified": changed, "object": fields["activity"],
            "message": {"attributes": [], "text": fields["text"]},
            "likesSummary": {"aggregatedTotalLikes": 0, "likedByCurrentUser": False,
                             "selectedLikes": [], "totalLikes": 0},
            "commentsSummary": {"aggregatedTotalComments": answers, "selectedComments": [],
                                "totalFirstLevelComments": answers},
            **parent,
        }  # fmt: skip

    def reaction(self, seen: Seen) -> Json:
        """A reaction to a post."""
        fields = seen.fields
        stamp = {"actor": fields["actor"], "time": milliseconds(seen.created_at)}
        return {
            "id": seen.record_id, "created": stamp, "lastModified": stamp,
            "reactionType": fields["kind"], "root": self.posts[fields["post"]].fields["activity"],
        }  # fmt: skip

    def metadata(self, urn: str) -> Json:
        """The sums of a post or comment."""
        kinds = Counter(s.fields["kind"] for s in self.reactions_of.get(urn, ()))
        first = self.below.get(urn, ())
        every = self.comments_of.get(urn, first)
        return {
            "id": urn, "entity": urn, "commentsState": "OPEN",
            "commentSummary": {"count": len(every), "topLevelCount": len(first)},
            "reactionSummaries": {
                kind: {"reactionType": kind, "count": count}
                for kind, count in sorted(kinds.items())
            },
        }  # fmt: skip


def organization() -> Json:
    """The page itself."""
    locale = {"country": "IT", "language": "it"}
    return {
        "id": ORGANIZATION_ID, "$URN": ORGANIZATION, "vanityName": "beanandbond",
        "localizedName": "Bean & Bond", "localizedWebsite": "https://beanandbond.example",
        "name": {"localized": {"it_IT": "Bean & Bond"}, "preferredLocale": locale},
        "defaultLocale": locale, "primaryOrganizationType": "NONE",
        "organizationType": "PRIVATELY_HELD", "staffCountRange": "SIZE_11_TO_50",
        "organizationStatus": "OPERATING", "locations": [], "versionTag": "1712048801",
    }  # fmt: skip
