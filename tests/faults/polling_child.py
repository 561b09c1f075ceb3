"""A BI tool that reconnects every 10 ms until a file appears; prints what it saw as JSON.

python -m tests.faults.polling_child HOME STOP_FILE
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

QUERY = (
    "select distinct run_id, night from marts.responses"
    " union select distinct run_id, night from marts.people"
)


def main() -> None:
    file = Path(sys.argv[1]) / "published" / "current" / "warehouse.duckdb"
    stop = Path(sys.argv[2])
    nights: list[int] = []
    faults: list[str] = []
    opened = 0
    print("ready", flush=True)
    while not stop.exists():
        try:
            with duckdb.connect(str(file), read_only=True) as con:
                rows = con.execute(QUERY).fetchall()
            opened += 1
            if len(rows) != 1:
                faults.append(f"mixed nights {rows}")
            elif not nights or nights[-1] != rows[0][1]:
                nights.append(rows[0][1])
        except duckdb.Error as error:
            faults.append(f"{type(error).__name__}: {error}")
        time.sleep(0.01)
    print(json.dumps({"opened": opened, "nights": nights, "faults": faults}))


if __name__ == "__main__":
    main()
