from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipelines import contract
from pipelines.contract import PiiKind
from pipelines.errors import ExitCode, RorError
from pipelines.privacy import (
    Pseudonymiser,
    PseudonymKey,
    Vault,
    load_key,
    mask,
    normalise,
    pseudonym,
    pseudonymise,
)
from pipelines.settings import load_settings

# The key of the specification: 16 zero bytes, then 01, 02 … 10 (hexadecimal).
KEY = PseudonymKey(bytes(16) + bytes(range(1, 17)))
SEEN = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [  # digests as the specification states them
        (PiiKind.EMAIL, "ann.smith@example.org", "k1_ea181015c9fba2819faf0f1b96107270"),
        (PiiKind.PHONE, "+390212345678", "k1_8184e0cba93a853df38951cac482c26f"),
        (PiiKind.EMAIL, "  Ann.Smith@Example.ORG ", "k1_ea181015c9fba2819faf0f1b96107270"),
        (PiiKind.PHONE, "0039 02 1234-5678", "k1_8184e0cba93a853df38951cac482c26f"),
    ],
)
def test_pseudonym_when_value_of_the_specification_then_its_digest(
    kind: PiiKind, value: str, expected: str
) -> None:
    assert pseudonym(KEY, kind, value) == expected


@pytest.mark.parametrize(
    ("value", "network", "expected"),
    [
        ("@Ann", "X", "x|ann"),
        ("x|@Ann", "", "x|ann"),
        ("X|ann", "facebook", "x|ann"),
        ("https://x.com/Ann", "", "x|ann"),
        ("https://twitter.com/Ann/status/12?s=20", "", "x|ann"),
        ("twitter|Ann", "", "x|ann"),
        ("https://bsky.app/profile/ann.bsky.social", "", "bluesky|ann.bsky.social"),
        ("https://www.facebook.com/ann.smith/", "", "facebook|ann.smith"),
        ("https://www.facebook.com/profile.php?id=100012", "", "facebook|100012"),
        ("facebook.com/people/Ann-Smith/100012", "", "facebook|100012"),
        ("https://instagram.com/ann?igsh=1", "", "instagram|ann"),
        ("https://it.linkedin.com/in/ann-smith-123/", "", "linkedin|ann-smith-123"),
        ("https://linkedin.com/in/%C3%A5nn", "", "linkedin|ånn"),
        ("https://linkedin.com/company/ann", "", "linkedin|company/ann"),
        ("https://Mastodon.Social/@Ann", "", "mastodon|ann@mastodon.social"),
        ("@ann@mastodon.social", "mastodon", "mastodon|ann@mastodon.social"),
        ("https://mastodon.social/users/ann", "mastodon", "mastodon|ann@mastodon.social"),
        ("https://x.com/", "", "x|x.com"),
        ("https://[broken", "web", "web|https://[broken"),
        ("17841400000000001", "instagram", "instagram|17841400000000001"),
    ],
)
def test_normalise_when_profile_is_written_in_many_ways_then_one_spelling(
    value: str, network: str, expected: str
) -> None:
    assert normalise(PiiKind.PROFILE, value, network) == expected


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (PiiKind.EMAIL, "ann@example.org", "a***@e***.org"),
        (PiiKind.EMAIL, "no address", "n***@***"),
        (PiiKind.PERSON_NAME, "anna", "A."),
        (PiiKind.PHONE, "+39 02 1234 5678", "***78"),
        (PiiKind.PROFILE, "x|ann", ""),
    ],
)
def test_mask_when_value_then_first_letter_and_shape(
    kind: PiiKind, value: str, expected: str
) -> None:
    assert mask(kind, value) == expected


