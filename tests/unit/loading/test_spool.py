from __future__ import annotations

import pytest

from pipelines.loading.spool import is_too_bad


@pytest.mark.parametrize(
    ("rows", "bad", "limit", "expected"),
    [  # the examples of the specification, then the feeds' own limit
        (100_000, 1_000, 0.01, False),
        (100_000, 1_001, 0.01, True),
        (200, 9, 0.01, False),
        (200, 10, 0.01, True),
        (6, 4, 0.01, True),
        (4, 4, 0.01, False),
        (100, 20, 0.2, False),
        (100, 21, 0.2, True),
        (100, 100, 1.0, False),
        (0, 0, 0.01, False),
    ],
)
def test_is_too_bad_when_share_then_verdict(
    rows: int, bad: int, limit: float, expected: bool
) -> None:
    assert is_too_bad(rows, bad, limit) is expected
