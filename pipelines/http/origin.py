"""Where a request may go: to the declared origins and nowhere else, whatever a server says.

An address is checked before a byte is sent, and then rebuilt from the declared origin plus path and
query, so that no difference between two URL parsers can carry a request elsewhere.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urljoin, urlsplit

DEFAULT_PORTS = {"https": 443, "http": 80}


class ForeignOriginError(Exception):
    """An address outside the declared origins. `host` is all that may be told of it."""

    def __init__(self, host: str, why: str) -> None:
        self.host, self.why = host, why
        super().__init__(f"{why}: {host}")


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port; two addresses are of the same origin when all three are equal."""

    scheme: str
    host: str
    port: int

    def url(self, target: str) -> str:
        """The address of `target` (path and query) at this origin."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{target}"


@dataclass(frozen=True)
class Origins:
    """The origins that one source may talk to.

    `base`: scheme, host, port and the path that resource paths are appended to.
    `extra`: further origins that get our credentials.
    `instance_suffixes`: domains below which a login may assign us our host (`.my.salesforce.com`).
    `download_hosts`: hosts of signed download addresses; they never see a credential.
    `internal_hosts`: names that may resolve to a private address; an address written as a number
    may always, since somebody wrote it down.
    """

    base: str
    extra: tuple[str, ...] = ()
    instance_suffixes: tuple[str, ...] = ()
    download_hosts: tuple[str, ...] = ()
    internal_hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for address in (self.base, *self.extra):
            split(address)

    def home(self, path: str) -> str:
        """The address of a path below `base`."""
        origin, target = split(self.base)
        return origin.url(target.rstrip("/") + path)

    def link(self, address: str, current: str) -> str:
        """A server's link as an address we may call. Raises ForeignOriginError.

        `current`: the address of the answer that holds the link, for relative ones.
        """
        origin, target = split(address, current)
        if origin not in {split(allowed)[0] for allowed in (self.base, *self.extra)}:
            raise ForeignOriginError(origin.host, "foreign origin")
        return origin.url(target)

    def download(self, address: str) -> str:
        """A signed download address that we may call without credentials."""
        origin, target = split(address)
        if origin.host not in self.download_hosts:
            raise ForeignOriginError(origin.host, "foreign download host")
        return origin.url(target)

    def assigned(self, address: str) -> Origins:
        """These origins with the base that a login assigned; its path stays ours."""
        origin, _ = split(address)
        suffixes = tuple("." + suffix.lstrip(".") for suffix in self.instance_suffixes)
        if origin.scheme != "https" or not origin.host.endswith(suffixes or ("\0",)):
            raise ForeignOriginError(origin.host, "foreign instance")
        return replace(self, base=origin.url(split(self.base)[1].rstrip("/")))


def split(address: str, current: str | None = None) -> tuple[Origin, str]:
    """Origin, and path with query, of an address. Raises ForeignOriginError when it is no plain
    http(s) address: `http` only to this machine, no user in it, no character that parsers disagree
    on.
    """
    if not address.isascii() or not address.isprintable() or set(address) & set('\\ "<>^`{|}'):
        raise ForeignOriginError("?", "malformed address")
    try:
        parts = urlsplit(urljoin(current, address) if current else address)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise ForeignOriginError("?", "malformed address") from None
    if parts.scheme not in DEFAULT_PORTS or not host or parts.username is not None:
        raise ForeignOriginError(host or "?", "malformed address")
    if parts.scheme == "http" and not is_this_machine(host):
        raise ForeignOriginError(host, "http outside this machine")
    return Origin(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme]), _target(parts)


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def is_this_machine(host: str) -> bool:
    """Whether the host is written as a loopback address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def may_connect(host: str, peer: str, internal_hosts: tuple[str, ...] = ()) -> bool:
    """Whether the address that a host's name resolved to may get our request: the public internet,
    unless the host is declared internal or was written as an address.
    """
    if host in internal_hosts or host == "localhost":
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return ipaddress.ip_address(peer.partition("%")[0]).is_global
    return True
