"""Every knob of the product in one typed model. The only module that reads the environment.

A knob is set by an environment variable (`ROR_` + name in capitals) or in `$ROR_HOME/ror.env`;
`ror settings` prints all of them with their values. Secrets never show: they are of type SecretStr.
"""

from __future__ import annotations

import os
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipelines.errors import ExitCode, RorError

ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = ROOT / "dbt_project"
METRIC_VIEWS = DBT_PROJECT / "metric_views.sql"
EXPECTATIONS = ROOT / "expectations"
MEBIBYTE = 1024 * 1024


def _default_key_file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "ror-warehouse" / "pseudonym.key"


def _default_memory_limit_mb() -> int:
    """60 % of the memory that is free for this process, at least 1 GiB, at most 1.5 GiB."""
    available_mb = 4096
    for source, scale in (("/sys/fs/cgroup/memory.max", MEBIBYTE), ("/proc/meminfo", 1024)):
        try:
            text = Path(source).read_text(encoding="ascii")
        except OSError:
            continue
        if source.endswith("meminfo"):
            text = next(
                (line.split()[1] for line in text.splitlines() if line.startswith("MemAvailable")),
                "",
            )
        if text.strip().isdigit():
            available_mb = int(text) // scale
            break
    return max(1024, min(1536, available_mb * 6 // 10))


class Settings(BaseSettings):
    """Typed settings; units stand in the names or in the descriptions."""

    model_config = SettingsConfigDict(env_prefix="ROR_", extra="ignore", frozen=True)

    home: Path = Field(
        default=Path("var"), description="Folder that holds all state; on one local file system."
    )
    schedule: str = Field(
        default="0 2 * * *", description="Cron line of the nightly run, in `time_zone`."
    )
    time_zone: str = Field(
        default="UTC", description="IANA zone of the schedule and of the reporting date of a run."
    )
    as_of: datetime | None = Field(
        default=None,
        description="Instant up to which a run reports; empty: last midnight in `time_zone`.",
    )
    memory_limit_mb: int = Field(
        default_factory=_default_memory_limit_mb,
        ge=256,
        description="Memory that DuckDB may use, MiB.",
    )
    threads: int = Field(
        default_factory=lambda: os.cpu_count() or 2, ge=1, description="Threads of DuckDB."
    )
    sources: str = Field(
        default="",
        description="APIs to read, by name, separated by commas; `ror sources` lists them.",
    )
    feeds: Path | None = Field(
        default=None, description="Folder of feed files; empty: `<home>/feeds`."
    )
    seeds: Path | None = Field(
        default=None, description="Folder of seeds that replace ours; empty: `<home>/seeds`."
    )
    settle_seconds: float = Field(
        default=10.0, ge=0, description="A dropped file must be unchanged this long, seconds."
    )
    bad_share_limit: float = Field(
        default=0.01, ge=0, le=1, description="Share of refused rows that fails a feed."
    )
    max_file_mb: int = Field(
        default=2048, ge=1, description="Largest file taken from the drop, MiB, decompressed."
    )
    max_compression_ratio: int = Field(
        default=200, ge=1, description="Largest decompressed : compressed size."
    )
    text_days: int = Field(
        default=400, ge=1, description="Days for which people's texts stay in the private file."
    )
    annual_discount_rate: float = Field(
        default=0.1, ge=0, lt=1, description="What money in a year is worth less than today."
    )
    sentiment_engine: Literal["linear", "lexicon", "onnx"] = Field(
        default="linear", description="Engine that scores the sentiment of messages."
    )
    sentiment_artefact: Path | None = Field(
        default=None, description="Own trained file, or folder of `onnx`; empty: what is shipped."
    )
    sentiment_rescore_per_night: int = Field(
        default=200_000, ge=0, description="Old texts a night that a new version scores again."
    )
    sentiment_embed_per_night: int = Field(
        default=0,
        ge=0,
        description="Unsure texts a night that engine `embed` scores again; 0: none.",
    )
    keep_versions: int = Field(default=3, ge=1, description="Published versions kept for rollback.")
    pseudonym_key: SecretStr | None = Field(
        default=None, description="Key of the pseudonyms, ≥ 32 bytes as hex."
    )
    pseudonym_key_file: Path = Field(
        default_factory=_default_key_file,
        description="File with that key, made on first use, mode 0600.",
    )
    alert_webhook: SecretStr | None = Field(
        default=None, description="HTTPS address that gets alerts as JSON."
    )
    max_runtime_minutes: int = Field(
        default=240, ge=1, description="A Dagster run is ended after this, minutes."
    )
    testing: bool = Field(default=False, description="Allows failpoints to be armed.")
    failpoints: str = Field(
        default="", description="Failpoints to arm, e.g. `publish.fsynced@1=kill`."
    )
    debug: bool = Field(default=False, description="Show tracebacks.")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no IANA time zone") from error
        return value

    @field_validator("as_of")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("as_of needs an offset, e.g. 2026-07-01T00:00:00+00:00")
        return value

    @property
    def source_names(self) -> tuple[str, ...]:
        """Names in `sources`, each once."""
        names = (name.strip().lower() for name in self.sources.split(","))
        return tuple(dict.fromkeys(name for name in names if name))

    def use_for_sources(self) -> None:
        """Let sources find their settings in `<home>/.dlt/`, and dlt send nothing."""
        set_process_environment(TELEMETRY_OFF | {"DLT_PROJECT_DIR": str(self.root)})

    @cached_property
    def root(self) -> Path:
        """`home`, absolute."""
        return self.home.expanduser().absolute()

    @property
    def build_file(self) -> Path:
        """The private warehouse; opened by the run only."""
        return self.root / "build" / "warehouse.duckdb"

    @property
    def vault_file(self) -> Path:
        """Identifiers in clear; opened by the run only."""
        return self.root / "build" / "vault.duckdb"

    @property
    def ledger_file(self) -> Path:
        """Runs, phases, counts, publications; any command may open it at any time."""
        return self.root / "state" / "ledger.sqlite"

    @property
    def lock_file(self) -> Path:
        """The run lock."""
        return self.root / "state" / "run.lock"

    @property
    def published(self) -> Path:
        """Published versions; `current` is a symlink to one of its directories."""
        return self.root / "published"

    @property
    def served_file(self) -> Path:
        """The file that readers open."""
        return self.published / "current" / "warehouse.duckdb"

    @property
    def drop(self) -> Path:
        """File inbox: `drop/<feed>/`, and `archive/`, `rejected/` beside the feeds."""
        return self.root / "drop"

    @property
    def feeds_folder(self) -> Path:
        """Where feed files are read from."""
        return (self.feeds or self.root / "feeds").expanduser().absolute()

    @property
    def seeds_folder(self) -> Path:
        """Where seeds of the user are read from."""
        return (self.seeds or self.root / "seeds").expanduser().absolute()

    @property
    def dlt_folder(self) -> Path:
        """Working directories of dlt, one pipeline per source."""
        return self.root / "dlt"

    @property
    def dagster_folder(self) -> Path:
        """DAGSTER_HOME."""
        return self.root / "dagster"

    @property
    def dbt_folder(self) -> Path:
        """dbt's target, its seeds as assembled for this home, its logs."""
        return self.root / "dbt"

    @property
    def feedback_file(self) -> Path:
        """Labels that people gave to messages, by hash of the text."""
        return self.root / "sentiment" / "feedback.csv"

    @property
    def logs(self) -> Path:
        """Logs of runs."""
        return self.root / "logs"

    @property
    def nightly_log(self) -> Path:
        """What every step of a night said; it may name columns and values of a failed query."""
        return self.logs / "nightly.log"


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment and `<home>/ror.env`; exit 78 names the knob that is wrong."""
    home = Path(str(overrides.pop("home", None) or os.environ.get("ROR_HOME") or "var"))
    try:
        return Settings(_env_file=home / "ror.env", home=home, **overrides)
    except ValidationError as error:
        first = error.errors()[0]
        knob = f"ROR_{'_'.join(str(part) for part in first['loc'])}".upper()
        raise RorError(
            "settings", knob, first["msg"], f"correct {knob}", ExitCode.CONFIGURATION
        ) from error


TELEMETRY_OFF = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "true",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "GX_ANALYTICS_ENABLED": "false",
}


def set_process_environment(values: dict[str, str]) -> None:
    """Set variables that libraries read at import; called once, before they are imported."""
    os.environ.update(values)
