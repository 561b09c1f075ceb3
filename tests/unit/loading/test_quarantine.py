from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.errors import RorError
from pipelines.loading import load_files
from pipelines.loading.quarantine import discard, list_quarantine, release, show
from tests.support.drop import Drop, bad_line, messages_csv


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path)
    drop.messages_feed()
    return drop


def test_release_when_the_feed_was_corrected_then_rows_load_as_a_file_of_their_own(
    drop: Drop,
) -> None:
    strange = "7,ann,01.02.2026 10:00,late\n"
    drop.put("inbox", "a.csv", messages_csv(range(5)) + strange + bad_line(8))
    load_files(drop.run())
    feed = drop.settings.feeds_folder / "inbox.yml"
    feed.write_text(feed.read_text() + 'date_formats: ["%d.%m.%Y %H:%M"]\n')
    (archived,) = release(drop.settings, reason="bad_type")
    assert archived.exists()
    assert drop.waiting() == 0
    load_files(drop.run())
    assert drop.texts()[7] == "late"
    (group,) = list_quarantine(drop.settings)  # the one that is still wrong is back
    assert (group.rows, group.first_file, group.first_line) == (1, "a.csv", 8)
    shown = json.loads(show(drop.settings, group.first_id[:10]))
    assert json.loads(shown["payload"])["id"] == "8"


def test_discard_when_row_then_its_payload_is_gone_and_it_never_returns(drop: Drop) -> None:
    content = messages_csv(range(5)) + bad_line(8)
    drop.put("inbox", "a.csv", content)
    load_files(drop.run())
    (group,) = list_quarantine(drop.settings)
    discard(drop.settings, group.first_id)
    assert drop.rows("select payload, action from raw_files.quarantine") == [(None, "discarded")]
    drop.put("inbox", "a.csv", content + "\n")
    load_files(drop.run())
    assert drop.waiting() == 0
    with pytest.raises(RorError, match="no such row"):
        show(drop.settings, "0" * 64)


def test_release_when_rows_need_their_line_then_exit_65(drop: Drop) -> None:
    feed = drop.settings.feeds_folder / "inbox.yml"
    feed.write_text(feed.read_text().replace("message_id: id", "message_id: $line"))
    drop.put("inbox", "a.csv", messages_csv(range(5)) + bad_line(8))
    load_files(drop.run())
    with pytest.raises(RorError, match="place in the file"):
        release(drop.settings, reason="bad_type")


def test_list_when_nothing_was_ever_loaded_then_empty_and_no_build_file(drop: Drop) -> None:
    assert list_quarantine(drop.settings) == []
    with pytest.raises(RorError, match="nothing was loaded yet"):
        release(drop.settings)
    assert not drop.settings.build_file.exists()
