"""Schema `scoring` of the build file: scores of texts, which loads were taken in, people's labels.

Private: a hash of a text lets one who knows the text recognise it. Marts show scores only.
"""

from __future__ import annotations

import duckdb

from pipelines.tables import ensure_tables

SCHEMA = "scoring"
BIGINT, DOUBLE, FLAG, TEXT, INSTANT = (
    "bigint", "double", "boolean", "varchar", "timestamp with time zone",
)  # fmt: skip

TABLES: dict[str, dict[str, str]] = {
    # One row per text and version, written once. `batch` grows from transaction to transaction, so
    # that the models know which scores they have taken in.
    "message_scores": {
        "content_hash": TEXT, "score_version": TEXT, "batch": BIGINT, "engine": TEXT,
        "lang": TEXT, "lang_confidence": DOUBLE, "p_neg": DOUBLE, "p_neu": DOUBLE, "p_pos": DOUBLE,
        "unscored_reason": TEXT, "token_count": BIGINT,
        "is_emoji_only": FLAG, "is_url_only": FLAG, "is_question": FLAG, "is_speech_act": FLAG,
        "has_negation": FLAG, "scored_at": INSTANT,
    },
    # Loads of which every text has a score of the version.
    "taken_loads": {"score_version": TEXT, "source": TEXT, "load_id": TEXT},
    # The versions that are served, best first: a message shows the first that it has.
    "versions": {"score_version": TEXT, "preference": BIGINT, "first_scored_at": INSTANT},
    # One row per label that a person gave (neg, neu or pos): the home's feedback file, as it was
    # read last.
    "label_feedback": {
        "content_hash": TEXT, "message_id": TEXT, "labeller": TEXT, "label": TEXT,
        "model_label": TEXT, "sampling_weight": DOUBLE, "labelled_at": INSTANT,
    },
    # How good a version is by labels: those of its development texts, and those of people here.
    "quality": {
        "score_version": TEXT, "lang": TEXT, "eval_set": TEXT, "label_count": BIGINT,
        "accuracy": DOUBLE, "weighted_accuracy": DOUBLE, "macro_f1": DOUBLE,
        "macro_f1_low": DOUBLE, "macro_f1_high": DOUBLE, "recall_neg": DOUBLE,
        "recall_neu": DOUBLE, "recall_pos": DOUBLE, "calibration_error": DOUBLE,
        "abstention_rate": DOUBLE, "macro_f1_kept": DOUBLE, "model_kappa": DOUBLE,
        "labeller_kappa": DOUBLE, "confusion": "bigint[]",
    },
    # What an incremental model has taken in, and which versions were served, best first: written by
    # a hook in the transaction of its rows.
    "taken_batches": {"model": TEXT, "batch": BIGINT, "versions": TEXT},
}  # fmt: skip


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables where they are absent, and add columns that are new."""
    ensure_tables(connection, {(SCHEMA, table): columns for table, columns in TABLES.items()})
