"""Plant, estimate, compare: prints bound, figure and reference of the acceptance table.

Options: --seeds N (of every row, else the row's own number), --first-seed N, --scenario S1 (may be
repeated), --processes N. Ends with 1 when a row misses its bound.
"""

from __future__ import annotations

import argparse
import os
import sys


def main() -> int:
    """Read the options; numpy is loaded after its threads are limited, in the children too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--scenario", action="append", default=[])
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")

    from benchmarks.truth.runner import report
    from benchmarks.truth.table import ROWS

    worlds = {row.world for row in ROWS}
    unknown = set(options.scenario) - worlds
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}; {', '.join(sorted(worlds))}")
    rows = [row for row in ROWS if not options.scenario or row.world in options.scenario]
    missed = report(rows, options.first_seed, options.seeds, options.processes)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
