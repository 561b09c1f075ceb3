"""What is asked of whoever judges; `datasource.py` answers with Great Expectations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from expectations.limits import Interval


@dataclass(frozen=True)
class Question:
    """One check: what is expected, and what each level permits (None: not judged)."""

    check_id: str
    expectation: str
    arguments: dict[str, Any]
    warn: Interval | None
    block: Interval | None


@dataclass(frozen=True)
class Answer:
    """`observed`: the number compared; None for row-by-row checks and where SQL says NULL.

    `is_broken`: the expectation could not be evaluated, for example for want of its column.
    """

    observed: float | None
    warns: bool
    blocks: bool
    is_broken: bool


class Judge(Protocol):
    """Answers questions about the rows of a query."""

    def answers(self, query: str, questions: Sequence[Question]) -> dict[str, Answer]:
        """Answers by check id."""
        ...
