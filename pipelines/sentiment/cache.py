"""Every distinct text is scored once per version: what is new tonight, then what an older version
scored, newest first, then, if wished, what the default was unsure of.

raw texts of new loads ─▶ minus what the cache holds ─▶ blocks, a transaction each ─▶ loads taken in

A killed run leaves whole blocks; the next one goes on behind them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines import failpoints
from pipelines.sentiment.clauses import clauses_of, topic_pattern
from pipelines.sentiment.messages import committed_loads, content_hash, texts_of
from pipelines.sentiment.scoring import score_version
from pipelines.sentiment.store import SCHEMA, prepare
from pipelines.sentiment.tabular import score_table
from pipelines.sentiment.uncertain import cascade_texts
from pipelines.settings import Settings

BLOCK_ROWS = 50_000  # of a transaction; less costs time, more is lost when a run is killed
EMBED_BLOCK_ROWS = 500  # about 20 seconds of embedding


@dataclass(frozen=True)
class Scorer:
    """Which engine scores, and how much of what is not urgent a night may take.

    `artefact`: a trained file, or the folder of an `onnx` model. `rescore_limit`: texts that only
    an older version has scored; None: all. `embed_limit`: texts that the engine was unsure of and
    that `embed` scores again; 0: none. `topics`: the seed whose topics' clauses are scored, too.
    """

    engine: str = "linear"
    artefact: Path | None = None
    rescore_limit: int | None = 200_000
    embed_limit: int = 0
    topics: Path | None = None

    @property
    def version(self) -> str:
        """Version of the engine's scores. Errors: SentimentConfigError as `score_texts`."""
        return score_version(self.engine, self.artefact)

    @property
    def embed_artefact(self) -> Path | None:
        """The file that holds the head of `embed`: the same, unless it is an `onnx` folder."""
        return None if self.engine == "onnx" else self.artefact


def scorer_of(settings: Settings) -> Scorer:
    """The scorer that the settings ask for."""
    return Scorer(
        engine=settings.sentiment_engine,
        artefact=settings.sentiment_artefact,
        rescore_limit=settings.sentiment_rescore_per_night,
        embed_limit=settings.sentiment_embed_per_night,
        topics=settings.dbt_folder / "seeds" / "sentiment_topics.csv",
    )


@dataclass(frozen=True)
class Outcome:
    """What a pass did. `new`, `again`, `embedded`: texts scored; `cached`: distinct texts of new
    loads that had a score; `waiting`: texts that still have an older version's score only."""

    score_version: str
    new: int
    cached: int
    again: int
    waiting: int
    embedded: int
    seconds: float

    @property
    def scored(self) -> int:
        """Texts scored in all."""
        return self.new + self.again + self.embedded


@dataclass(frozen=True)
class _Pass:
    """What the steps of one call share. `done`: is told how many texts are scored so far."""

    connection: duckdb.DuckDBPyConnection
    scorer: Scorer
    scored_at: datetime
    done: Callable[[int], None]


