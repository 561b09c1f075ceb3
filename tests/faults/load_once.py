"""Loads the drop folder of `ROR_HOME` once; a process to be killed by `tests.faults.launch`."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.loading import load_files
from tests.support.drop import Drop

if __name__ == "__main__":
    load_files(Drop(Path(os.environ["ROR_HOME"])).run())
