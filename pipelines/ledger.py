"""The ledger: what every run did, in SQLite, readable by any command at any time.

It is no DuckDB file because a DuckDB file held by a writer cannot be read by another process, and
`ror status` must work during a run. All times are ISO 8601 texts in UTC.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.clock import Clock, SystemClock
from pipelines.errors import ExitCode, RorError, place_of

SCHEMA = """
create table if not exists runs (
    run_id text primary key, started_at text not null, finished_at text, status text not null,
    as_of text not null, command text not null, versions text not null, git_sha text,
    pid integer not null, pid_start_ticks integer not null, dagster_run_id text);
create table if not exists phases (
    phase_id integer primary key, run_id text not null, phase text not null, source text,
    started_at text not null, finished_at text, result text, rows_in integer, rows_out integer,
    error_line text, exit_code integer);
create table if not exists heartbeats (
    run_id text primary key, beat_at text not null, phase text not null, progress integer not null,
    progressed_at text not null);
create table if not exists loads (
    run_id text not null, source text not null, load_id text not null, status text not null,
    row_count integer, primary key (source, load_id));
create table if not exists table_counts (
    run_id text not null, layer text not null, table_name text not null, row_count integer not null,
    content_hash text, recorded_at text not null, primary key (run_id, layer, table_name));
create table if not exists publications (
    run_id text primary key, sha256 text not null, byte_count integer not null,
    flipped_at text not null, withdrawn_at text);
create table if not exists quality_results (
    run_id text not null, check_id text not null, suite text not null, table_schema text not null,
    table_name text not null, column_name text, expectation text not null, severity text not null,
    outcome text not null, observed real, limit_text text, because text, evaluated_at text not null,
    primary key (run_id, check_id));
create table if not exists alerts (
    alert_id integer primary key, run_id text, rule text not null, subject text not null,
    level text not null, alert_text text not null, raised_at text not null);
