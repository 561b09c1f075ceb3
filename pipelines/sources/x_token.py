"""Tokens of X: an app's, or a user's, whose refresh token is another one after each use."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.errors import ExitCode, RorError
from pipelines.http import OAuthToken, Secret, StaticToken, TokenProvider

OWNER_ONLY = 0o600


def app_token(base_url: str, token: str | None, key: str, secret: str | None) -> TokenProvider:
    """The app's bearer token, or the one that its key and secret open. Exit 77 without either."""
    if token:
        return StaticToken(Secret(token))
    if not key or not secret:
        why = "neither access_token nor consumer_key and consumer_secret are set"
        raise _wrong(why, "set one, then ror doctor")
    return OAuthToken(f"{base_url}/oauth2/token", key, Secret(secret), is_basic=True)


def user_token(base_url: str, file: str, client_id: str, secret: str | None) -> TokenProvider:
    """A user's token. X takes each refresh token once and sends the next one along, which replaces
    the one in `file`. Exit 77 when there is none in it.
    """
    path = Path(file).expanduser()
    try:
        refresh_token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        refresh_token = ""
    if not refresh_token:
        raise _wrong("refresh_token_file holds no token", "authorise the app anew, store its token")
    return OAuthToken(
        f"{base_url}/2/oauth2/token", client_id, Secret(secret or ""), Secret(refresh_token),
        is_basic=bool(secret), on_rotated=lambda token: _store(path, token),
    )  # fmt: skip


def _store(path: Path, token: Secret) -> None:
    """Replace the file as a whole, readable by its owner only."""
    new = path.with_name(f"{path.name}.new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "w") as out:
            out.write(token.reveal())
            out.flush()
            os.fsync(out.fileno())
        new.replace(path)
    except OSError as error:
        why = f"the next refresh token could not be stored ({error.strerror})"
        raise _wrong(why, "make refresh_token_file writable, authorise the app anew") from None


def _wrong(why: str, hint: str) -> RorError:
    return RorError("settings", "sources.x", why, hint, ExitCode.CREDENTIAL)
