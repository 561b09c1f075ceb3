"""Feed files: what a team declares about a kind of file so that it loads. One YAML, no code.

A feed says how its files look (format, encoding, delimiter, decimal sign, time zone) and which
contract entities they feed. `docs/feeds.md` shows every field with an example;
`ror feed infer FILE` drafts one.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from pipelines import contract
from pipelines.errors import ExitCode, RorError

LINE = "$line"  # pseudo header: physical line where the record begins
FILE = "$file"  # pseudo header: name of the file without its suffixes
PSEUDO_HEADERS = (LINE, FILE)
# Fields that say when to worry, not how a file is read.
NOT_READING = {"text", "glob", "max_bad_share", "expected_every_days", "is_required"}


class Format(StrEnum):
    """How the file is read. Each may also come as `.gz`; `whitespace`: separated by blanks."""

    CSV = "csv"
    TSV = "tsv"
    WHITESPACE = "whitespace"
    XLSX = "xlsx"
    JSONL = "jsonl"
    PARQUET = "parquet"


class Mode(StrEnum):
    """What a file means for the rows that came before.

    snapshot: a file with the name of an earlier one replaces that file's rows as a whole.
    corrections: rows replace earlier rows of the same key, all others stay.
    append: rows are added; a key seen before is a newer version of it.
    """

    SNAPSHOT = "snapshot"
    CORRECTIONS = "corrections"
    APPEND = "append"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Mapping(_Strict):
    """Where a contract column comes from: exactly one of `source`, `value`, `expression`.

    source: a header (or several: the first that is not empty), `$line` or `$file`.
    value: a constant. expression: DuckDB SQL over the headers, all of them text.
    map: replaces values of `source`; a value that it does not list is refused (`not_allowed`)
    unless `"*"` is a key.
    """

    source: tuple[str, ...] = Field(default=(), alias="from")
    value: str | None = None
    expression: str | None = None
    map: dict[str, str | None] | None = None

    @field_validator("source", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else tuple(value)

    @model_validator(mode="after")
    def _exactly_one(self) -> Mapping:
        if sum((bool(self.source), self.value is not None, self.expression is not None)) != 1:
            raise ValueError("needs exactly one of: from, value, expression")
        return self


def _as_mapping(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


MappingField = Annotated[Mapping, BeforeValidator(_as_mapping)]


class Unpivot(_Strict):
    """Turns a record with many number columns into a row per column: `{header: metric name}`."""

    name: str = "metric"
    value: str = "value"
    headers: dict[str, str]


class EntityMapping(_Strict):
    """How records feed one contract entity.

    where: DuckDB SQL over the headers; only records for which it is true feed this entity.
    version: where the time comes from that orders versions of one key; default: the entity's
    `updated_at`, else the period in the file's name.
    deleted: DuckDB SQL; true says that the object was deleted upstream.
    """

    entity: str
    columns: dict[str, MappingField]
    where: str | None = None
    version: MappingField | None = None
    deleted: str | None = None
    unpivot: Unpivot | None = None

    @model_validator(mode="after")
    def _known(self) -> EntityMapping:
        try:
            entity = contract.entity(self.entity)
        except KeyError as error:
            raise ValueError(str(error.args[0])) from error
        known = {column.name for column in entity.columns}
        if unknown := sorted(set(self.columns) - known):
            raise ValueError(
                f"{self.entity} has no column {unknown[0]!r}; it has: {', '.join(sorted(known))}"
            )
        given = set(self.columns) | (
            {self.unpivot.name, self.unpivot.value} if self.unpivot else set()
        )
        required = {column.name for column in entity.columns if column.is_required}
        if missing := sorted(required - given):
            raise ValueError(f"{self.entity} needs a mapping for {', '.join(missing)}")
        return self


class Feed(_Strict):
    """One declared kind of file; `feed` is also the name of its folder under `drop/`."""

    feed: str
    entities: tuple[EntityMapping, ...] = Field(min_length=1)
    text: str = ""
    glob: str = "*"
    format: Format
    encoding: str = "auto"
    encoding_fallbacks: tuple[str, ...] = ()
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    quote: str = Field(default='"', max_length=1)
    decimal: str = Field(default=".", pattern=r"^[.,]$")
    thousands: str = Field(default="", pattern=r"^[.,' \u00a0\u202f]?$")
    time_zone: str = "UTC"
    date_formats: tuple[str, ...] = ()
    epoch_unit: str | None = Field(default=None, pattern="^(s|ms|us)$")
    null_values: tuple[str, ...] = ("",)
    true_values: tuple[str, ...] = ("true", "True", "TRUE", "1")
    false_values: tuple[str, ...] = ("false", "False", "FALSE", "0")
    headers: tuple[str, ...] = ()  # names for a file without a header row
    header_row: int = Field(default=1, ge=1)
    sheet: str | None = None
    mode: Mode = Mode.SNAPSHOT
    period: str | None = None  # regular expression with one group: a date in the file's name
    max_bad_share: float | None = Field(default=None, ge=0, le=1)
    expected_every_days: int | None = Field(default=None, ge=1)
    is_required: bool = False

    @field_validator("feed")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", value) or value in ("archive", "rejected"):
            raise ValueError(
                "must be lower case letters, digits and _, and neither archive nor rejected"
            )
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no IANA time zone") from error
        return value

    @cached_property
    def reading_hash(self) -> str:
        """SHA-256 of all that decides what is read from a file; the same for equal declarations."""
        reading = self.model_dump_json(exclude=NOT_READING)
        return hashlib.sha256(reading.encode()).hexdigest()


def load_feed(path: Path) -> Feed:
    """Read one feed file. Exit 78 with the file and the field when it is wrong."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        feed = Feed.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RorError(
            "feed", f"{path.name}: {where}", first["msg"], f"edit {path}", ExitCode.CONFIGURATION
        ) from error
    except (yaml.YAMLError, ValueError, OSError) as error:
        why = str(error).splitlines()[0]
        raise RorError("feed", path.name, why, f"edit {path}", ExitCode.CONFIGURATION) from error
    if feed.feed != path.stem:
        why = f"it declares the feed {feed.feed!r}"
        raise RorError("feed", path.name, why, "rename one of them", ExitCode.CONFIGURATION)
    return feed


def load_feeds(folder: Path) -> list[Feed]:
    """All feeds of a folder, by name; an absent folder holds none."""
    return [load_feed(path) for path in sorted(folder.glob("*.yml"))] if folder.is_dir() else []
