"""The folders of a home and who may enter them: only `published` is for others."""

from __future__ import annotations

from pipelines.errors import ExitCode, RorError
from pipelines.settings import Settings

PRIVATE = 0o700


def prepare_home(settings: Settings) -> None:
    """Make what is missing and close what is open; exit 73 when the home cannot be written."""
    private = (
        settings.build_file.parent,
        settings.ledger_file.parent,
        settings.dlt_folder,
        settings.dagster_folder,
        settings.dbt_folder,
        settings.logs,
        settings.drop,
        settings.feeds_folder,
        settings.seeds_folder,
        settings.feedback_file.parent,
    )
    try:
        settings.root.mkdir(parents=True, exist_ok=True)
        for folder in private:
            folder.mkdir(parents=True, exist_ok=True)
            if folder.stat().st_mode & 0o777 != PRIVATE:
                folder.chmod(PRIVATE)
    except OSError as error:
        why = f"cannot be written ({error.strerror})"
        raise RorError(
            "home", str(settings.root), why, "give this user the folder", ExitCode.CANNOT_WRITE
        ) from error
