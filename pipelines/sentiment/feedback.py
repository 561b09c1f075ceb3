"""What people's labels say of the versions that are served: read, compared, measured.

The home's feedback file holds hashes of texts, not texts; it is the truth, the table a copy of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from pipelines.sentiment.artefact import load_artefact
from pipelines.sentiment.labelling import FEEDBACK_COLUMNS, kappa_of, label_of_word, read_rows
from pipelines.sentiment.measures import Quality, quality_of
from pipelines.sentiment.store import SCHEMA
from pipelines.tables import replace_rows

CODES = ("neg", "neu", "pos")
VALIDATION, EVERYTHING = "val", "feedback"
LEAST_LABELS = 30  # fewer say too little of a language to be worth a row


@dataclass(frozen=True)
class _Labelled:
    """A label beside what a version says. `week`: ISO year and week of the label."""

    content_hash: str
    labeller: str
    week: str
    lang: str
    label: int
    weight: float
    probabilities: tuple[float, float, float]


def load_feedback(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Put the feedback file's labels in the place of those in the table; how many. A file that is
    not there has none. Exit 65 names what is wrong in the file."""
    listed: list[dict[str, Any]] = []
    rows = read_rows(path, FEEDBACK_COLUMNS) if path.exists() else []
    for number, row in enumerate(rows, start=2):
        label = CODES[label_of_word(path, number, row["label"])]
        model = CODES[label_of_word(path, number, row["model"])]
        listed.append(
            {
                "content_hash": row["content_hash"],
                "message_id": row["message_id"],
                "labeller": row["labeller"],
                "label": label,
                "model_label": model,
                "sampling_weight": float(row["sampling_weight"]),
                "labelled_at": datetime.fromisoformat(row["labelled_at"]),
            }
        )
    _replace(connection, "label_feedback", listed)
    return len(listed)


def measure_quality(connection: duckdb.DuckDBPyConnection, artefact: Path | None) -> int:
    """Replace the rows of `quality`: every served version against labels, by language, in all and
    by the week of the label, and the development figures of the artefact; how many rows."""
    versions = [
        version
        for (version,) in connection.execute(
            f"select score_version from {SCHEMA}.versions order by preference"
        ).fetchall()
    ]
    rows = [row for version in versions for row in _validation(version, artefact)]
    for version in versions:
        found = _labelled(connection, version)
        for lang in sorted({one.lang for one in found}):
            of_lang = [one for one in found if one.lang == lang]
            sets = {EVERYTHING: of_lang}
            for week in sorted({one.week for one in of_lang}):
                sets[f"{EVERYTHING}_{week}"] = [one for one in of_lang if one.week == week]
            rows += [
                _row(version, lang, name, some)
                for name, some in sets.items()
                if len(some) >= LEAST_LABELS
            ]
    _replace(connection, "quality", rows)
    return len(rows)


def _validation(version: str, artefact: Path | None) -> Iterable[dict[str, Any]]:
    """What the artefact of a version says of itself; nothing for versions that are no longer."""
    if artefact is not None and artefact.is_dir():
        return
    loaded = load_artefact(artefact)
    engine = version.partition("-")[0]
    if not version.startswith(f"{engine}-{loaded.digest[:8]}"):
        return
    for name, measured in loaded.header.get("quality", {}).items():
        its_engine, lang = name.split()
        if its_engine == engine:
            quality = Quality(**measured)
            yield _as_row(version, lang, VALIDATION, quality)


def _labelled(connection: duckdb.DuckDBPyConnection, version: str) -> list[_Labelled]:
    rows = connection.execute(
        f"""select content_hash, labeller, strftime(labelled_at, '%Gw%V'), lang,
            list_position(['neg', 'neu', 'pos'], label) - 1, sampling_weight, p_neg, p_neu, p_pos
        from (
            select * from {SCHEMA}.label_feedback
            qualify row_number() over (
                partition by content_hash, labeller order by labelled_at desc, label) = 1
        ) as newest
        inner join {SCHEMA}.message_scores as scores using (content_hash)
        where score_version = ? and p_neg is not null
        order by content_hash, labeller""",
        [version],
    ).fetchall()
    return [
        _Labelled(key, labeller, week, lang, label, weight, (p_neg, p_neu, p_pos))
        for key, labeller, week, lang, label, weight, p_neg, p_neu, p_pos in rows
    ]


def _row(version: str, lang: str, name: str, found: list[_Labelled]) -> dict[str, Any]:
    probabilities = np.array([one.probabilities for one in found])
    labels = np.array([one.label for one in found], dtype=np.int64)
    predicted = probabilities.argmax(axis=1)
    weights = np.array([one.weight for one in found])
    weighted = float(np.average(predicted == labels, weights=weights)) if weights.sum() else None
    return _as_row(version, lang, name, quality_of(probabilities, labels)) | {
        "weighted_accuracy": weighted,
        "model_kappa": kappa_of(labels, predicted),
        "labeller_kappa": _labeller_kappa(found),
    }


def _labeller_kappa(found: list[_Labelled]) -> float | None:
    """Cohen's kappa over all pairs of labels that two people gave one text; None without pairs."""
    by_text: dict[str, list[int]] = {}
    for one in found:
        by_text.setdefault(one.content_hash, []).append(one.label)
    pairs = [pair for labels in by_text.values() for pair in combinations(labels, 2)]
    if not pairs:
        return None
    # Who is first of two does not matter, so each pair counts both ways.
    both = np.array(pairs + [(second, first) for first, second in pairs], dtype=np.int64)
    return kappa_of(both[:, 0], both[:, 1])


def _as_row(version: str, lang: str, name: str, quality: Quality) -> dict[str, Any]:
    return {
        "score_version": version,
        "lang": lang,
        "eval_set": name,
        "label_count": quality.count,
        "accuracy": quality.accuracy,
        "weighted_accuracy": None,
        "macro_f1": quality.macro_f1,
        "macro_f1_low": quality.macro_f1_low,
        "macro_f1_high": quality.macro_f1_high,
        "recall_neg": quality.recalls[0],
        "recall_neu": quality.recalls[1],
        "recall_pos": quality.recalls[2],
        "calibration_error": quality.calibration_error,
        "abstention_rate": quality.abstention_rate,
        "macro_f1_kept": quality.macro_f1_kept,
        "model_kappa": None,
        "labeller_kappa": None,
        "confusion": [count for row in quality.confusion for count in row],
    }


def _replace(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    connection.begin()
    replace_rows(connection, f"{SCHEMA}.{table}", rows)
    connection.commit()
