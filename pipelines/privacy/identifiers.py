"""One spelling per identifier, so that one person has one pseudonym, and masks that a human may
see.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qs, unquote, urlsplit

from pipelines.contract import PiiKind

# Host of a profile address → network, as users say it.
NETWORK_OF_HOST = {
    "x.com": "x",
    "twitter.com": "x",
    "bsky.app": "bluesky",
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "instagram.com": "instagram",
    "linkedin.com": "linkedin",
    "youtube.com": "youtube",
    "tiktok.com": "tiktok",
    "threads.net": "threads",
    "threads.com": "threads",
    "t.me": "telegram",
    "vk.com": "vk",
}
# Path elements that stand before the handle and say nothing about who it is.
PREFIXES = {"profile", "in", "user", "c", "channel", "s"}
ENDS_IN_ID = {"people", "pages"}  # facebook.com/people/<name>/<id>
ORGANISATIONS = {"company", "school", "groups"}  # kept, so that a firm never equals a person
SCHEME = re.compile(r"^https?://", re.IGNORECASE)


def normalise(kind: PiiKind, value: str, network: str = "") -> str:
    """The spelling that is hashed.

    E-mail: NFKC, trimmed, lower case. Phone: E.164 digits with `+`. Name: NFKC, single blanks, case
    folded. Profile: `network|handle`, lower case, without @; addresses of known networks are
    reduced to that form.
    """
    text = unicodedata.normalize("NFKC", value).strip()
    match kind:
        case PiiKind.EMAIL:
            return text.lower()
        case PiiKind.PHONE:
            return _phone(text)
        case PiiKind.PERSON_NAME:
            return " ".join(text.casefold().split())
        case PiiKind.PROFILE:
            return _profile(text, network)


def mask(kind: PiiKind, value: str) -> str:
    """A hint for humans: `a***@e***.org`, `A.`, a phone's last two digits; empty for profiles."""
    if kind is PiiKind.PROFILE:
        return ""
    text = unicodedata.normalize("NFKC", value).strip()
    match kind:
        case PiiKind.EMAIL:
            local, _, domain = text.lower().partition("@")
            _, dot, ending = domain.rpartition(".")
            return f"{local[:1]}***@{domain[:1]}***{dot}{ending if dot else ''}"
        case PiiKind.PHONE:
            return f"***{_phone(text)[-2:]}"
        case PiiKind.PERSON_NAME:
            return f"{text[:1].upper()}."


def _phone(text: str) -> str:
    digits = "".join(str(unicodedata.digit(c)) for c in text if c.isdigit())
    if text.startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits or text


def _profile(text: str, network: str) -> str:
    is_address = bool(SCHEME.match(text))
    if not is_address and "|" in text:
        network, _, text = text.partition("|")
        is_address = bool(SCHEME.match(text))
    if "/" not in text:
        return _joined(network, text)
    host = _host(text.partition("/")[0])
    if is_address or host in NETWORK_OF_HOST or text.startswith("www."):
        return _from_address(text if is_address else f"https://{text}", network)
    return _joined(network, text)


def _from_address(address: str, network: str) -> str:
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:  # e.g. a broken IPv6 host: no address after all
        return _joined(network, address)
    path = [unquote(element) for element in parts.path.split("/") if element]
    known = NETWORK_OF_HOST.get(_host(host))
    if known and path:
        return _joined(known, _handle_in(path, parts.query))
    if path and (path[0].startswith("@") or network.strip().lower() == "mastodon"):
        handle = (path[1] if path[0] == "users" and len(path) > 1 else path[0]).lstrip("@")
        return _joined("mastodon", handle if "@" in handle else f"{handle}@{host}")
    return _joined(known or network or "web", "/".join([host, *path]))


def _handle_in(path: list[str], query: str) -> str:
    """The part of an address path that names the profile: what follows it is a tab or one post."""
    if path == ["profile.php"]:  # Facebook profiles without a chosen name
        return parse_qs(query).get("id", path)[0]
    if path[0] in ENDS_IN_ID:
        return path[-1]
    if path[0] in ORGANISATIONS:
        return "/".join(path[:2])
    return path[1] if len(path) > 1 and path[0].lower() in PREFIXES else path[0]


def _host(host: str) -> str:
    """Host without the sub-domains that show the same profile."""
    return re.sub(r"^(www|m|mobile|web|[a-z]{2}(-[a-z]{2})?)\.(?=[^.]+\.)", "", host.lower())


def _joined(network: str, handle: str) -> str:
    name = network.strip().lower()
    return f"{'x' if name == 'twitter' else name}|{handle.strip().lstrip('@').rstrip('/').lower()}"
