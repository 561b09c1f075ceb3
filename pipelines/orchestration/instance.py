"""Dagster's own home: no telemetry, one run at a time, a cap on run time."""

from __future__ import annotations

from pathlib import Path

import yaml

from pipelines.settings import Settings, set_process_environment


def prepare_instance(settings: Settings) -> Path:
    """Write `dagster.yaml` for this home and point this process at it; returns DAGSTER_HOME."""
    folder = settings.dagster_folder
    folder.mkdir(parents=True, exist_ok=True)
    wanted = yaml.safe_dump(
        {
            "telemetry": {"enabled": False},
            "event_log_storage": {
                "module": "pipelines.orchestration.event_log",
                "class": "OpenEventLog",
                "config": {"base_dir": str(folder / "history" / "runs")},
            },
            "concurrency": {
                "runs": {"max_concurrent_runs": 1},
                "pools": {"default_limit": 1, "granularity": "run"},
            },
            "run_monitoring": {
                "enabled": True,
                "max_runtime_seconds": settings.max_runtime_minutes * 60,
            },
            "run_retries": {"enabled": True, "max_retries": 1},
        }
    )
    file = folder / "dagster.yaml"
    if not file.exists() or file.read_text(encoding="utf-8") != wanted:
        file.write_text(wanted, encoding="utf-8")
    settings.use_for_sources()
    set_process_environment({"DAGSTER_HOME": str(folder)})
    return folder
