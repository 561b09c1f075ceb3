"""Run the product as a user does: the `ror` command in a home of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

ROR = [sys.executable, "-m", "pipelines.cli"]
FEEDS = Path(__file__).resolve().parents[1] / "feeds"
# Doubles to the twelfth digit: the last bit of a sum may depend on the order in which rows came.
HASHES = """
    select table_schema, table_name, string_agg(
        if(data_type = 'DOUBLE', 'round("' || column_name || '", 12)', '"' || column_name || '"'),
        ', ' order by column_name)
    from information_schema.columns
    where table_schema in ('marts', 'reference') and column_name <> 'run_id' group by all"""


class Home:
    """A home folder and the commands run in it."""

    def __init__(self, path: Path, **settings: str) -> None:
        self.path = path
        self.settings = {f"ROR_{name.upper()}": value for name, value in settings.items()}
        path.mkdir(parents=True, exist_ok=True)

    def ror(
        self, *arguments: str, check: bool = True, **variables: str
    ) -> subprocess.CompletedProcess:
        """Run one command; a failure shows everything it printed."""
        done = subprocess.run(
            [*ROR, "--home", str(self.path), *arguments],
            env=self.environment(variables), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start a command and go on."""
        return subprocess.Popen(
            [*ROR, "--home", str(self.path), *arguments],
            env=self.environment({}), stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def environment(self, variables: dict[str, str]) -> dict[str, str]:
        """Variables of a command in this home."""
        return dict(os.environ) | {"ROR_SETTLE_SECONDS": "0"} | self.settings | variables

    def drop(self, feed: str, file: Path, name: str | None = None) -> None:
        """Declare a feed of tests/feeds and put a file into its inbox."""
        feeds, inbox = self.path / "feeds", self.path / "drop" / feed
        feeds.mkdir(exist_ok=True)
        inbox.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FEEDS / f"{feed}.yml", feeds / f"{feed}.yml")
        shutil.copyfile(file, inbox / (name or file.name))

    @property
    def served(self) -> Path:
        """The file that readers open."""
        return self.path / "published" / "current" / "warehouse.duckdb"

    def query(self, sql: str) -> list[tuple]:
        """Rows of a query on the served file."""
        with duckdb.connect(str(self.served), read_only=True) as con:
            return con.execute(sql).fetchall()

    def digests(self) -> dict[str, tuple]:
        """Rows and content of every published mart, without the run that published it."""
        with duckdb.connect(str(self.served), read_only=True) as con:
            return {
                f"{schema}.{table}": con.execute(
                    f"select count(*), sum(hash({columns})::hugeint) from {schema}.{table}"
                ).fetchone()
                for schema, table, columns in con.execute(HASHES).fetchall()
            }
