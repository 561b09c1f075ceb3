"""Runs `ror` (or any module) and dies inside dlt: `python -m tests.faults.launch --point
dlt.loads.before -- ror run`.

dlt's own methods are wrapped; the product knows nothing of it. A wrapper that no longer finds its
method fails.
"""

from __future__ import annotations

import argparse
import importlib
import os
import runpy
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Point:
    """A method of dlt and whether death comes before or after it."""

    module: str
    owner: str
    method: str
    is_after: bool


POINTS = {
    "dlt.normalize.job": Point(
        "dlt.normalize.items_normalizers.arrow", "ArrowItemsNormalizer", "__call__", True
    ),
    "dlt.job.before": Point("dlt.destinations.impl.duckdb.duck", "DuckDbCopyJob", "run", False),
    "dlt.job.committed": Point("dlt.destinations.impl.duckdb.duck", "DuckDbCopyJob", "run", True),
    "dlt.job.marked": Point(
        "dlt.common.storages.load_package", "PackageStorage", "save_pending_transition", True
    ),
    "dlt.job.moved": Point(
        "dlt.common.storages.load_package", "PackageStorage", "complete_job", True
    ),
    "dlt.loads.before": Point(
        "dlt.destinations.impl.duckdb.duck", "DuckDbClient", "complete_load", False
    ),
    "dlt.loads.after": Point(
        "dlt.destinations.impl.duckdb.duck", "DuckDbClient", "complete_load", True
    ),
    "dlt.package.archived": Point(
        "dlt.common.storages.load_storage", "LoadStorage", "complete_load_package", True
    ),
}


def arm(name: str, at: int = 1) -> None:
    """Die by SIGKILL at the `at`-th passage of the point, in this process, from now on."""
    point = POINTS[name]
    owner = getattr(importlib.import_module(point.module), point.owner)
    original: Callable[..., Any] = getattr(owner, point.method)
    passages = 0

    def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal passages
        passages += 1
        if passages == at and not point.is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **named)
        if passages == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, point.method, wrapped)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--point", choices=sorted(POINTS), required=True)
    parser.add_argument("--at", type=int, default=1)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    command = [part for part in arguments.command if part != "--"]
    arm(arguments.point, arguments.at)
    sys.argv = command
    module = "pipelines.cli" if command[0] == "ror" else command[0]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main()
