"""Publishes one night in a process of its own that a failpoint may kill.

python -m tests.faults.publishing_child HOME NIGHT FAILPOINTS
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines import failpoints
from pipelines.publish import publish
from tests.support.publishing import TABLES, home, run_of


def main() -> None:
    settings = home(Path(sys.argv[1]))
    failpoints.arm(sys.argv[3], testing=settings.testing)
    publish(run_of(settings, int(sys.argv[2])), TABLES)


if __name__ == "__main__":
    main()
