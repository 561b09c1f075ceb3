"""A sample of the warehouse's own messages to label, and labelled texts to learn from.

Both read the build file: texts are nowhere else. The files they write are the owner's alone.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np

from pipelines.errors import ExitCode, RorError
from pipelines.sentiment.explaining import LABELS
from pipelines.sentiment.feedback import CODES
from pipelines.sentiment.labelling import PRIVATE, strata_of, write_sample
from pipelines.sentiment.messages import committed_loads, texts_of
from pipelines.sentiment.store import SCHEMA, prepare

# Of each text the score that is served.
SERVED = f"""
    select scores.* from {SCHEMA}.message_scores as scores
    inner join {SCHEMA}.versions as versions using (score_version)
    where p_neg is not null
    qualify row_number() over (partition by content_hash order by preference) = 1"""


def sample_messages(connection: duckdb.DuckDBPyConnection, out: Path, count: int, seed: int) -> int:
    """Write a sample of the scored messages that nobody labelled yet; how many.

    Half is drawn at random, a quarter of the least certain, a quarter of the surely negative; each
    distinct text counts once. Exit 65 when nothing is scored yet.
    """
    prepare(connection)
    found = connection.execute(
        f"""select content_hash, any_value(lang), any_value(p_neg), any_value(p_neu),
            any_value(p_pos), min(message_id)
        from ({SERVED}) as served
        inner join intermediate.int_messages_identified using (content_hash)
        anti join {SCHEMA}.label_feedback using (content_hash)
        group by content_hash order by content_hash"""
    ).fetchall()
    if not found:
        raise RorError(
            "sentiment", "build file", "no scored message without a label", "ror run",
            ExitCode.DATA_REFUSED,
        )  # fmt: skip
    probabilities = np.array([row[2:5] for row in found])
    strata, weights = strata_of(probabilities, min(count, len(found)), seed)
    texts = _texts(connection, [found[place][0] for place in strata])
    drawn = [
        {
            "content_hash": found[place][0],
            "message_id": found[place][5],
            "text": texts[found[place][0]][0],
            "lang": found[place][1],
            "stratum": stratum,
            "sampling_weight": f"{weights[place]:.6f}",
            "model": LABELS[int(probabilities[place].argmax())],
        }
        for place, stratum in sorted(strata.items())
        if found[place][0] in texts
    ]
    write_sample(out, drawn)
    return len(drawn)


def export_labels(connection: duckdb.DuckDBPyConnection, out: Path) -> int:
    """Write `text, label, lang` of the texts that people labelled, to train with; how many.

    Of several labels of a text most decide, of equally many the newest. Texts that are gone are
    left out.
    """
    labelled = connection.execute(
        "select content_hash, label, lang from intermediate.int_sentiment_labels"
        f" inner join ({SERVED}) as served using (content_hash) order by content_hash"
    ).fetchall()
    texts = _texts(connection, [row[0] for row in labelled])
    words = dict(zip(CODES, LABELS, strict=True))
    with out.open("w", encoding="utf-8", newline="") as file:
        out.chmod(PRIVATE)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("text", "label", "lang"))
        kept = [row for row in labelled if row[0] in texts]
        writer.writerows((texts[key][0], words[label], lang) for key, label, lang in kept)
    return len(kept)


def _texts(
    connection: duckdb.DuckDBPyConnection, hashes: Sequence[str]
) -> dict[str, tuple[str, str | None]]:
    """(text, stated language) by hash."""
    connection.execute(f"create or replace temp table wanted_loads as {committed_loads()}")
    rows = connection.execute(
        f"select content_hash, text, lang_hint from ({texts_of('wanted_loads')}) as said"
        " where list_contains(?::varchar[], content_hash)",
        [list(hashes)],
    ).fetchall()
    return {key: (text, language) for key, text, language in rows}
