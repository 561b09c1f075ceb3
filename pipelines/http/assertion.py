"""Signed assertions (RFC 7523): a private key instead of a client secret."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime

from pipelines.errors import ExitCode, RorError
from pipelines.http.mask import Secret

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME_SECONDS = 180  # vendors accept a few minutes at most; it is used at once


def jwt_assertion(private_key: Secret, claims: Mapping[str, str]) -> Callable[[datetime], Secret]:
    """A maker of assertions, signed with RS256, that live for three minutes from the given instant.

    `private_key`: an RSA key as unencrypted PEM. `claims`: iss, sub, aud and what the vendor wants
    besides; iat and exp are added. Exit 77 when the key cannot be read.
    """
    # Loaded here because it takes a tenth of a second and most sources need none of it.
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415

    try:
        key = serialization.load_pem_private_key(private_key.reveal().encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        why = "the private key is no RSA key in PEM, or it is encrypted"
        raise RorError("extract", "token", why, "set it, then ror doctor", ExitCode.CREDENTIAL)
    signer = key

    def make(now: datetime) -> Secret:
        issued = int(now.timestamp())
        body = {**claims, "iat": issued, "exp": issued + LIFETIME_SECONDS}
        text = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(body)}"
        signature = signer.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return Secret(f"{text}.{_base64(signature)}")

    return make


def _part(value: Mapping[str, object]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
