"""Named points at which a test can make the product die, stall or fail.

Unarmed, `hit` is one empty call per page, table or phase, never per row. Arming needs
`settings.testing`.
Spec: `publish.fsynced@2=kill;load.before=raise:OSError` (`@n`: the n-th hit, default 1).
Actions: kill, stop, exit:N, raise:Name, enospc, sleep:S, crash.
"""

from __future__ import annotations

import builtins
import errno
import os
import signal
import time
from collections.abc import Callable

from pipelines.errors import ExitCode, RorError

NAMES = frozenset(
    {
        "preflight.done",
        "drain.before",
        "files.archived",
        "source.page",
        "extract.page",
        "extract.after",
        "load.before",
        "load.after",
        "files.archived_after_load",
        "raw_checks.before",
        "score.before",
        "score.block",
        "build.before",
        "build.after",
        "solve.before",
        "audit.before",
        "publish.checkpointed",
        "publish.tmp_created",
        "publish.table",
        "publish.commented",
        "publish.closed",
        "publish.verified",
        "publish.fsynced",
        "publish.renamed",
        "publish.linked",
        "publish.flipped",
        "publish.recorded",
        "publish.pruned",
    }
)


class SimulatedCrash(BaseException):
    """Stands for the death of the process in simulations that stay in one process."""


def _off(name: str) -> None:
    """Nothing armed."""


hit: Callable[[str], None] = _off


def arm(spec: str, *, testing: bool) -> None:
    """Arm the points named in `spec`; an empty spec disarms all. Exit 64 for an unknown name."""
    global hit
    if not spec:
        hit = _off
        return
    if not testing:
        raise RorError(
            "failpoints", "ROR_FAILPOINTS", "armed outside tests", "unset it", ExitCode.USAGE
        )
    plan = dict(_parse(part) for part in spec.split(";") if part)
    hits: dict[str, int] = {}

    def armed(name: str) -> None:
        hits[name] = hits.get(name, 0) + 1
        action = plan.get((name, hits[name]))
        if action:
            _act(action, name)

    hit = armed


def _parse(part: str) -> tuple[tuple[str, int], str]:
    point, _, action = part.partition("=")
    name, _, count = point.partition("@")
    if name not in NAMES or not action or not (count or "1").isdigit():
        raise _unknown(part)
    return (name, int(count or "1")), action


def _act(action: str, name: str) -> None:
    verb, _, argument = action.partition(":")
    match verb:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "exit":
            os._exit(int(argument))
        case "raise":
            raise getattr(builtins, argument)(f"failpoint {name}")
        case "enospc":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        case "sleep":
            time.sleep(float(argument))
        case "crash":
            raise SimulatedCrash(name)
        case _:
            raise _unknown(f"{name}={action}")


def _unknown(part: str) -> RorError:
    why = "unknown failpoint or action"
    return RorError("failpoints", part, why, "see pipelines/failpoints.py", ExitCode.USAGE)
