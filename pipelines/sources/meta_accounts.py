"""The accounts behind a token of Meta's, each with a token of its own; which version answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipelines.http import Answer, Fatal, Ok, Secret, SkipItem, SourceFailed
from pipelines.sources.meta import VERSION, VERSION_HEADER
from pipelines.sources.meta_reads import Access, edge, graph, listing
from pipelines.sources.reading import Reading
from pipelines.sources.values import Json, objects


def pages_of_user(reading: Reading, extra: Sequence[str] = ()) -> Iterator[tuple[Access, Json]]:
    """The pages that the user's token may read, each with its own token and the `extra` fields."""
    fields = ("id", "access_token", *extra)
    found = listing(reading, edge("tokens", "accounts", Access("me"), fields))
    for answer in found:
        check_version(reading, answer)
        for row in objects(answer.rows):
            token = Secret(str(row.pop("access_token", "")))
            reading.kernel.ledger.masker.register(token)
            headers = {"Authorization": Secret(f"Bearer {token.reveal()}")} if token else {}
            yield Access(str(row.get("id", "")), headers), row


def check_version(reading: Reading, answer: Answer) -> None:
    """Note when another version answers than ours: ours has ended, and nobody else says so."""
    served = answer.headers.get(VERSION_HEADER, VERSION)
    which = served if re.fullmatch(r"v[0-9]{1,3}\.[0-9]", served) else "another"
    note = f"version: {VERSION} is asked for, {which} answers"
    if served != VERSION and note not in reading.unavailable:
        reading.unavailable.append(note)


def refuse_other_version(reading: Reading) -> None:
    """Raises SourceFailed when another version answered."""
    if any(note.startswith("version:") for note in reading.unavailable):
        fault = Fatal("version", f"{VERSION} is no longer served", "update ror-warehouse")
        raise SourceFailed(reading.source, "version", fault)


def read_account(reading: Reading, access: Access, fields: Sequence[str]) -> Answer | None:
    """The account itself; None, and noted, when it cannot be read."""
    answer = reading.fetch(graph("accounts", "{id}", access, names=fields, rows=()))
    if isinstance(answer.outcome, Ok):
        check_version(reading, answer)
        return answer
    reason = answer.outcome.reason if isinstance(answer.outcome, SkipItem) else "not there"
    reading.unavailable.append(f"accounts: {reason}")
    return None
