"""JSON Schemas of our own, one file per API; `$defs` has a name for each kind of reply."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

FOLDER = Path(__file__).resolve().parents[1] / "contract" / "schemas"


class Schemas:
    """The replies of one API."""

    def __init__(self, api: str) -> None:
        self.whole: dict[str, Any] = json.loads((FOLDER / f"{api}.json").read_text("utf-8"))
        Draft202012Validator.check_schema(self.whole)

    @property
    def names(self) -> set[str]:
        return set(self.whole["$defs"])

    def problems(self, name: str, body: Any) -> list[str]:
        """Where and why the body is not what the name says; empty when it is."""
        validator = Draft202012Validator({**self.whole, "$ref": f"#/$defs/{name}"})
        found = sorted(validator.iter_errors(body), key=lambda error: error.json_path)
        return [f"{error.json_path}: {error.message}" for error in found]
