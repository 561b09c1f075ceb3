"""Sentiment of a small warehouse, by hand: what each night shows, and that it equals a full build."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.sentiment.cache import Scorer
from pipelines.sentiment.messages import content_hash_of
from tests.support.acts import inbound, message_id, outbound, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.long  # about a minute: four builds of most of the warehouse
MARTS = (
    "sentiment_daily", "sentiment_people", "sentiment_reply_effects", "sentiment_topics_daily",
    "sentiment_drift_daily",
)  # fmt: skip
COMPARED = {
    "marts.message_sentiments": "*",
    "marts.sentiment_daily": "*",
    "marts.sentiment_people": "*",
    "marts.sentiment_recoveries": "*",
    "marts.sentiment_topics_daily": "*",
}
BAD, GOOD, MIXED = (
    "Pessimo servizio, vergogna!",
    "Grazie mille, bravissimi, tutto perfetto!",
    "Il prodotto è ottimo, davvero fantastico. Ma la consegna è pessima, una vergogna.",
)
SEED = Path("dbt_project/seeds/sentiment_topics.csv").resolve()


def italian(number: str, at: str, author: str | None, text: str | None, **more: Any) -> dict:
    return inbound(number, at, author, text=text, language_hint="it", account_id="acme", **more)


def contents(raw: RawWarehouse, *arguments: str, command: str = "run") -> dict[str, list[tuple]]:
    selection = [f"+{mart}" for mart in MARTS]
    with raw.build("--select", *selection, *arguments, command=command) as con:
        return {
            table: rows(con, f"select {columns} from {table} order by all")
            for table, columns in COMPARED.items()
        }


def label_a_text(raw: RawWarehouse, text: str, *labels: tuple[str, str]) -> None:
    with duckdb.connect(str(raw.path)) as con:
        for labeller, label in labels:
            con.execute(
                "insert into scoring.label_feedback (content_hash, labeller, label, labelled_at)"
                " values (?, ?, ?, timestamptz '2026-02-01 00:00:00+00')",
                [content_hash_of(text, "it"), labeller, label],
            )


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, list[tuple]]]:
    """Three nights and a full build after the last: complaints, then a label, a deletion and an
    edit, then another version by which all but the oldest text are scored."""
    raw = RawWarehouse(tmp_path_factory.mktemp("nights"), as_of="2026-02-01 00:00:00+00")
    raw.land("accounts", [{"network": "x", "account_id": "acme", "brand_id": "brand"}])
    raw.land(
        "messages",
        [
            italian("m1", "10:00:00", "ann", BAD),
            outbound("a1", "11:00:00", "m1", text="Ci dispiace"),
            italian("m2", "12:00:00", "ann", GOOD, parent_message_id="a1"),
            italian("m3", "10:30:00", "bob", BAD),
            italian("m4", "13:00:00", "cid", MIXED),
            italian("m5", "13:30:00", "dan", "http://a.example"),
            italian("m6", "14:00:00", "eva", "Ottimo!"),
            italian("m7", "15:00:00", None, "素晴らしいです", is_public=True)
            | {"language_hint": "ja"},
        ],
    )
    scorer = Scorer(topics=SEED)
    raw.score(scorer)
    found = [contents(raw, "--indirect-selection", "cautious", command="build")]
    raw.land(
        "messages",
        [
            italian("m6", "14:00:00", "eva", "Ottimo!", _is_deleted=True, updated_at="2026-01-06 00:00:00+00"),
            italian("m4", "13:00:00", "cid", GOOD, updated_at="2026-01-06 00:00:00+00"),
            italian("m8", "2026-01-08 10:00:00", "ann", "Mai più!"),
        ],
    )  # fmt: skip
    label_a_text(raw, "Mai più!", ("anna", "neg"), ("boris", "neg"), ("carla", "pos"))
    label_a_text(raw, BAD, ("anna", "neu"))
    raw.score(scorer)
    raw.set_run("run-2", "2026-02-01 00:00:00+00")
    found.append(contents(raw))
    with duckdb.connect(str(raw.path)) as con:
        con.execute(
            f"delete from scoring.label_feedback where content_hash = '{content_hash_of(BAD, 'it')}'"
        )
    raw.score(Scorer(engine="lexicon", rescore_limit=8, topics=SEED))
    found.append(contents(raw))
    found.append(contents(raw, "--full-refresh"))
    return found


def by_message(night: dict[str, list[tuple]], raw_id: str, *places: int) -> tuple:
    with duckdb.connect() as con:
        (key,) = rows(con, f"select {message_id(raw_id)}")[0]
    (row,) = [row for row in night["marts.message_sentiments"] if row[0] == key]
    return tuple(row[place] for place in places)


LABEL, ORIGIN, REASON, VERSION = 8, 9, 10, 16


def test_messages_when_scored_then_a_label_or_the_reason(nights):
    first = nights[0]
    assert len(first["marts.message_sentiments"]) == 7  # not what the brand said
    for number, expected in {
        "m1": ("neg", "model", None), "m2": ("pos", "model", None),
        "m5": ("unscored", "model", "no_text"),
        "m7": ("unscored", "model", "unsupported_language"),
    }.items():  # fmt: skip
        assert by_message(first, number, LABEL, ORIGIN, REASON) == expected, number


def test_recoveries_when_answered_then_the_last_word_decides(nights):
    found = {row[1]: row for row in nights[0]["marts.sentiment_recoveries"]}
    # Ann was answered and thanked; nobody else was answered.
    (ann,) = [row for row in found.values() if row[7] is not None]
    assert ann[10] == "recovered"
    assert {row[10] for row in found.values() if row is not ann} == {"unanswered"}
    assert ann[8] == 3600
    assert ann[11] is True  # it only thanks


def test_topics_when_a_message_praises_one_and_laments_another_then_each_has_its_own(nights):
    topics = {row[2]: row for row in nights[0]["marts.sentiment_topics_daily"]}
    # brand, network, topic, date; mentions, messages, by clause; scored, positive, negative, neutral
    assert topics["product"][4:11] == (1, 1, 1, 1, 1, 0, 0)
    assert topics["delivery"][4:11] == (1, 1, 1, 1, 0, 1, 0)
    assert topics["service"][4:11] == (2, 2, 0, 2, 0, 2, 0)  # one clause each: the message's own


def test_second_night_when_labelled_deleted_and_edited_then_only_that_changed(nights):
    second = nights[1]
    assert by_message(second, "m1", LABEL, ORIGIN, REASON) == ("neu", "human", None)
    assert by_message(second, "m3", LABEL, ORIGIN, REASON) == ("neu", "human", None)
    assert by_message(second, "m8", LABEL, ORIGIN, REASON) == ("neg", "human", None)
    assert by_message(second, "m6", LABEL, REASON, VERSION) == ("unscored", "purged", None)
    assert by_message(second, "m4", LABEL) == ("pos",)
    assert by_message(second, "m2", *range(18)) == by_message(nights[0], "m2", *range(18))
    assert "product" not in {row[2] for row in second["marts.sentiment_topics_daily"]}


def test_third_night_when_a_version_is_half_way_then_each_message_names_its_own(nights):
    third = nights[2]
    versions = {
        number: by_message(third, number, VERSION)[0].split("-")[0] for number in ("m1", "m2", "m8")
    }
    assert versions == {"m1": "linear", "m2": "lexicon", "m8": "lexicon"}
    mixed = [row for row in third["marts.sentiment_daily"] if row[-1] is None]
    assert mixed  # a date whose scores are of two versions names none
    assert by_message(third, "m1", ORIGIN) == ("model",)  # its label was withdrawn


def test_nights_when_they_are_done_then_they_equal_a_full_build(nights):
    for table in COMPARED:
        assert nights[2][table] == nights[3][table], table
