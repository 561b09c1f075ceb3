"""What to tell people when negative messages spike: how many, of how many, about what, where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

WEEKS_BEFORE = 8
TOPICS_NAMED, MESSAGES_NAMED = 3, 5


@dataclass(frozen=True)
class Spike:
    """A date on which a brand's negative messages in a language stood out. `usual_count`: mean of
    the same weekday in the 8 weeks before; `people_share`: distinct authors per negative message,
    0..1, where authors are known."""

    brand_id: str
    lang: str
    sent_date: date
    negative_count: int
    usual_count: float
    crisis_z: float
    people_share: float | None
    topics: tuple[str, ...]
    message_ids: tuple[str, ...]

    @property
    def subject(self) -> str:
        """What the alert is about; the same subject is told once a day."""
        return f"{self.brand_id} {self.lang}"

    def line(self) -> str:
        """One line without anything that a person wrote."""
        people = "" if self.people_share is None else f" by {self.people_share:.0%} as many people"
        topics = f"; about {', '.join(self.topics)}" if self.topics else ""
        return (
            f"{self.negative_count} negative messages{people} to {self.brand_id} in {self.lang} on"
            f" {self.sent_date}, usually {self.usual_count:.1f} (z {self.crisis_z:.1f}){topics};"
            f" messages {', '.join(self.message_ids)}"
        )


def spikes_of(connection: duckdb.DuckDBPyConnection, day: date) -> list[Spike]:
    """Spikes of a date, by brand and language; reads the marts of the build file."""
    found = connection.execute(
        """select brand_id, lang, sum(neg_count)::bigint, max(crisis_z)
        from marts.sentiment_daily
        where sent_date = ? and is_crisis group by brand_id, lang order by brand_id, lang""",
        [day],
    ).fetchall()
    return [_spike(connection, day, *row) for row in found]


def _spike(
    connection: duckdb.DuckDBPyConnection,
    day: date,
    brand_id: str,
    lang: str,
    negative_count: int,
    crisis_z: float,
) -> Spike:
    of_day = [brand_id, lang, day]
    (usual,) = connection.execute(
        f"""select coalesce(sum(neg_count), 0) / {WEEKS_BEFORE}.0 from marts.sentiment_daily
        where brand_id = ? and lang = ? and (?::date - sent_date) in
            (select 7 * week from range(1, {WEEKS_BEFORE + 1}) as weeks (week))""",
        of_day,
    ).fetchone() or (0.0,)
    (people, authored) = connection.execute(
        """select count(distinct person_id), count(person_id) from marts.message_sentiments
        where brand_id = ? and lang = ? and sent_date = ? and label = 'neg'""",
        of_day,
    ).fetchone() or (0, 0)
    topics = connection.execute(
        """select topic from marts.message_sentiments
        inner join intermediate.int_messages_identified using (message_id)
        inner join intermediate.int_sentiment_mentions using (content_hash, lang)
        where brand_id = ? and lang = ? and sent_date = ? and label = 'neg'
        group by topic order by count(distinct message_id) desc, topic limit ?""",
        [*of_day, TOPICS_NAMED],
    ).fetchall()
    messages = connection.execute(
        """select message_id from marts.message_sentiments
        where brand_id = ? and lang = ? and sent_date = ? and label = 'neg'
        order by score, message_id limit ?""",
        [*of_day, MESSAGES_NAMED],
    ).fetchall()
    return Spike(
        brand_id=brand_id,
        lang=lang,
        sent_date=day,
        negative_count=negative_count,
        usual_count=float(usual),
        crisis_z=crisis_z,
        people_share=people / authored if authored else None,
        topics=tuple(topic for (topic,) in topics),
        message_ids=tuple(message_id for (message_id,) in messages),
    )