@pytest.fixture
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the environment stands in for the key file."""
    monkeypatch.delenv("ROR_PSEUDONYM_KEY", raising=False)


def _digest(text: str) -> str:
    """The definition, written out: first 32 hex digits of HMAC-SHA256(key, kind 0x1F value)."""
    return "k1_" + hmac.new(KEY.secret, text.encode(), hashlib.sha256).hexdigest()[:32]


def _contacts(rows: list[dict[str, object]]) -> pa.Table:
    names = [column.name for column in contract.entity("contacts").columns]
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    )


def test_pseudonymise_when_contacts_have_lists_then_keys_and_masks_joined_by_blanks(
    tmp_path: Path,
) -> None:
    table = _contacts(
        [
            {
                "contact_id": "1",
                "emails": "ann@a.org; Bob@b.org;",
                "given_name": "Ann",
                "social_profiles": "https://x.com/Ann;bluesky|ann.bsky.social",
            },
            {"contact_id": "2", "emails": ""},
            {"contact_id": "3"},
        ]
    )
    with Vault(tmp_path / "vault.duckdb", KEY) as vault:
        pseudonymiser = Pseudonymiser(KEY, vault, SEEN)
        hidden = pseudonymise("contacts", table, pseudonymiser)
        pseudonymiser.flush()
    landed = [column.name for column in contract.landed_columns("contacts")]
    assert hidden.column_names == landed[len(contract.SYSTEM_COLUMNS) :]
    rows = hidden.to_pylist()
    emails = ("email\x1fann@a.org", "email\x1fbob@b.org")
    assert rows[0]["emails_key"] == f"{_digest(emails[0])} {_digest(emails[1])}"
    assert rows[0]["emails_masked"] == "a***@a***.org b***@b***.org"
    assert rows[0]["given_name_masked"] == "A."
    profiles = ("profile\x1fx|ann", "profile\x1fbluesky|ann.bsky.social")
    assert rows[0]["social_profiles_key"] == f"{_digest(profiles[0])} {_digest(profiles[1])}"
    assert [rows[1]["emails_key"], rows[2]["emails_key"]] == [None, None]
    with duckdb.connect(str(tmp_path / "vault.duckdb")) as con:
        values = con.execute("select kind, value from identifiers order by all").fetchall()
    assert values == [
        ("email", "Bob@b.org"),
        ("email", "ann@a.org"),
        ("person_name", "Ann"),
        ("profile", "bluesky|ann.bsky.social"),
        ("profile", "x|ann"),
    ]
    assert (tmp_path / "vault.duckdb").stat().st_mode & 0o777 == 0o600


def test_pseudonymise_when_author_wrote_a_message_then_key_equals_that_of_the_crm_profile(
    tmp_path: Path,
) -> None:
    names = [column.name for column in contract.entity("messages").columns]
    row = {"network": "x", "author_profile_id": "@ANN"}
    message = pa.table({name: pa.array([row.get(name)], pa.string()) for name in names})
    contact = _contacts([{"contact_id": "1", "social_profiles": "https://x.com/Ann"}])
    with Vault(tmp_path / "vault.duckdb", KEY) as vault:
        pseudonymiser = Pseudonymiser(KEY, vault, SEEN)
        author = pseudonymise("messages", message, pseudonymiser)["author_profile_id_key"]
        profile = pseudonymise("contacts", contact, pseudonymiser)["social_profiles_key"]
    assert author.to_pylist() == profile.to_pylist() == [_digest("profile\x1fx|ann")]


def test_vault_when_a_value_is_seen_again_then_only_the_last_time_moves(tmp_path: Path) -> None:
    later = datetime(2026, 3, 2, tzinfo=UTC)
    contact = _contacts([{"contact_id": "1", "emails": "ann@a.org"}])
    with Vault(tmp_path / "vault.duckdb", KEY) as vault:
        for seen in (SEEN, later):
            pseudonymiser = Pseudonymiser(KEY, vault, seen)
            pseudonymise("contacts", contact, pseudonymiser)
            pseudonymiser.flush()
    with duckdb.connect(str(tmp_path / "vault.duckdb")) as con:
        times = con.execute("select first_seen_at, last_seen_at from identifiers").fetchall()
    assert times == [(SEEN, later)]


def test_vault_when_opened_with_another_key_then_exit_78(tmp_path: Path) -> None:
    with Vault(tmp_path / "vault.duckdb", KEY):
        pass
    with pytest.raises(RorError, match="not the one") as caught:
        Vault(tmp_path / "vault.duckdb", PseudonymKey(b"z" * 32))
    assert caught.value.code is ExitCode.CONFIGURATION


@pytest.mark.usefixtures("no_key")
def test_load_key_when_no_key_exists_then_a_private_file_is_made_and_kept(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, pseudonym_key_file=tmp_path / "keys" / "k")
    first = load_key(settings)
    assert len(first.secret) == 32
    assert (tmp_path / "keys" / "k").stat().st_mode & 0o777 == 0o600
    assert load_key(settings).secret == first.secret
    assert first.secret.hex() not in repr(first)


@pytest.mark.parametrize("text", ["words", "abcd", "zz" * 32])
def test_load_key_when_key_is_no_hex_or_short_then_exit_78(tmp_path: Path, text: str) -> None:
    with pytest.raises(RorError) as caught:
        load_key(load_settings(home=tmp_path, pseudonym_key=text))
    assert caught.value.code is ExitCode.CONFIGURATION
    assert text not in caught.value.line()


@pytest.mark.usefixtures("no_key")
def test_load_key_when_file_is_gone_but_vault_exists_then_exit_78_and_no_new_key(
    tmp_path: Path,
) -> None:
    settings = load_settings(home=tmp_path, pseudonym_key_file=tmp_path / "k")
    with Vault(settings.vault_file, KEY):
        pass
    with pytest.raises(RorError, match="key is gone"):
        load_key(settings)
    assert not (tmp_path / "k").exists()


@pytest.mark.usefixtures("no_key")
def test_load_key_when_others_may_read_it_then_exit_78(tmp_path: Path) -> None:
    (tmp_path / "k").write_text("ab" * 32)
    (tmp_path / "k").chmod(0o644)
    with pytest.raises(RorError, match="chmod 600"):
        load_key(load_settings(home=tmp_path, pseudonym_key_file=tmp_path / "k"))
