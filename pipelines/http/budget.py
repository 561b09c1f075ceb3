"""Money and calls: what a request may cost at worst must fit before it is sent."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime

from pipelines.http.records import Request
from pipelines.http.waits import next_month


@dataclass(frozen=True)
class Spend:
    """Money in millionths of the currency's unit, and calls."""

    micro: int = 0
    calls: int = 0

    def __add__(self, other: Spend) -> Spend:
        return Spend(self.micro + other.micro, self.calls + other.calls)

    def __sub__(self, other: Spend) -> Spend:
        return Spend(self.micro - other.micro, self.calls - other.calls)


@dataclass(frozen=True)
class Allowance:
    """An upper limit; None: no limit. Units as in `Spend`."""

    micro: int | None = None
    calls: int | None = None

    def left(self, spent: Spend) -> Allowance:
        """What is left after `spent`, at least 0."""
        return Allowance(
            None if self.micro is None else max(0, self.micro - spent.micro),
            None if self.calls is None else max(0, self.calls - spent.calls),
        )

    def covers(self, cost: Spend) -> bool:
        """Whether a cost fits."""
        has_money = self.micro is None or cost.micro <= self.micro
        return has_money and (self.calls is None or cost.calls <= self.calls)


@dataclass(frozen=True)
class Budget:
    """What one source may spend in one run and in one calendar month (UTC).

    `shrink_page`: ask for a smaller page when a full one does not fit.
    """

    per_run: Allowance = Allowance()
    per_month: Allowance = Allowance()
    shrink_page: bool = False


class BudgetUsedUp(Exception):  # noqa: N818 - it is a state, no error
    """The worst case does not fit. `until`: UTC, when a new month begins; None: the next run."""

    def __init__(self, period: str, until: datetime | None) -> None:
        self.period, self.until = period, until
        super().__init__(f"the budget of the {period} is used up")


def worst_cost(request: Request) -> Spend:
    """What one attempt can cost at most: every row of a full page, and its calls."""
    return Spend((request.page_size or 1) * request.unit_cost_micro, request.quota_cost)


class Purse:
    """Spends a budget. Safe for several threads.

    `spent_this_month`: the sum over the ledger of earlier runs, for the current UTC month.
    """

    def __init__(self, budget: Budget, spent_this_month: Spend = Spend()) -> None:
        self._budget, self._earlier, self._run = budget, spent_this_month, Spend()
        self._lock = threading.Lock()

    @property
    def spent(self) -> Spend:
        """What this run has spent, reservations of requests under way included."""
        return self._run

    def reserve(self, request: Request, now: datetime) -> Request:
        """Reserve the worst case of a request; returns it, with a smaller page where needed.

        Raises BudgetUsedUp. Every reservation is followed by one `settle`.
        """
        with self._lock:
            run_left = self._budget.per_run.left(self._run)
            month_left = self._budget.per_month.left(self._earlier + self._run)
            fitting = self._fit(request, (run_left, month_left))
            if fitting is None:
                is_month = not month_left.covers(worst_cost(request))
                raise BudgetUsedUp(
                    "month" if is_month else "run", next_month(now) if is_month else None
                )
            self._run += worst_cost(fitting)
            return fitting

    def settle(self, request: Request, actual_micro: int) -> None:
        """Replace the reserved money of a request by what it really cost; its calls stay spent."""
        with self._lock:
            self._run += Spend(actual_micro - worst_cost(request).micro)

    def _fit(self, request: Request, left: tuple[Allowance, ...]) -> Request | None:
        if all(allowance.covers(worst_cost(request)) for allowance in left):
            return request
        money = [allowance.micro for allowance in left if allowance.micro is not None]
        can_shrink = self._budget.shrink_page and request.size_param and request.unit_cost_micro
        if not can_shrink or not money:
            return None
        size = min(money) // request.unit_cost_micro
        smaller = replace(request, page_size=min(size, request.page_size or size))
        is_enough = size >= max(1, request.smallest_page)
        fits = all(allowance.covers(worst_cost(smaller)) for allowance in left)
        return smaller if is_enough and fits else None