def score_messages(
    connection: duckdb.DuckDBPyConnection,
    scorer: Scorer,
    *,
    scored_at: datetime,
    done: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Bring the cache up to the raw tables of the build file; needs those and nothing of dbt.

    New texts are all scored, whatever their number; see `Scorer` for the others. `scored_at`: the
    run's start. Errors: SentimentConfigError as `score_texts`.
    """
    started = time.monotonic()
    prepare(connection)
    version = scorer.version
    step = _Pass(connection, scorer, scored_at, done)
    _serve(connection, version, scored_at, scorer)
    connection.execute(
        f"""create or replace temp table untaken_loads as
        select source, load_id,
            (source, load_id) not in (select (source, load_id) from {SCHEMA}.taken_loads) as is_new
        from ({committed_loads()}) as committed
        where (source, load_id) not in
            (select (source, load_id) from {SCHEMA}.taken_loads where score_version = ?)""",
        [version],
    )
    _select_loads(connection, "is_new")
    found = _wanted(step, version)
    new = _score_wanted(step, None, 0)
    _take_loads(connection, version)
    _select_loads(connection, "not is_new")
    old = _wanted(step, version)[1]
    again = _score_wanted(step, scorer.rescore_limit, new)
    if again == old:
        _take_loads(connection, version)
    embedded = _embed(step, new + again) if scorer.embed_limit else 0
    return Outcome(
        score_version=version,
        new=new,
        cached=found[0] - found[1],
        again=again,
        waiting=old - again,
        embedded=embedded,
        seconds=time.monotonic() - started,
    )


def _serve(
    connection: duckdb.DuckDBPyConnection, version: str, scored_at: datetime, scorer: Scorer
) -> None:
    """Say which versions are served, best first: `embed` if wished, the engine, then what was
    served before, the newest first."""
    embed = f"{SCHEMA}.versions.score_version like 'embed-%'"
    best = [version]
    if scorer.embed_limit:
        best.insert(0, score_version("embed", scorer.embed_artefact))
    connection.begin()
    for name in best:
        connection.execute(
            f"insert into {SCHEMA}.versions select ?, 0, ? where not exists"
            f" (from {SCHEMA}.versions where score_version = ?)",
            [name, scored_at, name],
        )
    if not scorer.embed_limit and scorer.engine != "embed":
        connection.execute(f"delete from {SCHEMA}.versions where {embed}")
    connection.execute(
        f"""update {SCHEMA}.versions set preference = ranked.preference
        from (select score_version, row_number() over (
            order by nullif(list_position(?::varchar[], score_version), 0) nulls last,
                first_scored_at desc, score_version) as preference
            from {SCHEMA}.versions) as ranked
        where versions.score_version = ranked.score_version""",
        [best],
    )
    connection.commit()


def _select_loads(connection: duckdb.DuckDBPyConnection, condition: str) -> None:
    connection.execute(
        "create or replace temp table wanted_loads as"
        f" select source, load_id from untaken_loads where {condition}"
    )


def _wanted(step: _Pass, version: str) -> tuple[int, int]:
    """Number the texts of `wanted_loads` that have no score of the version, newest first; how many
    distinct texts there are, and how many are wanted."""
    connection = step.connection
    connection.execute(f"create or replace temp table said as {texts_of('wanted_loads')}")
    pattern = topic_pattern(step.scorer.topics) if step.scorer.topics else None
    if pattern is not None:
        clauses = clauses_of("said", content_hash("text", "lang_hint"))
        connection.execute(
            f"insert into said from ({clauses}) as clauses anti join said using (content_hash)",
            [pattern, pattern],
        )
    connection.execute(
        f"""create or replace temp table wanted as
        select row_number() over (order by sent_at desc nulls last, content_hash) as place,
            content_hash, text, lang_hint
        from said
        where content_hash not in
            (select content_hash from {SCHEMA}.message_scores where score_version = ?)
        order by place""",
        [version],
    )
    said = connection.execute("select count(*) from said").fetchone() or (0,)
    connection.execute("drop table said")
    return int(said[0]), _wanted_count(connection)


def _wanted_count(connection: duckdb.DuckDBPyConnection) -> int:
    (count,) = connection.execute("select count(*) from wanted").fetchone() or (0,)
    return int(count)


def _score_wanted(step: _Pass, limit: int | None, before: int, engine: str = "") -> int:
    """Score the first `limit` texts of `wanted`, a transaction a block; how many."""
    block = EMBED_BLOCK_ROWS if engine else BLOCK_ROWS
    scorer, connection = step.scorer, step.connection
    artefact = scorer.embed_artefact if engine else scorer.artefact
    count = _wanted_count(connection)
    last = count if limit is None else min(count, limit)
    for start in range(0, last, block):
        texts = connection.execute(
            "select content_hash, text, lang_hint from wanted"
            " where place > ? and place <= ? order by place",
            [start, min(start + block, last)],
        ).to_arrow_table()
        scores = score_table(
            texts, scored_at=step.scored_at, engine=engine or scorer.engine, artefact=artefact
        )
        connection.begin()
        connection.register("found_scores", scores)
        connection.execute(
            f"insert into {SCHEMA}.message_scores by name select *, (select coalesce(max(batch), 0)"
            f" + 1 from {SCHEMA}.message_scores) as batch from found_scores"
        )
        connection.commit()
        connection.unregister("found_scores")
        failpoints.hit("score.block")
        step.done(before + min(start + block, last))
    return last


def _take_loads(connection: duckdb.DuckDBPyConnection, version: str) -> None:
    connection.execute(
        f"insert into {SCHEMA}.taken_loads select ?, source, load_id from wanted_loads", [version]
    )


def _embed(step: _Pass, before: int) -> int:
    """Score with `embed` what the engine was unsure of, newest first, within the limit."""
    version = score_version("embed", step.scorer.embed_artefact)
    connection = step.connection
    connection.execute("create or replace temp table wanted_loads as " + committed_loads())
    connection.execute(
        f"create or replace temp table wanted as {cascade_texts('wanted_loads')}",
        [step.scorer.version, version, step.scorer.embed_limit],
    )
    return _score_wanted(step, None, before, "embed")
