"""Several requests for one purpose: a list of names taken apart, and children side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from pipelines.http.classify import Split
from pipelines.http.records import Answer, Request


def fetch_split(fetch: Callable[[Request], Answer], request: Request) -> Iterator[Answer]:
    """The answers that together cover all valid names of a request.

    Where the server refuses a list without saying which name is wrong, the list is halved until the
    wrong name is alone; the kernel records it and it is skipped.
    """
    answer = fetch(request)
    if not isinstance(answer.outcome, Split):
        yield answer
        return
    names = answer.request.names
    middle = len(names) // 2
    for half in (names[:middle], names[middle:]):
        yield from fetch_split(fetch, replace(answer.request, names=half))


def fetch_many(
    fetch: Callable[[Request], Answer], requests: Iterable[Request], workers: int
) -> Iterator[Answer]:
    """The answers in the order of the requests, at most `workers` of them under way at once.

    The first failure is raised in its place; requests that are not under way yet are not sent.
    """
    waiting: deque[Future[Answer]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for request in requests:
                waiting.append(pool.submit(fetch, request))
                if len(waiting) >= workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
