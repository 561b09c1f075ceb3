"""Pages as rows: what is read where, what is refused, what stays out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.contract import ColumnType, PiiKind
from pipelines.http import Anonymous, Origins, Service
from pipelines.loading.api.mapping import Mapper
from pipelines.privacy import Pseudonymiser, Vault, load_key
from pipelines.settings import load_settings
from pipelines.sources.reading import Page
from pipelines.sources.spec import Field, Kind, Resource, Source, metrics_resource

NOW = datetime(2026, 6, 1, tzinfo=UTC)
T, TS = ColumnType.TEXT, ColumnType.TIMESTAMP


NOTES = Resource(
    "notes", "note", Kind.VERSION, ("id",),
    (
        Field("id", T, "Id.", (), True),
        Field("changed_at", TS, "Stamp.", ("meta", "changed"), True),
        Field("author", T, "Who.", ("who", "id"), pii=PiiKind.PROFILE),
        Field("folder", T, "Where."),
        Field("ended_flag", ColumnType.BOOLEAN, "Ended.", ("gone",)),
    ),
    version_at="changed_at", counters={"stars": ("starCount",)},
    ended=Field("is_gone", ColumnType.BOOLEAN, "Ended.", ("gone",)), private=frozenset({"secretive"}),
)  # fmt: skip
SOURCE = Source(
    "notepad", "Notepad", "1", dict, lambda _c: Service("notepad", Origins("https://x.example")),
    lambda _c: Anonymous(), (NOTES, metrics_resource()), lambda _r: None,
    window=NOW - NOW,
)  # fmt: skip


@pytest.fixture
def mapper(tmp_path: Path) -> Iterator[Mapper]:
    settings = load_settings(home=tmp_path)
    key = load_key(settings)
    with Vault(tmp_path / "vault.duckdb", key) as vault:
        yield Mapper(SOURCE, Pseudonymiser(key, vault, NOW), NOW, "2026-05-31")


def note(**values: Any) -> dict[str, Any]:
    return {"id": "1", "meta": {"changed": "2026-05-01T00:00:00Z"}} | values


def rows(table: pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def test_map_when_values_are_nested_or_beside_then_both_are_found(mapper: Mapper) -> None:
    page = Page([note(who={"id": "did:1"}, extra=[1], secretive="x")], "acc", {"folder": "in"})
    (row,) = rows(mapper.map(NOTES, page).tables[NOTES])
    assert row["_native_id"] == "1"
    assert row["_account_id"] == "acc"
    assert row["folder"] == "in"
    assert row["author_key"].startswith("k1_")
    assert row["_version_at"] == datetime(2026, 5, 1, tzinfo=UTC)
    assert row["_payload"] == '{"extra":[1]}'  # neither what is declared nor what is private
    assert "author" not in row


def test_map_when_a_counter_is_absent_then_unknown_and_not_zero(mapper: Mapper) -> None:
    mapped = mapper.map(NOTES, Page([note(starCount=0), note(id="2")]))
    metrics = rows(mapped.tables[SOURCE.resource("metrics")])
    values = [(m["object_id"], m["metric"], m["value"], m["reason"], m["slot"]) for m in metrics]
    assert values == [
        ("1", "stars", 0.0, None, "2026-05-31"),
        ("2", "stars", None, "not_reported", "2026-05-31"),
    ]


def test_map_when_one_of_two_counters_is_unreadable_then_it_alone_is_refused(
    mapper: Mapper,
) -> None:
    counted = replace(NOTES, counters={"stars": ("starCount",), "views": ("seen", "total")})
    good, odd = note(starCount=3, seen={"total": 9}), note(id="2", starCount="many", seen={})
    mapped = mapper.map(counted, Page([good, odd], "acc"))
    metrics = rows(mapped.tables[SOURCE.resource("metrics")])
    assert [(m["_native_id"], m["value"], m["_account_id"]) for m in metrics] == [
        ("notes|1|stars||lifetime||2026-05-31", 3.0, "acc"),
        ("notes|1|views||lifetime||2026-05-31", 9.0, "acc"),
        ("notes|2|views||lifetime||2026-05-31", None, "acc"),
    ]
    (reject,) = mapped.rejects
    assert (reject.resource, reject.reason, reject.field) == ("metrics", "bad_type", "stars")
    assert reject.item is odd


@pytest.mark.parametrize(
    ("item", "reason", "field"),
    [
        ({"meta": {"changed": "2026-05-01T00:00:00Z"}}, "missing_key", "id"),
        (note(id=""), "missing_key", "id"),
        (note(meta={"changed": "soon"}), "bad_type", "changed_at"),
        (note(meta={"changed": "2026-06-02T00:00:01Z"}), "out_of_range", "changed_at"),
        (note(meta="?"), "missing_key", "changed_at"),
        ("no object", "no_object", None),
    ],
    ids=["no id", "empty id", "no time", "from the future", "another shape", "a text"],
)
def test_map_when_an_object_is_unfit_then_refused_alone(
    mapper: Mapper, item: Any, reason: str, field: str | None
) -> None:
    mapped = mapper.map(NOTES, Page([note(), item]))
    assert [row["_native_id"] for row in rows(mapped.tables[NOTES])] == ["1"]
    (reject,) = mapped.rejects
    assert (reject.reason, reject.field, reject.item) == (reason, field, item)
    assert mapped.rows_read == 2


def test_map_when_the_source_says_ended_then_marked(mapper: Mapper) -> None:
    table = mapper.map(NOTES, Page([note(gone=True), note(id="2"), note(id="3", gone=None)]))
    assert [row["_is_deleted"] for row in rows(table.tables[NOTES])] == [True, False, False]


def test_map_when_the_same_person_writes_twice_then_one_key(mapper: Mapper) -> None:
    page = Page([note(who={"id": "did:1"}), note(id="2", who={"id": "did:1"})])
    keys = {row["author_key"] for row in rows(mapper.map(NOTES, page).tables[NOTES])}
    assert len(keys) == 1


def test_resource_when_declared_wrongly_then_it_says_which_field() -> None:
    with pytest.raises(ValueError, match="notes: other is no field"):
        Resource("notes", "note", Kind.STATE, ("other",), NOTES.fields)
    with pytest.raises(ValueError, match="a version needs version_at"):
        Resource("notes", "note", Kind.VERSION, ("id",), NOTES.fields)
    with pytest.raises(ValueError, match="a field is declared twice"):
        Resource("notes", "note", Kind.STATE, ("id",), (NOTES.fields[0],) * 2)
