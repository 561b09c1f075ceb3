"""How Mastodon writes a plain status as HTML: mentions, hashtags, links, line breaks."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from pipelines.world.mastodon import HOME, MastodonAccount, MastodonStatus

SHOWN_OF_LINK = 30  # characters; the rest of a long address is there, but hidden


def profile_url(account: MastodonAccount) -> str:
    """Where people look at an account."""
    return f"https://{account.host or HOME}/@{account.username}"


def acct(account: MastodonAccount) -> str:
    """The name as this server writes it: with the host only for accounts of other servers."""
    return f"{account.username}@{account.host}" if account.host else account.username


def tag_url(name: str) -> str:
    """Where this server shows a hashtag."""
    return f"https://{HOME}/tags/{quote(name)}"


def content(status: MastodonStatus, text: str, mentioned: list[MastodonAccount]) -> str:
    """The HTML of a status with this text: mentions before it, link, tags, emoji behind it."""
    mentions = "".join(f"{_mention(account)} " for account in mentioned)
    lines = [mentions + escape(text, quote=False).replace("\n", "<br />")]
    behind = [_link(status.link)] if status.link else []
    behind += [_tag(name) for name in status.tags]
    behind += [f":{status.emoji}:"] if status.emoji else []
    lines += [" ".join(behind)] if behind else []
    return "".join(f"<p>{line}</p>" for line in lines)


def _mention(account: MastodonAccount) -> str:
    return (
        f'<span class="h-card" translate="no"><a href="{profile_url(account)}" '
        f'class="u-url mention">@<span>{account.username}</span></a></span>'
    )


def _tag(name: str) -> str:
    return (
        f'<a href="{tag_url(name)}" class="mention hashtag" rel="tag">#<span>{escape(name)}</span>'
        "</a>"
    )


def _link(url: str) -> str:
    """A link whose scheme and tail are hidden from readers and still in the text."""
    scheme, _, rest = url.partition("://")
    shown, hidden = rest[:SHOWN_OF_LINK], rest[SHOWN_OF_LINK:]
    kind = "ellipsis" if hidden else ""
    return (
        f'<a href="{escape(url)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{scheme}://</span><span class="{kind}">{escape(shown)}</span>'
        f'<span class="invisible">{escape(hidden)}</span></a>'
    )
