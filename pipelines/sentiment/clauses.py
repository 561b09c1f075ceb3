"""Clauses of texts that name a topic, as SQL: each is scored by itself, so that a message may
praise the goods and lament the delivery.

The macro `clauses` splits alike; what a topic is called stands in the seed `sentiment_topics`.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

# A word of contrast begins a clause; sentence marks and ends of lines end one.
CONTRAST = (
    r"(?i)\s(ma|però|but|however|но|однако|зато|pero|sin embargo|aber|jedoch|mais|mas|porém)\s"
)
CLAUSE = r"(?s).+?(?:[.!?…;]+\s+|\n+|$)"
LEAST_WORDS = 3  # a shorter clause says nothing by itself
WORD = r"[\p{L}\p{N}]+"
PATTERN = re.compile(r"[\w]+\*?")


def topic_pattern(seed: Path) -> str | None:
    """Regular expression of what names a topic in any language, in lower case; None: no topics.

    `seed`: CSV with a column pattern, a word or the beginning of words followed by `*`.
    """
    if not seed.exists():
        return None
    with seed.open(encoding="utf-8-sig", newline="") as file:
        patterns = {row["pattern"].strip().lower() for row in csv.DictReader(file)}
    names = sorted(name for name in patterns if PATTERN.fullmatch(name))
    if not names:
        return None
    beginnings = [name.removesuffix("*") for name in names if name.endswith("*")]
    words = [name for name in names if not name.endswith("*")]
    # The ends of words stand once: classes of letters are long, and regular expressions of many
    # are compiled for seconds.
    whole = [rf"(?:{'|'.join(words)})(?:[^\p{{L}}\p{{N}}]|$)"] if words else []
    return rf"(?:^|[^\p{{L}}\p{{N}}])(?:{'|'.join([*beginnings, *whole])})"


def clauses_of(texts: str, content_hash: str) -> str:
    """SQL of the clauses that name a topic, of texts with more than one clause, with the columns
    that the texts have: `content_hash, text, lang_hint, sent_at`.

    `texts`: a table. `content_hash`: SQL over text and lang_hint. Parameters: twice the expression
    of `topic_pattern`.
    """
    return f"""
        select {content_hash} as content_hash, any_value(text) as text,
            any_value(lang_hint) as lang_hint, max(sent_at) as sent_at
        from (
            select trim(unnest(clauses)) as text, lang_hint, sent_at
            from (
                select regexp_extract_all(
                    regexp_replace(text, '{CONTRAST}', chr(10) || '\\1 ', 'g'), '{CLAUSE}'
                ) as clauses, lang_hint, sent_at
                from {texts}
                where regexp_matches(lower(text), ?)
            )
            where len(clauses) > 1
        )
        where regexp_matches(lower(text), ?)
            and len(regexp_extract_all(text, '{WORD}')) >= {LEAST_WORDS}
        group by content_hash"""
