"""The three lists that know every source: an entry more, in the order that each of them keeps.

Each function takes the list's file as text and raises ValueError where it cannot find its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable

LAST_API = re.compile(r"^\)  # every API", re.MULTILINE)
LOCAL_IMPORT = re.compile(r"^from pipelines\.sources\.(\w+) import .+$\n", re.MULTILINE)
FAKES = re.compile(r"^ADDED: tuple\[FakeModule, \.\.\.\] = \(([^)]*)\)$", re.MULTILINE)
FAKE_IMPORT = re.compile(r"^from pipelines\.world\.fakenet import (.+)$\n", re.MULTILINE)
FACADE_IMPORT = "from pipelines.world.fakenet.facade import Facade\n"


def sources_list(text: str, name: str) -> str:
    """`APIS` with the source at its end, and its import in alphabetical order."""
    _once(LAST_API, text)
    text = LAST_API.sub(f"    {name.upper()},\n)  # every API", text)
    imports = [(found[1], found.start()) for found in LOCAL_IMPORT.finditer(text)]
    behind = [place for module, place in imports if module > name]
    place = behind[0] if behind else max(found.end() for found in LOCAL_IMPORT.finditer(text))
    line = f"from pipelines.sources.{name} import {name.upper()}\n"
    return text[:place] + line + text[place:]


def project_lists(text: str, name: str) -> str:
    """dbt's `apis` with the source in alphabetical order, and `contacts` with it at its end."""
    text = _in_list(text, "  apis", lambda names: sorted([*names, name]))
    return _in_list(text, "    contacts", lambda names: [*names, name])


def _in_list(text: str, key: str, change: Callable[[list[str]], list[str]]) -> str:
    place = re.compile(rf"^{key}: \[([^\]]*)\]$", re.MULTILINE)
    names = [name.strip() for name in _once(place, text)[1].split(",")]
    return place.sub(f"{key}: [{', '.join(change(names))}]", text)


def added_fakes(text: str, name: str) -> str:
    """`ADDED` with the fake at its end, and its import."""
    names = [one.strip() for one in _once(FAKES, text)[1].split(",") if one.strip()]
    inside = ", ".join([*names, name]) if names else f"{name},"
    text = FAKES.sub(f"ADDED: tuple[FakeModule, ...] = ({inside})", text)
    found = FAKE_IMPORT.search(text)
    if found is None:
        line = f"from pipelines.world.fakenet import {name}\n"
        return text.replace(FACADE_IMPORT, line + FACADE_IMPORT, 1)
    modules = sorted([*(one.strip() for one in found[1].split(",")), name])
    line = f"from pipelines.world.fakenet import {', '.join(modules)}\n"
    return text[: found.start()] + line + text[found.end() :]


def _once(place: re.Pattern[str], text: str) -> re.Match[str]:
    found = list(place.finditer(text))
    if len(found) != 1:
        raise ValueError(place.pattern)
    return found[0]
