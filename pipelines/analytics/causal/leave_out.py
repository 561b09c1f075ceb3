"""Does one cohort carry the finding? The lift without each of them in turn."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.analytics.causal.cells import cells_of
from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.imputation import impute
from pipelines.analytics.causal.moments import Moments


@dataclass(frozen=True)
class LeftOut:
    """Log lift without the cohort of that onset."""

    onset: int
    lift: Estimate


def leave_one_out(moments: Moments) -> tuple[LeftOut, ...]:
    """The plain log lift without each cohort; empty when there is only one."""
    if len(moments.onsets) < 2:
        return ()
    found = []
    for onset in moments.onsets:
        rest = moments.keep([other for other in moments.onsets if other != onset])
        found.append(LeftOut(onset, impute(rest, cells_of(rest), 0).lift))
    return tuple(found)


def keeps_sign(left_out: tuple[LeftOut, ...], lift: float) -> bool | None:
    """Whether the lift has its sign without any one cohort; None when that cannot be tried."""
    if not left_out:
        return None
    return all(item.lift.value * lift > 0 for item in left_out)
