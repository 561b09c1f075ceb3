"""`ror sentiment`: what a person sees."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from pipelines.cli import ror
from pipelines.errors import RorError
from pipelines.sentiment.feedback import load_feedback
from pipelines.settings import load_settings
from tests.support.raw import RawWarehouse

WORDS = ("ottimo servizio grazie", "pessimo servizio vergogna", "a che ora aprite domani mattina")


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(ror, ["sentiment", *arguments], input=given)


def test_score_when_given_lines_then_a_row_each():
    done = run("score", "--lang", "it", given="Grazie mille!\n\nPessimo servizio, vergogna\n")
    lines = done.output.splitlines()
    assert lines[0] == "p_neg\tp_neu\tp_pos\tlang\tlabel\treason"
    assert [line.split("\t")[4:] for line in lines[1:]] == [
        ["positive", ""],
        ["unscored", "empty"],
        ["negative", ""],
    ]


def test_explain_when_a_phrase_is_in_it_then_shown():
    done = run("explain", "Non male davvero!", "--lang", "it")
    assert done.exit_code == 0
    assert done.output.startswith("positive: ")
    assert "phrase" in done.output


def test_evaluate_when_given_labels_then_measures(tmp_path: Path):
    path = tmp_path / "labels.csv"
    path.write_text("text,label,lang\ngrazie mille,positive,it\npessimo servizio,negative,it\n")
    done = run("evaluate", str(path))
    assert "it           2" in done.output
    assert "mean macro-F1" in done.output


def test_versions_when_listed_then_terms_of_every_collection():
    done = run("versions")
    assert "linear-" in done.output
    assert "profile open" in done.output
    assert "umsab" in done.output


def test_engine_when_its_extra_or_folder_is_missing_then_said():
    done = run("score", "--engine", "onnx", given="ciao\n")
    assert isinstance(done.exception, RorError)
    assert "--artefact FOLDER" in done.exception.line()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose messages are scored and known by id, as after a night."""
    raw = RawWarehouse(tmp_path / "home")
    texts = [f"{text} {letter}" for text in WORDS for letter in "abcdefgh"]
    raw.land(
        "messages",
        [
            {
                "network": "x", "message_id": str(n), "direction": "inbound", "text": text,
                "language_hint": "it", "sent_at": "2026-01-05 10:00:00+00",
            }
            for n, text in enumerate(texts)
        ],
    )  # fmt: skip
    raw.score()
    with duckdb.connect(str(raw.path)) as con:
        con.execute("create schema intermediate")
        con.execute(
            "create table intermediate.int_messages_identified as"
            " select content_hash, 'id of ' || content_hash as message_id"
            " from scoring.message_scores"
        )
        con.execute("create view intermediate.int_sentiment_labels as from scoring.label_feedback")
    return raw.home


def test_labels_when_drawn_from_the_warehouse_and_taken_in_then_they_can_be_learnt_from(
    home: Path, tmp_path: Path
):
    def ror_in(*arguments: str) -> Result:
        done = CliRunner().invoke(ror, ["--home", str(home), "sentiment", *arguments])
        assert done.exit_code == 0, done.exception
        return done

    drawn, exported = tmp_path / "drawn.csv", tmp_path / "exported.csv"
    assert "12 messages" in ror_in("sample", str(drawn), "--n", "12").output
    assert drawn.stat().st_mode & 0o777 == 0o600
    with drawn.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(float(row["sampling_weight"]) for row in rows) == pytest.approx(12, abs=0.01)
    for row in rows:
        row["label"] = "negative"
    with drawn.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert "labelled: 12" in ror_in("label", str(drawn), "--labeller", "anna").output
    settings = load_settings(home=home)
    assert "servizio" not in settings.feedback_file.read_text()  # no text of a message
    with duckdb.connect(str(settings.build_file)) as con:
        assert load_feedback(con, settings.feedback_file) == 12
    assert "12 labelled messages" in ror_in("export-labels", str(exported)).output
    with exported.open(encoding="utf-8", newline="") as file:
        learnt = list(csv.DictReader(file))
    assert {row["text"] for row in learnt} == {row["text"] for row in rows}
    assert {(row["label"], row["lang"]) for row in learnt} == {("negative", "it")}
    ror_in("sample", str(drawn), "--n", "50")
    with drawn.open(encoding="utf-8", newline="") as file:
        again = {row["content_hash"] for row in csv.DictReader(file)}
    assert again
    assert not again & {row["content_hash"] for row in rows}


def test_rescore_when_the_engine_changes_then_all_or_as_many_as_wished(home: Path, monkeypatch):
    monkeypatch.setenv("ROR_SENTIMENT_ENGINE", "lexicon")
    limited = CliRunner().invoke(ror, ["--home", str(home), "sentiment", "rescore", "--limit", "5"])
    assert "5 texts scored" in limited.output
    assert "19 left" in limited.output
    rest = CliRunner().invoke(ror, ["--home", str(home), "sentiment", "rescore"])
    assert "19 texts scored" in rest.output
    assert "0 left" in rest.output


def test_sample_when_nothing_was_loaded_then_it_says_what_to_do(tmp_path: Path):
    done = CliRunner().invoke(ror, ["--home", str(tmp_path), "sentiment", "sample", "x.csv"])
    assert isinstance(done.exception, RorError)
    assert "ror run" in done.exception.line()
