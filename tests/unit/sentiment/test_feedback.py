"""People's labels against the versions that are served: by hand and by scikit-learn's definitions."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.errors import ExitCode, RorError
from pipelines.sentiment.feedback import load_feedback, measure_quality
from pipelines.sentiment.labelling import FEEDBACK_COLUMNS
from pipelines.sentiment.scoring import score_version
from pipelines.sentiment.store import prepare

SHARES = {"neg": (0.8, 0.1, 0.1), "neu": (0.1, 0.8, 0.1), "pos": (0.1, 0.1, 0.8)}
WORDS = {"neg": "negative", "neu": "neutral", "pos": "positive"}


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    prepare(con)
    con.execute("insert into scoring.versions values ('v-1', 1, now())")
    return con


def feedback(path: Path, rows: list[tuple[str, str, str, str]]) -> Path:
    """(hash, labeller, label, weight) of labels that were given on 5 January 2026."""
    lines = [",".join(FEEDBACK_COLUMNS)]
    for key, labeller, label, weight in rows:
        lines.append(
            f"{key},m-{key},{labeller},{WORDS[label]},neutral,{weight},2026-01-05T10:00:00+00:00"
        )
    path.write_text("\n".join(lines) + "\n")
    return path


def score(con: duckdb.DuckDBPyConnection, key: str, label: str, version: str = "v-1") -> None:
    con.execute(
        "insert into scoring.message_scores (content_hash, score_version, lang, p_neg, p_neu, p_pos)"
        " values (?, ?, 'it', ?, ?, ?)",
        [key, version, *SHARES[label]],
    )


def test_quality_when_labelled_then_confusion_weights_and_kappas_by_hand(connection, tmp_path):
    rows = []
    for n in range(40):
        said = "neg" if n < 20 else "pos"
        truth = "neu" if n < 10 else said  # ten of the forty are neutral and read as negative
        score(connection, f"h{n}", said)
        rows.append((f"h{n}", "anna", truth, "3" if n < 10 else "1"))
    rows += [(f"h{n}", "boris", "neg", "1") for n in range(10, 14)]
    assert load_feedback(connection, feedback(tmp_path / "f.csv", rows)) == 44
    assert measure_quality(connection, None) == 2  # in all, and the week
    found = connection.execute(
        "select eval_set, label_count, accuracy, weighted_accuracy, macro_f1, recall_neg, recall_neu,"
        " confusion, labeller_kappa, abstention_rate from scoring.quality order by eval_set"
    ).fetchall()
    assert [row[0] for row in found] == ["feedback", "feedback_2026w02"]
    _, count, accuracy, weighted, f1, recall_neg, recall_neu, confusion, kappa, abstained = found[0]
    assert count == 44
    assert confusion == [14, 0, 0, 10, 0, 0, 0, 0, 20]
    assert accuracy == pytest.approx(34 / 44)
    assert weighted == pytest.approx(34 / (34 + 30))
    # F1: negative 2 * 14 / (14 + 24), neutral 0, positive 1.
    assert f1 == pytest.approx((28 / 38 + 0 + 1) / 3)
    assert (recall_neg, recall_neu, abstained) == (1.0, 0.0, 0.0)
    assert kappa == 1.0


def test_quality_when_few_labels_then_no_row_and_when_the_version_ships_then_its_own(
    connection, tmp_path
):
    score(connection, "h", "neg")
    load_feedback(connection, feedback(tmp_path / "f.csv", [("h", "anna", "neg", "1")]))
    assert measure_quality(connection, None) == 0
    connection.execute("update scoring.versions set score_version = ?", [score_version()])
    assert measure_quality(connection, None) == 6  # Russian has no texts that may be shipped with
    languages = connection.execute(
        "select list(lang order by lang), any_value(eval_set) from scoring.quality"
    ).fetchone()
    assert languages == (["de", "en", "es", "fr", "it", "pt"], "val")


def test_feedback_when_the_file_is_gone_then_so_are_the_labels(connection, tmp_path):
    path = feedback(tmp_path / "f.csv", [("h", "anna", "neg", "1")])
    assert load_feedback(connection, path) == 1
    path.unlink()
    assert load_feedback(connection, path) == 0
    assert connection.execute("select count(*) from scoring.label_feedback").fetchone() == (0,)


def test_feedback_when_a_label_is_unknown_then_its_row_is_named(connection, tmp_path):
    path = feedback(tmp_path / "f.csv", [("h", "anna", "neg", "1")])
    path.write_text(path.read_text().replace("negative", "bad"))
    with pytest.raises(RorError, match="row 2") as caught:
        load_feedback(connection, path)
    assert caught.value.code is ExitCode.DATA_REFUSED
