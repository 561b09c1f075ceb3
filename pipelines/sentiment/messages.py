"""Where people's texts stand in the raw tables, as SQL. Scores are made before the models are.

Staging passes a message's text and language on as they landed, so that the key of a score can be
computed here and, by the macro `content_hash`, in the models alike.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

UNIT_SEPARATOR = 31  # code point between text and language in what is hashed
HASH_LENGTH = 32  # hexadecimal digits that are kept of a SHA-256


@dataclass(frozen=True)
class TextTable:
    """One raw table with texts of people. `text`, `sent_at`: columns; `language`: the language that
    the source states, as staging says it; `is_theirs`: not said by the brand itself."""

    source: str
    table: str
    text: str = "text"
    sent_at: str = "created_at"
    language: str = "null"
    is_theirs: str = "not coalesce(is_own, false)"


TEXT_TABLES = (
    TextTable(
        "files", "messages", sent_at="sent_at", language="language_hint",
        is_theirs="direction = 'inbound'",
    ),
    TextTable(
        "bluesky", "posts", sent_at="indexed_at",
        language="lower(left(json_extract_string(languages, '$[0]'), 2))",
    ),
    TextTable("facebook", "comments", text="message"),
    TextTable("facebook", "reviews"),
    TextTable("facebook", "direct_messages", text="message"),
    TextTable("instagram", "comments"),
    TextTable("linkedin", "comments"),
    TextTable("mastodon", "statuses", language="lower(left(language, 2))"),
    TextTable(
        "x", "posts", language="lower(left(nullif(lang, 'und'), 2))",
        is_theirs="not coalesce(is_own, false) and reposted_id is null",
    ),
    TextTable(
        "sprout", "messages", language="lower(left(nullif(language_code, 'und'), 2))",
        is_theirs="not is_sent",
    ),
)  # fmt: skip
SOURCES = tuple(dict.fromkeys(table.source for table in TEXT_TABLES))


def stated_language(language: str) -> str:
    """SQL of the language that is scored with: NULL where the source states none."""
    return f"nullif(nullif(lower(trim({language})), ''), 'und')"


def content_hash(text: str, language: str) -> str:
    """SQL of the key of a score: of a text and of the language stated for it."""
    stated = f"coalesce({stated_language(language)}, '')"
    return f"left(sha256({text} || chr({UNIT_SEPARATOR}) || {stated}), {HASH_LENGTH})"


def content_hash_of(text: str, language: str = "") -> str:
    """The same key, computed here."""
    stated = language.strip().lower()
    said = f"{text}{chr(UNIT_SEPARATOR)}{'' if stated == 'und' else stated}"
    return hashlib.sha256(said.encode()).hexdigest()[:HASH_LENGTH]


def committed_loads() -> str:
    """SQL of `source, load_id` of all complete loads that may hold texts."""
    return " union all ".join(
        f"select '{source}' as source, load_id from raw_{source}._dlt_loads where status = 0"
        for source in SOURCES
    )


def texts_of(loads: str) -> str:
    """SQL of the distinct texts of loads: `content_hash, text, lang_hint, sent_at` (the latest).

    `loads`: a table with columns source and load_id.
    """
    parts = " union all ".join(
        f"""
        select {table.text} as text, {stated_language(table.language)} as lang_hint,
            {table.sent_at} as sent_at
        from raw_{table.source}.{table.table}
        where {table.text} is not null and not _is_deleted and {table.is_theirs}
            and _dlt_load_id in (select load_id from {loads} where source = '{table.source}')"""
        for table in TEXT_TABLES
    )
    return f"""
        select {content_hash("text", "lang_hint")} as content_hash, any_value(text) as text,
            any_value(lang_hint) as lang_hint, max(sent_at) as sent_at
        from ({parts})
        group by content_hash"""
