"""`ror sentiment`: what a person sees."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from pipelines.cli import ror
from pipelines.errors import RorError


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
