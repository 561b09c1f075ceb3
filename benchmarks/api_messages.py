"""A million messages from prepared pages of an API, through mapping, quarantine and landing.

No network is waited for: pages lie in a file, a transport hands them to the real kernel. Beside it,
in the same run: dlt's own way (dicts into its normaliser, a tenth of the rows) and DuckDB's JSON
reader over the same objects as the floor. Prints rows/s, CPU and peak memory of each.
Options: --rows N --peer-rows N. One part alone, as the parent runs it: --part ours|dlt|duckdb.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.measure import measure

PAGE_ROWS = 200
DID = "did:plc:benchmarkbrand0000000000"
PARTS = ("ours", "dlt", "duckdb")


def post(number: int) -> dict[str, Any]:
    """One reply as the AppView shows it; about 700 bytes of JSON."""
    author = f"did:plc:{number % 50_000:024}"
    root = f"at://{DID}/app.bsky.feed.post/{number % 20_000:013}"
    return {
        "uri": f"at://{author}/app.bsky.feed.post/{number:013}",
        "cid": f"bafyrei{number:052}",
        "author": {"did": author, "handle": f"person-{number % 50_000}.example", "labels": []},
        "record": {
            "$type": "app.bsky.feed.post",
            "text": f"Where is order {number}? It was promised for Tuesday, and nobody answers.",
            "createdAt": "2026-05-01T10:00:00.000Z",
            "langs": ["en"],
            "reply": {"root": {"uri": root, "cid": "x"}, "parent": {"uri": root, "cid": "x"}},
        },
        "replyCount": 0, "repostCount": 0, "likeCount": number % 7, "quoteCount": 0,
        "bookmarkCount": 0, "indexedAt": "2026-05-01T10:00:01.000Z", "labels": [],
    }  # fmt: skip


def write_pages(folder: Path, rows: int) -> None:
    """One JSON object per line: the objects, and the pages that hold them."""
    with (folder / "objects.jsonl").open("wb") as objects, (folder / "pages").open("wb") as pages:
        for first in range(0, rows, PAGE_ROWS):
            page = [post(n) for n in range(first, min(first + PAGE_ROWS, rows))]
            texts = [json.dumps(item, separators=(",", ":")).encode() for item in page]
            objects.write(b"\n".join(texts) + b"\n")
            cursor = b"" if first + PAGE_ROWS >= rows else b'"cursor":"%d",' % first
            pages.write(b'{%b"posts":[%b]}\n' % (cursor, b",".join(texts)))


def ours(folder: Path) -> None:
    """The kernel, the mapper and the loader, as a night runs them."""
    from pipelines.clock import SystemClock
    from pipelines.context import RunContext
    from pipelines.home import prepare_home
    from pipelines.http import BodyCursor, Reply, Request
    from pipelines.http.body import parse_json
    from pipelines.ledger import Ledger
    from pipelines.loading import load_api
    from pipelines.loading.api import session
    from pipelines.settings import load_settings
    from pipelines.sources.bluesky import BLUESKY
    from pipelines.sources.reading import Page, Reading

    class Prepared:
        def __init__(self) -> None:
            self.pages = (folder / "pages").open("rb")

        def send(self, _wire: Any) -> Reply:
            body = self.pages.readline()
            headers = {"content-type": "application/json"}
            return Reply(200, headers, body, parse_json(body), is_json=True)

    def read(reading: Reading) -> Iterator[Page]:
        request = Request("posts", "/posts", rows_path=("posts",))
        for answer in reading.listing(request, BodyCursor(("cursor",), "cursor")):
            yield Page(answer.rows, DID, {"is_own": False})

    posts = replace(BLUESKY.resource("posts"), read=read)
    resources = tuple(
        posts if r.name == "posts" else replace(r, read=lambda _: iter(()))
        for r in BLUESKY.resources
    )
    session.Kernel = functools.partial(session.Kernel, transport=Prepared())  # type: ignore[assignment,misc]
    os.environ["SOURCES__BLUESKY__ACCOUNTS"] = json.dumps([DID])
    settings, clock = load_settings(home=folder / "home"), SystemClock()
    prepare_home(settings)
    ledger, now = Ledger(settings.ledger_file, clock), clock.now()
    facts: dict[str, Any] = {"versions": {}, "pid": 1, "pid_start_ticks": 1}
    ledger.start_run("bench", now.isoformat(), "bench", facts)
    run = RunContext("bench", now, now, settings, clock, ledger)
    result = load_api(replace(BLUESKY, resources=resources), run)
    print(json.dumps(dict(result.rows)))


def through_dlt(folder: Path) -> None:
    """The same pages as lists of dicts, as a connector on dlt's own client would yield them."""
    import dlt
    from dlt.destinations import duckdb as duckdb_destination

    def read() -> Iterator[list[dict[str, Any]]]:
        with (folder / "pages").open("rb") as pages:
            for line in pages:
                yield json.loads(line)["posts"]

    pipeline = dlt.pipeline(
        "bench", pipelines_dir=str(folder / "dlt"), dataset_name="raw",
        destination=duckdb_destination(credentials=str(folder / "dlt.duckdb")),
    )  # fmt: skip
    pipeline.run(dlt.resource(read, name="posts", write_disposition="append", max_table_nesting=0))


def through_duckdb(folder: Path) -> None:
    """The floor: DuckDB reads the objects and stores the same columns, unchecked."""
    import duckdb

    with duckdb.connect(str(folder / "floor.duckdb")) as con:
        con.execute("set threads = 2; set memory_limit = '500MB'")
        con.execute(
            "create table posts as select uri, cid, author.did as author_did, record.text as text,"
            " record.langs as langs, record.createdAt as declared_at, indexedAt as indexed_at,"
            " record.reply.parent.uri as parent_uri, record.reply.root.uri as root_uri,"
            f" likeCount, replyCount from read_json('{folder}/objects.jsonl')"
        )


def main() -> None:
    """Measure all three, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--peer-rows", type=int, default=100_000)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.part:
        run = {"ours": ours, "dlt": through_dlt, "duckdb": through_duckdb}[options.part]
        run(options.folder)
        return
    print("part        rows      wall s   CPU s  peak MB     rows/s")
    for part in PARTS:
        rows = options.peer_rows if part == "dlt" else options.rows
        with tempfile.TemporaryDirectory(prefix="ror-bench-") as folder:
            write_pages(Path(folder), rows)
            own = {"ROR_PSEUDONYM_KEY": "00" * 31 + "01", "RUNTIME__DLTHUB_TELEMETRY": "false"}
            command = [sys.executable, "-m", "benchmarks.api_messages"]
            done = measure([*command, "--part", part, "--folder", folder], dict(os.environ) | own)
        print(
            f"{part:<8} {rows:>9,} {done.wall:>9.1f} {done.cpu:>7.1f} {done.peak_mb:>8,.0f}"
            f" {rows / done.wall:>10,.0f}  {done.output.strip()[-80:]}"
        )


if __name__ == "__main__":
    main()
