from __future__ import annotations

import csv

import pytest

from pipelines.errors import ExitCode, RorError
from pipelines.sentiment.labelling import draw_sample, read_labels, take_labels

pytest.importorskip("py3langid")

WORDS = ("ottimo servizio grazie", "pessimo servizio, vergogna", "a che ora aprite domani mattina")


@pytest.fixture
def messages(tmp_path):
    path = tmp_path / "messages.csv"
    lines = [f"m{n},{WORDS[n % 3]} numero {'abcdefghij'[n % 10]}" for n in range(120)]
    path.write_text("message_id,text\n" + "\n".join(lines).replace("servizio,", "servizio") + "\n")
    return path


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_sample_when_drawn_then_weights_sum_to_the_draws_and_it_repeats(messages, tmp_path):
    out, again = tmp_path / "a.csv", tmp_path / "b.csv"
    drawn = draw_sample(messages, out, 40, seed=3)
    draw_sample(messages, again, 40, seed=3)
    assert out.read_bytes() == again.read_bytes()
    rows = rows_of(out)
    assert len({row["message_id"] for row in rows}) == drawn == len(rows)
    assert {row["stratum"] for row in rows} <= {"random", "uncertain", "sure_negative"}
    # Every stratum's weights sum to its share of the 120 messages, so all sum to the 40 draws.
    assert sum(float(row["sampling_weight"]) for row in rows) == pytest.approx(40, abs=0.01)


def test_labels_when_taken_then_weighted_accuracy_and_appended(tmp_path):
    source, out = tmp_path / "s.csv", tmp_path / "feedback.csv"
    source.write_text(
        "content_hash,message_id,text,model,sampling_weight,label\n"
        "h1,1,a,positive,3,positive\nh2,2,b,negative,1,neutral\nh3,3,c,neutral,1,\n"
    )
    summary = take_labels(source, out, "anna")
    assert (summary.labelled, summary.left_empty) == (2, 1)
    assert summary.accuracy == pytest.approx(3 / 4)
    take_labels(source, out, "boris")
    assert [row["labeller"] for row in rows_of(out)] == ["anna", "anna", "boris", "boris"]
    assert [row["content_hash"] for row in rows_of(out)] == ["h1", "h2", "h1", "h2"]


def test_labels_when_one_is_unknown_then_its_row_is_named(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("text,label,lang\nbello,positive,it\nbrutto,bad,it\n")
    with pytest.raises(RorError, match="row 3") as caught:
        read_labels(path)
    assert caught.value.code is ExitCode.DATA_REFUSED
    assert "brutto" not in caught.value.line()
