"""Small feeds and files for the tests of reading and checking."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.files.feeds import Feed, load_feed
from pipelines.files.read import FileBatch, read_file
from pipelines.settings import Settings

FEEDS = Path(__file__).resolve().parents[2] / "feeds"
NOW = datetime(2026, 7, 1, tzinfo=UTC)


def shipped_feed(name: str) -> Feed:
    return load_feed(FEEDS / f"{name}.yml")


def make_feed(columns: dict[str, Any], entity: str = "orders", **values: Any) -> Feed:
    one = {"entity": entity, "columns": columns}
    one |= {k: values.pop(k) for k in ("where", "unpivot", "version", "deleted") if k in values}
    return Feed.model_validate({"feed": "sample", "format": "csv", "entities": [one]} | values)


def order_feed(**values: Any) -> Feed:
    columns: dict[str, Any] = {
        "order_id": "id",
        "ordered_at": "at",
        "gross_minor": "sum",
        "currency": "currency",
    }
    return make_feed(columns | values.pop("columns", {}), **values)


def read_all(
    feed: Feed, path: Path, now: datetime = NOW, **settings: Any
) -> tuple[dict[str, pa.Table], list[dict[str, Any]], list[FileBatch]]:
    """All accepted rows per entity, all rejects, all batches."""
    batches = list(read_file(feed, path, path.name, Settings(**settings), now))
    names = batches[0].entities if batches else {}
    tables = {n: pa.concat_tables([b.entities[n] for b in batches]) for n in names}
    return tables, [r for b in batches for r in b.rejects.to_pylist()], batches


def read_rows(feed: Feed, path: Path, **values: Any) -> list[dict[str, Any]]:
    """Accepted rows of the feed's only entity."""
    tables, _, _ = read_all(feed, path, **values)
    return [row for table in tables.values() for row in table.to_pylist()]


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
