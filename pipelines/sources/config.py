"""The settings of a source, by dlt's own rules: environment, `secrets.toml`, `config.toml`.

The files lie in `<home>/.dlt/`. In the environment `SOURCES__HUBSPOT__ACCESS_TOKEN` is
`access_token` of `[sources.hubspot]`.
"""

from __future__ import annotations

from typing import Any

from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.exceptions import ConfigFieldMissingException, ConfigurationException

from pipelines.errors import ExitCode, RorError
from pipelines.settings import Settings
from pipelines.sources import APIS
from pipelines.sources.spec import Source


def in_use(settings: Settings) -> tuple[Source, ...]:
    """The APIs that `ROR_SOURCES` names. Exit 78 for a name that is none."""
    return named(settings.source_names)


def named(names: tuple[str, ...]) -> tuple[Source, ...]:
    """The APIs of these names. Exit 78 for a name that is none."""
    known = {source.name: source for source in APIS}
    unknown = [name for name in names if name not in known]
    if unknown:
        why = f"unknown: {', '.join(unknown)}; known: {', '.join(known)}"
        raise RorError("settings", "ROR_SOURCES", why, "correct it", ExitCode.CONFIGURATION)
    return tuple(known[name] for name in names)


def settings_of(source: Source) -> Any:
    """The settings of a source. Exit 78 when one is missing or of the wrong type; names only."""
    try:
        return resolve_configuration(source.config(), sections=("sources", source.name))
    except ConfigFieldMissingException as error:
        names = ", ".join(sorted(error.traces))
        raise _wrong(source, f"not set: {names}") from None
    except (ConfigurationException, ValueError, TypeError) as error:
        raise _wrong(source, f"unusable ({type(error).__name__})") from None


def _wrong(source: Source, why: str) -> RorError:
    next_step = f"set it under [sources.{source.name}] in .dlt/, then ror doctor"
    return RorError("settings", f"sources.{source.name}", why, next_step, ExitCode.CONFIGURATION)
