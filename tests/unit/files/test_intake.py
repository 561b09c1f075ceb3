from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from pipelines.errors import ExitCode, RorError
from pipelines.files import copying
from pipelines.files.feeds import Feed, load_feed
from pipelines.files.intake import Intake, finish, in_archive, reject, take_in
from tests.support.drop import Drop


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path, max_file_mb=20, max_compression_ratio=10)
    drop.messages_feed()
    (drop.settings.drop / "inbox").mkdir(parents=True)
    return drop


def _feed(drop: Drop, glob: str = "*") -> Feed:
    return load_feed(drop.settings.feeds_folder / "inbox.yml").model_copy(update={"glob": glob})


def _take(drop: Drop, glob: str = "*") -> Intake:
    return take_in(_feed(drop, glob), drop.settings, drop.clock)


def _reasons(found: Intake) -> dict[str, str]:
    return {refusal.name: refusal.reason for refusal in found.refused}


def test_take_in_when_file_then_private_copy_named_by_content_and_inbox_untouched(
    drop: Drop,
) -> None:
    source = drop.put("inbox", "été 1.csv", b"id\r\n1\xff\n")
    (archived,) = _take(drop).archived
    assert archived.path.read_bytes() == b"id\r\n1\xff\n"
    assert archived.sha256 == hashlib.sha256(b"id\r\n1\xff\n").hexdigest()
    assert archived.path.name == f"{archived.sha256}__été 1.csv"
    assert archived.path.parent == drop.settings.drop / "archive" / "inbox"
    assert archived.path.stat().st_mode & 0o777 == 0o600
    assert (archived.name, archived.byte_count) == ("été 1.csv", 7)
    assert source.exists()
    assert in_archive("inbox", drop.settings)[0].sha256 == archived.sha256


def test_take_in_when_links_devices_or_folders_then_refused_and_never_opened(
    drop: Drop, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("id\n1\n")
    inbox = drop.settings.drop / "inbox"
    (inbox / "symbolic.csv").symlink_to(secret)
    (inbox / "dangling.csv").symlink_to(tmp_path / "absent")
    os.link(secret, inbox / "hard.csv")
    os.mkfifo(inbox / "pipe.csv")
    (inbox / "folder.csv").mkdir()
    found = _take(drop)
    assert found.archived == ()
    assert _reasons(found) == {
        "symbolic.csv": "symbolic_link",
        "dangling.csv": "symbolic_link",
        "hard.csv": "hard_link",
        "pipe.csv": "not_a_file",
        "folder.csv": "not_a_file",
    }
    assert secret.read_text() == "id\n1\n"


def test_take_in_when_the_inbox_itself_is_a_link_then_exit_78(drop: Drop, tmp_path: Path) -> None:
    (drop.settings.drop / "inbox").rmdir()
    (drop.settings.drop / "inbox").symlink_to(tmp_path)
    with pytest.raises(RorError, match="a link or no folder") as caught:
        _take(drop)
    assert caught.value.code is ExitCode.CONFIGURATION


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "A.ZIP", "a.7z"])
def test_take_in_when_archive_then_refused(drop: Drop, name: str) -> None:
    drop.put("inbox", name, b"x")
    assert _reasons(_take(drop)) == {name: "archive"}


def test_take_in_when_name_has_control_characters_or_misses_the_glob_then_refused(
    drop: Drop,
) -> None:
    drop.put("inbox", "a\nb.csv", "x")
    drop.put("inbox", "a.txt", "x")
    drop.put("inbox", ".hidden.csv", "x")
    found = _take(drop, "*.csv")
    assert _reasons(found) == {"a\nb.csv": "bad_name", "a.txt": "name_not_matched"}


def test_take_in_when_gzip_unpacks_too_far_then_refused_before_it_is_unpacked(drop: Drop) -> None:
    drop.put("inbox", "bomb.csv.gz", gzip.compress(bytes(19 * 2**20)))  # ratio about 1000
    drop.put("inbox", "large.csv.gz", gzip.compress(bytes(21 * 2**20)))
    drop.put("inbox", "fine.csv.gz", gzip.compress(b"id\n1\n"))
    found = _take(drop)
    assert [archived.name for archived in found.archived] == ["fine.csv.gz"]
    assert _reasons(found)["bomb.csv.gz"] == "bomb"
    assert _reasons(found)["large.csv.gz"] in ("bomb", "too_large")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(b"a") + gzip.compress(b"b"), "archive"),
        (gzip.compress(b"a") + b"rest", "archive"),
        (gzip.compress(b"a" * 1000)[:-9], "broken_gzip"),
        (b"id\n1\n", "broken_gzip"),
        (b"", None),
    ],
    ids=["two members", "rest", "cut", "no gzip", "empty"],  # bytes hold the time of compression
)
def test_take_in_when_gzip_has_several_members_or_is_broken_then_refused(
    drop: Drop, content: bytes, reason: str | None
) -> None:
    drop.put("inbox", "a.csv.gz", content)
    assert _reasons(_take(drop)).get("a.csv.gz") == reason


