"""The brand's Telegram channel: it repeats what stands elsewhere, in the channel's own dress."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.parameters import WorldParameters
from pipelines.world.records import Account, Post

CHANNEL = Account("9100000000000099", "telegram", "beanandbond", "Bean & Bond")
REPEATED_SHARE, MEDIAN_DELAY_MINUTES, DELAY_SIGMA = 0.45, 40, 1.0
LONGEST_DELAY = timedelta(hours=20)
HASHTAGS = ("#coffee", "#caffè", "#кофе", "#beanandbond")
LINK = "https://t.example/beanandbond"
SAME_CONTENT_WITHIN = timedelta(hours=24)
_ADDRESS = re.compile(r"\s*https?://\S+")


@dataclass(frozen=True)
class CrossPost:
    """A post of the channel; `source`: the post whose content it repeats."""

    post_id: str
    source: Post
    published_at: datetime
    text: str


def repeat_posts(parameters: WorldParameters, posts: tuple[Post, ...]) -> tuple[CrossPost, ...]:
    """What the channel repeats of the brand's own posts, in the order of those."""
    dice = Dice(parameters.seed, "crossposts")
    repeated: list[CrossPost] = []
    for post in posts:
        if post.author is not None or not dice.chance(REPEATED_SHARE):
            continue
        minutes = dice.lognormal(MEDIAN_DELAY_MINUTES, DELAY_SIGMA)
        at = post.published_at + min(timedelta(minutes=round(minutes)), LONGEST_DELAY)
        text = _dressed(dice, post.text)
        if at < parameters.as_of:
            repeated.append(CrossPost(f"99{len(repeated) + 1:08d}", post, at, text))
    return tuple(repeated)


def _dressed(dice: Dice, text: str) -> str:
    """The text with hashtags, another link, other emoji, or cut at its end."""
    dress = dice.weighted(("same", "tags", "link", "emoji", "cut"), (0.3, 0.25, 0.2, 0.15, 0.1))
    if dress == "tags":
        return f"{text} {dice.pick(HASHTAGS)} {dice.pick(HASHTAGS)}"
    if dress == "link":
        return f"{_ADDRESS.sub('', text)} {LINK}"
    if dress == "emoji":
        return f"☕️☕️ {text.replace('☕️', '').strip()} 🙌"
    words = text.split(" ")
    return " ".join(words[:-1]) + "…" if dress == "cut" and len(words) > 11 else text


def contents(posts: tuple[Post, ...], repeated: tuple[CrossPost, ...]) -> dict[str, str]:
    """`{network|post id: content}` of the brand's posts; the same words within a day are one.

    The words are those that the brand wrote, before the channel dressed them.
    """
    said = [
        (post.published_at, post.account.network, post.post_id, post.text)
        for post in posts
        if post.author is None
    ]
    said += [(c.published_at, CHANNEL.network, c.post_id, c.source.text) for c in repeated]
    newest: dict[str, tuple[datetime, str]] = {}
    found: dict[str, str] = {}
    for at, network, post_id, text in sorted(said):
        last_at, content = newest.get(text, (datetime.min.replace(tzinfo=at.tzinfo), ""))
        if at - last_at > SAME_CONTENT_WITHIN:
            content = f"{network}|{post_id}"
        newest[text] = (at, content)
        found[f"{network}|{post_id}"] = content
    return found