create table if not exists switches (name text primary key, value text not null);
"""


@dataclass
class Phase:
    """A phase in progress; the work fills in what went in and came out.

    `result`: ok, degraded, blocked or failed; `note`: one line for the person who reads the status.
    """

    rows_in: int | None = None
    rows_out: int | None = None
    result: str = "ok"
    note: str | None = None
    exit_code: int | None = None


class Ledger:
    """The ledger file; every call is one transaction: a kill leaves no half-written fact."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self.path = path
        self.clock = clock or SystemClock()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._connection() as con:
            con.executescript(SCHEMA)
        path.chmod(0o600)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=30)) as con:
            con.row_factory = sqlite3.Row
            con.execute("pragma journal_mode=wal")
            con.execute("pragma synchronous=full")
            with con:
                yield con

    def _write(self, sql: str, values: Sequence[object] = ()) -> int:
        with self._connection() as con:
            return con.execute(sql, values).lastrowid or 0

    def _read(self, sql: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        with self._connection() as con:
            return [dict(row) for row in con.execute(sql, values)]

    def _now(self) -> str:
        return self.clock.now().isoformat()

    # Runs and phases

    def start_run(self, run_id: str, as_of: str, command: str, facts: Mapping[str, Any]) -> None:
        """Record a run before it works; `facts`: versions, git_sha, pid, pid_start_ticks."""
        versions = json.dumps(facts["versions"])
        process = [facts["pid"], facts["pid_start_ticks"], facts.get("dagster_run_id")]
        self._write(
            "insert into runs values (?, ?, null, 'running', ?, ?, ?, ?, ?, ?, ?)",
            [run_id, self._now(), as_of, command, versions, facts.get("git_sha"), *process],
        )

    def finish_run(self, run_id: str, status: str) -> None:
        """Close a run as ok, degraded, blocked, failed or crashed."""
        self._write(
            "update runs set finished_at = ?, status = ? where run_id = ?",
            [self._now(), status, run_id],
        )

    @contextmanager
    def phase(self, run_id: str, name: str, source: str | None = None) -> Iterator[Phase]:
        """A phase row written before the work starts and completed after it.

        An exception closes it as `failed` with its line; a RorError brings its exit code.
        """
        phase_id = self._write(
            "insert into phases (run_id, phase, source, started_at) values (?, ?, ?, ?)",
            [run_id, name, source, self._now()],
        )
        self.beat(run_id, name, 0)
        phase = Phase()
        try:
            yield phase
        except RorError as error:
            phase.result = "blocked" if error.code is ExitCode.BLOCKED else "failed"
            phase.note, phase.exit_code = error.line(), int(error.code)
            raise
        except Exception as error:
            phase.result, phase.exit_code = "failed", int(ExitCode.DEFECT)
            kind, place = type(error).__name__, place_of(error)
            phase.note = f"{name}: unexpected {kind} at {place}; next: ror --debug run"
            raise
        finally:
            self._write(
                "update phases set finished_at = ?, result = ?, rows_in = ?, rows_out = ?,"
                " error_line = ?, exit_code = ? where phase_id = ?",
                [self._now(), phase.result, phase.rows_in, phase.rows_out, phase.note,
                 phase.exit_code, phase_id],
            )  # fmt: skip

    def beat(self, run_id: str, phase: str, progress: int) -> None:
        """Say that the run lives; `progress` counts pages, rows, models or tables of the phase."""
        now = self._now()
        self._write(
            "insert into heartbeats values (?, ?, ?, ?, ?)"
            " on conflict (run_id) do update set beat_at = ?,"
            " progressed_at = case when phase = excluded.phase and progress = excluded.progress"
            " then progressed_at else excluded.progressed_at end,"
            " phase = excluded.phase, progress = excluded.progress",
            [run_id, now, phase, progress, now, now],
        )

    def pulse(self, run_id: str) -> None:
        """Say that the process lives, without claiming progress."""
        self._write("update heartbeats set beat_at = ? where run_id = ?", [self._now(), run_id])

    def runs(self, limit: int = 100) -> list[dict[str, Any]]:
        """Runs, newest first."""
        return self._read("select * from runs order by run_id desc limit ?", [limit])

    def phases(self, run_id: str) -> list[dict[str, Any]]:
        """Phases of a run in the order of their start."""
        return self._read("select * from phases where run_id = ? order by phase_id", [run_id])

    def heartbeat(self, run_id: str) -> dict[str, Any] | None:
        """Last sign of life of a run."""
        return next(iter(self._read("select * from heartbeats where run_id = ?", [run_id])), None)

    # Evidence

    def record_load(
        self, run_id: str, source: str, load_id: str, status: str, rows: int | None
    ) -> None:
        """Record a load package of a source."""
        self._write(
            "insert or replace into loads values (?, ?, ?, ?, ?)",
            [run_id, source, load_id, status, rows],
        )

    def record_counts(
        self,
        run_id: str,
        layer: str,
        counts: Mapping[str, int],
        hashes: Mapping[str, str] | None = None,
    ) -> None:
        """Record rows per table of a layer (raw, build, published), with hashes where known."""
        now = self._now()
        with self._connection() as con:
            con.executemany(
                "insert or replace into table_counts values (?, ?, ?, ?, ?, ?)",
                [
                    (run_id, layer, table, count, (hashes or {}).get(table), now)
                    for table, count in counts.items()
                ],
            )

    def last_counts(self, layer: str) -> dict[str, int]:
        """Rows per table as last recorded for the layer."""
        rows = self._read(
            "select table_name, row_count from table_counts where layer = ? and run_id ="
            " (select run_id from table_counts where layer = ?"
            " order by recorded_at desc, run_id desc limit 1)",
            [layer, layer],
        )
        return {row["table_name"]: row["row_count"] for row in rows}

    def record_quality(self, run_id: str, results: Sequence[Mapping[str, Any]]) -> None:
        """Record check results; the keys are the columns of `quality_results` without run_id."""
        names = (
            "check_id", "suite", "table_schema", "table_name", "column_name", "expectation",
            "severity", "outcome", "observed", "limit_text", "because", "evaluated_at",
        )  # fmt: skip
        marks = ", ".join("?" for _ in range(len(names) + 1))
        with self._connection() as con:
            con.executemany(
                f"insert or replace into quality_results values ({marks})",
                [(run_id, *(result[name] for name in names)) for result in results],
            )

    def quality_results(self, run_id: str) -> list[dict[str, Any]]:
        """Check results of one run."""
        return self._read(
            "select * from quality_results where run_id = ? order by check_id", [run_id]
        )

    def baselines(self, nights: int = 60) -> dict[str, list[dict[str, Any]]]:
        """Values that good runs observed, per check, newest first.

        `{check_id: [{run_id, as_of, weekday, value}]}`; `weekday` of `as_of`, Monday = 0.
        """
        rows = self._read(
            "select q.check_id, q.run_id, r.as_of,"
            " (cast(strftime('%w', r.as_of) as integer) + 6) % 7 as weekday, q.observed as value"
            " from quality_results q join runs r using (run_id)"
            " where r.status in ('ok', 'degraded') and q.observed is not null"
            " order by q.run_id desc limit ?",
            [nights * 200],
        )  # fmt: skip
        found: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            found.setdefault(row.pop("check_id"), []).append(row)
        return found

    # Publications

    def record_publication(self, run_id: str, sha256: str, byte_count: int) -> None:
        """Record that readers see this run now; recording it twice changes nothing."""
        self._write(
            "insert into publications values (?, ?, ?, ?, null)"
            " on conflict (run_id) do update set withdrawn_at = null",
            [run_id, sha256, byte_count, self._now()],
        )

    def withdraw_publication(self, run_id: str) -> None:
        """Record that readers were taken back from this run."""
        self._write(
            "update publications set withdrawn_at = ? where run_id = ?", [self._now(), run_id]
        )

    def publications(self) -> list[dict[str, Any]]:
        """Publications, newest first."""
        return self._read("select * from publications order by run_id desc")

    def set_hold(self, is_held: bool) -> None:
        """Stop or allow nightly publishing."""
        self._write("insert or replace into switches values ('hold', ?)", [str(int(is_held))])

    def is_held(self) -> bool:
        """Whether nightly publishing is stopped."""
        return self._read("select value from switches where name = 'hold'") == [{"value": "1"}]

    # Alerts

    def alert(self, run_id: str | None, rule: str, subject: str, level: str, text: str) -> bool:
        """Record an alert; False when the same rule and subject was raised in the last 24 hours."""
        recent = self._read(
            "select 1 from alerts where rule = ? and subject = ?"
            " and julianday(raised_at) > julianday(?) - 1",
            [rule, subject, self._now()],
        )
        self._write(
            "insert into alerts (run_id, rule, subject, level, alert_text, raised_at)"
            " values (?, ?, ?, ?, ?, ?)",
            [run_id, rule, subject, level, text, self._now()],
        )
        return not recent

    def alerts(self, limit: int = 100) -> list[dict[str, Any]]:
        """Alerts, newest first."""
        return self._read("select * from alerts order by alert_id desc limit ?", [limit])
