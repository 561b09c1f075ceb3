"""Which figures Sprout Social is asked for, and what it calls the networks.

Not every network has every figure, and the networks retire some: what is refused is dropped.
"""

from __future__ import annotations

from typing import Any

# Sprout's kind of profile → network, as users say it. Kinds that are not here keep their name.
NETWORKS = {
    "twitter": "x", "twitter_profile": "x", "fb_instagram_account": "instagram",
    "fb_page": "facebook", "linkedin_company": "linkedin", "youtube_channel": "youtube",
}  # fmt: skip
POST_METRICS = (
    "lifetime.impressions", "lifetime.impressions_unique", "lifetime.reactions", "lifetime.likes",
    "lifetime.comments_count", "lifetime.shares_count", "lifetime.saves",
    "lifetime.post_link_clicks", "lifetime.post_content_clicks", "lifetime.video_views",
)  # fmt: skip
DAY_METRICS = (
    "lifetime_snapshot.followers_count", "net_follower_growth", "followers_gained",
    "followers_lost", "impressions", "impressions_organic", "impressions_unique", "reactions",
    "likes", "comments_count", "shares_count", "saves", "story_replies", "post_link_clicks",
    "post_content_clicks", "video_views", "posts_sent_count",
)  # fmt: skip


def network_of(kind: Any) -> str:
    """The network of a profile, in lower case."""
    text = str(kind or "").lower()
    return NETWORKS.get(text, text)
