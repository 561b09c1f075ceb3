"""The secret key behind every pseudonym: where it comes from, and the function it is used in."""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.contract import PiiKind
from pipelines.errors import ExitCode, RorError
from pipelines.privacy.identifiers import normalise
from pipelines.settings import Settings

KEY_ID = "k1"
KEY_BYTES = 32
DIGEST_HEX_DIGITS = 32
SEPARATOR = b"\x1f"


@dataclass(frozen=True)
class PseudonymKey:
    """A key with its id; the secret never shows in `repr`."""

    secret: bytes = field(repr=False)
    key_id: str = KEY_ID

    def digest(self, kind: str, normalised: str) -> str:
        """First 32 hex digits of HMAC-SHA256(secret, kind || 0x1F || normalised value)."""
        text = kind.encode() + SEPARATOR + normalised.encode("utf-8", "surrogatepass")
        return hmac.digest(self.secret, text, "sha256").hex()[:DIGEST_HEX_DIGITS]

    def subject_key(self, kind: PiiKind, normalised: str) -> str:
        """`<key id>_<digest>` of a value that is already normalised."""
        return f"{self.key_id}_{self.digest(kind.value, normalised)}"

    @property
    def check_value(self) -> str:
        """A value that tells two keys apart and reveals neither."""
        return self.digest("key check", "ror-warehouse")


def pseudonym(key: PseudonymKey, kind: PiiKind, value: str, network: str = "") -> str:
    """Pseudonym of a value as it was written; `network` completes a bare profile handle."""
    return key.subject_key(kind, normalise(kind, value, network))


def load_key(settings: Settings) -> PseudonymKey:
    """The key from the settings, else from its file, which is made on first use.

    Exit 78: the key is no hex or too short, its file is readable by others, or the file is missing
    although the vault holds pseudonyms that were made with it.
    """
    if settings.pseudonym_key is not None:
        return _parse(settings.pseudonym_key.get_secret_value(), "ROR_PSEUDONYM_KEY")
    path = settings.pseudonym_key_file.expanduser()
    if not path.exists():
        if settings.vault_file.exists():
            raise _wrong(str(path), "the key is gone but the vault needs it", "restore the file")
        _create(path)
    if path.stat().st_mode & 0o077:
        raise _wrong(str(path), "others may read the key", f"chmod 600 {path}")
    return _parse(path.read_text(encoding="ascii", errors="replace"), str(path))


def _create(path: Path) -> None:
    """Write 32 random bytes as hex so that a crash leaves either no file or a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _parse(text: str, where: str) -> PseudonymKey:
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        raise _wrong(where, "the key is no hex text", "openssl rand -hex 32") from None
    if len(secret) < KEY_BYTES:
        raise _wrong(where, f"the key is shorter than {KEY_BYTES} bytes", "openssl rand -hex 32")
    return PseudonymKey(secret)


def _wrong(where: str, why: str, next_step: str) -> RorError:
    return RorError("privacy", where, why, next_step, ExitCode.CONFIGURATION)
