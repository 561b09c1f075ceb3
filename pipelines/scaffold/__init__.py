"""A new connector as files: what `ror new-source` writes, and which lists it is entered in.

name ─▶ checked ─▶ templates filled, lists extended (in memory) ─▶ written
Nothing is written unless everything can be: a name that is taken, or a list that is not where it
was, leaves the checkout as it is.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from pipelines.errors import ExitCode, RorError
from pipelines.scaffold.lists import added_fakes, project_lists, sources_list

TEMPLATES = Path(__file__).parent / "templates"
SHAPE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 24  # characters: it becomes part of table names
# Template → where its text goes.
FILES = {
    "source.txt": "pipelines/sources/$name.py",
    "reads.txt": "pipelines/sources/${name}_reads.py",
    "fake.txt": "pipelines/world/fakenet/$name.py",
    "sources_yml.txt": "dbt_project/models/staging/$name/sources.yml",
    "staging.txt": "dbt_project/models/staging/$name/stg_${name}__contacts.sql",
    "contract_test.txt": "tests/contract/test_$name.py",
    "staging_test.txt": "tests/models/test_staging_$name.py",
}
Extend = Callable[[str, str], str]  # text of a list, name → text with the name in it
LISTS: Mapping[str, Extend] = {
    "pipelines/sources/__init__.py": sources_list,
    "dbt_project/dbt_project.yml": project_lists,
    "pipelines/world/fakenet/added.py": added_fakes,
}
# Words that cannot be the name of a schema without quotes.
SQL_WORDS = frozenset((Path(__file__).parent / "sql_words.txt").read_text("utf-8").split())


@dataclass(frozen=True)
class Plan:
    """Texts by path below the checkout: files that are new, and lists that get an entry."""

    created: Mapping[str, str]
    extended: Mapping[str, str]


def plan_source(name: str, root: Path) -> Plan:
    """What a new source of this name changes. Exit 64: the name cannot be used, or is taken."""
    if not SHAPE.fullmatch(name) or len(name) > LONGEST:
        raise _refused(name, f"is no name: lower case letters, digits, _, at most {LONGEST}")
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in SQL_WORDS:
        raise _refused(name, "is a word of Python or SQL")
    words = {"name": name, "NAME": name.upper(), "Title": name.replace("_", " ").title()}
    words["Class"] = words["Title"].replace(" ", "")
    created = {
        Template(path).substitute(words): Template(
            (TEMPLATES / template).read_text(encoding="utf-8")
        ).substitute(words)
        for template, path in FILES.items()
    }
    taken = [path for path in created if (root / path).exists()]
    folder = f"dbt_project/models/staging/{name}"
    if taken or (root / folder).exists():
        raise _refused(name, f"exists: {taken[0] if taken else folder}")
    return Plan(created, {path: _extended(root, path, name) for path in LISTS})


def _extended(root: Path, path: str, name: str) -> str:
    try:
        return LISTS[path]((root / path).read_text(encoding="utf-8"), name)
    except (OSError, ValueError):
        why, hint = "the list to enter it in is not there", "run it in a checkout of ror-warehouse"
        raise RorError("new-source", path, why, hint, ExitCode.USAGE) from None


def write(plan: Plan, root: Path) -> None:
    """Write everything. Exit 73: the checkout cannot be written to."""
    try:
        for path, text in {**plan.created, **plan.extended}.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    except OSError:
        why = "cannot be written"
        raise RorError(
            "new-source", path, why, "git status, then again", ExitCode.CANNOT_WRITE
        ) from None


def _refused(name: str, why: str) -> RorError:
    return RorError("new-source", name or "''", why, "choose another name", ExitCode.USAGE)
