"""The checking process: `python -m expectations.runner --serve` or `--once`.

--serve answers one JSON request per line on stdin with one JSON line on stdout until stdin ends;
--once answers one and exits. The log goes to stderr. Great Expectations takes many seconds to
import: that begins at once, in the background, while the process waits for its first request. The
formats are those of `records.py`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import sys
import threading
from datetime import UTC, datetime
from typing import Any, TextIO

from expectations.checking import run_checks
from expectations.questions import Judge
from expectations.records import CheckRequest
from pipelines.errors import RorError
from pipelines.settings import TELEMETRY_OFF, set_process_environment

log = logging.getLogger("expectations")


class Importer:
    """Imports Great Expectations in a thread; `judge_for` waits for it."""

    def __init__(self) -> None:
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        started = datetime.now(UTC)
        try:
            importlib.import_module("expectations.datasource")
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            self._error = error
        log.info("imported in %.1f s", (datetime.now(UTC) - started).total_seconds())

    def judge_for(self, connection: Any) -> Judge:
        """A judge over an open connection; raises what the import raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        judge: Judge = sys.modules["expectations.datasource"].Judge(connection)
        return judge


def answer(line: str, importer: Importer) -> dict[str, Any]:
    """The answer to one request line. Never raises: what goes wrong is one line under `error`."""
    try:
        request = CheckRequest.from_json(json.loads(line))
        results = run_checks(request, importer.judge_for, datetime.now(UTC))
    except RorError as error:
        return {"results": [], "error": error.line()}
    except (ValueError, KeyError, OSError) as error:
        # Ours: bad requests and files that do not open; their texts name fields and files only.
        return {"results": [], "error": f"{type(error).__name__}: {error}".splitlines()[0]}
    except Exception as error:  # noqa: BLE001 - a library's text may quote a row, so only its kind is told
        log.warning("failed with %s", type(error).__name__)
        return {"results": [], "error": f"checks failed with {type(error).__name__}"}
    return {"results": [result.as_json() for result in results], "error": None}


def own_stdout() -> TextIO:
    """The real stdout for answers only; whatever a library prints goes to stderr from now on."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def main(arguments: list[str] | None = None) -> None:
    """Command line of the checking process; exit 1 when --once ends in an error."""
    parser = argparse.ArgumentParser(prog="python -m expectations.runner", description=__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--serve", action="store_true", help="answer requests until stdin ends")
    mode.add_argument("--once", action="store_true", help="answer one request and exit")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(message)s")
    log.setLevel(logging.INFO)
    set_process_environment(TELEMETRY_OFF)
    answers = own_stdout()
    importer = Importer()
    for line in sys.stdin:
        if not line.strip():
            continue
        reply = answer(line, importer)
        answers.write(json.dumps(reply, ensure_ascii=False, allow_nan=False) + "\n")
        answers.flush()
        if chosen.once:
            sys.exit(1 if reply["error"] else 0)


if __name__ == "__main__":
    main()
