from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import ExitCode, RorError
from pipelines.publish import PublishedTable, published_tables


def _node(**changes: Any) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "schema": "marts",
        "name": "responses",
        "alias": "responses",
        "description": "One row per turn.\n  It counts.",
        "columns": {
            "network": {"name": "network", "description": "Network."},
            "turn_id": {"name": "turn_id", "description": ""},
        },
        "config": {"meta": {"publish": True}},
    } | changes


def _manifest(folder: Path, *nodes: dict[str, Any]) -> Path:
    path = folder / "manifest.json"
    path.write_text(json.dumps({"nodes": {str(i): node for i, node in enumerate(nodes)}}))
    return path


def test_published_tables_of_a_manifest_then_only_public_ones_with_declared_columns(
    tmp_path: Path,
) -> None:
    manifest = _manifest(
        tmp_path,
        _node(config={"meta": {"publish": True, "order_by": ["network"]}}),
        _node(resource_type="seed", schema="reference", name="brands", alias="brands"),
        _node(name="not_public", alias="not_public", config={"meta": {}}),
        _node(name="said_as_text", alias="said_as_text", config={"meta": {"publish": "true"}}),
        _node(schema="intermediate", name="int_turns", alias="int_turns"),
        _node(resource_type="test", name="unique_turn"),
    )
    columns = (("network", "Network."), ("turn_id", ""))
    assert published_tables(manifest) == [
        PublishedTable("marts", "responses", columns, "One row per turn. It counts.", ("network",)),
        PublishedTable("reference", "brands", columns, "One row per turn. It counts."),
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"columns": {}}, "declares no column"),
        ({"config": {"meta": {"publish": True, "order_by": ["age"]}}}, "order_by names age"),
    ],
)
def test_published_tables_with_a_wrong_declaration_then_exit_78_names_it(
    tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(RorError, match=why) as caught:
        published_tables(_manifest(tmp_path, _node(**changes)))
    assert (caught.value.code, caught.value.where) == (ExitCode.CONFIGURATION, "marts.responses")


def test_published_tables_without_a_manifest_then_exit_78(tmp_path: Path) -> None:
    with pytest.raises(RorError, match="no dbt manifest") as caught:
        published_tables(tmp_path / "manifest.json")
    assert caught.value.code is ExitCode.CONFIGURATION