def test_take_in_when_workbook_states_a_bomb_then_refused(drop: Drop) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(19 * 2**20))
    drop.put("inbox", "bomb.xlsx", buffer.getvalue())
    drop.put("inbox", "text.xlsx", "no workbook")
    assert _reasons(_take(drop)) == {"bomb.xlsx": "bomb", "text.xlsx": "broken_workbook"}


def test_take_in_when_file_is_too_large_then_refused_and_no_draft_stays(drop: Drop) -> None:
    drop.put("inbox", "a.csv", bytes(20 * 2**20 + 1))
    assert _reasons(_take(drop)) == {"a.csv": "too_large"}
    assert list((drop.settings.drop).glob("archive/inbox/.*")) == []


def test_take_in_when_file_changed_just_now_then_it_waits_unless_marked_ready(
    tmp_path: Path,
) -> None:
    drop = Drop(tmp_path)
    drop.messages_feed()
    settings = drop.settings.model_copy(update={"settle_seconds": 10.0})
    now = drop.clock.now().timestamp()
    for name, age_seconds in (("young.csv", 5), ("old.csv", 15), ("ready.csv", 5)):
        os.utime(drop.put("inbox", name, name), (now - age_seconds,) * 2)
    drop.put("inbox", "ready.csv.ok", "")
    found = take_in(_feed(drop), settings, drop.clock)
    assert [archived.name for archived in found.archived] == ["old.csv", "ready.csv"]
    assert found.waiting == ("young.csv",)


def test_take_in_when_file_grows_while_it_is_copied_then_it_waits(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop.put("inbox", "a.csv", "id\n1\n")
    real = copying._copy

    def copy_and_grow(*arguments: object, **named: object) -> str:
        digest = real(*arguments, **named)  # type: ignore[arg-type]
        path.write_text("id\n1\n2\n")
        return digest

    monkeypatch.setattr(copying, "_copy", copy_and_grow)
    found = _take(drop)
    assert (found.archived, found.waiting) == ((), ("a.csv",))
    assert in_archive("inbox", drop.settings) == []


def test_take_in_when_content_is_known_under_another_name_then_one_copy(drop: Drop) -> None:
    drop.put("inbox", "a.csv", "same")
    drop.put("inbox", "b.csv", "same")
    first, second = _take(drop).archived
    assert first.path == second.path
    assert (first.name, second.name) == ("a.csv", "b.csv")
    assert len(in_archive("inbox", drop.settings)) == 1


def test_finish_when_inbox_file_is_still_the_same_then_it_and_its_marker_go(drop: Drop) -> None:
    drop.put("inbox", "a.csv", "x")
    drop.put("inbox", "a.csv.ok", "")
    (archived,) = _take(drop).archived
    finish(archived, drop.settings)
    assert list((drop.settings.drop / "inbox").iterdir()) == []
    finish(archived, drop.settings)  # a second time, after a crash, changes nothing
    assert archived.path.exists()


def test_finish_when_a_newer_file_took_the_name_then_it_stays(drop: Drop) -> None:
    drop.put("inbox", "a.csv", "old")
    (archived,) = _take(drop).archived
    newer = drop.put("inbox", "a.csv", "newer content")
    finish(archived, drop.settings)
    assert newer.read_text() == "newer content"


def test_reject_when_called_then_file_lies_beside_its_report(drop: Drop) -> None:
    drop.put("inbox", "a.csv", "x")
    (archived,) = _take(drop).archived
    place = reject(archived, {"reason": "bad_share"}, drop.settings)
    assert place.read_text() == "x"
    assert place.parent == drop.settings.drop / "rejected" / "inbox"
    assert json.loads((place.parent / f"{place.name}.report.json").read_text()) == {
        "reason": "bad_share"
    }
    assert list((drop.settings.drop / "inbox").iterdir()) == []
    assert in_archive("inbox", drop.settings) == []
