"""How each list of Typeform is read.

A window of time and a token cannot be used together, so responses are read by token from the newest
one back, until the window is passed. What was deleted is simply not there any more: it is noticed
by the weekly complete read, asked for by its id, and ends with its answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from pipelines.http import Answer, LastRow, Ok, Request, at
from pipelines.sources import typeform_shapes as shapes
from pipelines.sources.reading import Page, Reading, Recent, Scope, passes
from pipelines.sources.spec import Row
from pipelines.sources.values import batches, objects

NAME = "typeform"
PAGE_SIZE, FORMS_SIZE = 1000, 200  # more is refused
LOOKUP_SIZE = 100  # ids in one address
REREAD, ALL_EVERY = timedelta(days=7), timedelta(days=7)


@dataclass(frozen=True)
class PageNumbers:
    """Pages by number. End: the declared number of pages, or an empty page."""

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """See `Paginator`."""
        number = next((int(value) for name, value in request.params if name == "page"), 1)
        count = at(answer.payload, ("page_count",))
        if not answer.rows or (isinstance(count, int) and number >= count):
            return None
        return str(number + 1), request.with_param("page", str(number + 1))


def read_forms(reading: Reading) -> Iterator[Page]:
    """The forms, or those that the settings name, and the questions of each."""
    wanted = list(reading.config.forms)
    is_complete = False
    if not wanted:
        params = (("page_size", str(FORMS_SIZE)),)
        listing = reading.listing(
            Request("forms", "/forms", params=params, rows_path=("items",)), PageNumbers()
        )
        wanted = [str(row.get("id", "")) for a in listing for row in objects(a.rows)]
        is_complete = listing.is_complete
    requests = (
        Request("forms", "/forms/{id}", {"id": form}, rows_path=(), object_id=form)
        for form in wanted
    )
    for form, answer in zip(wanted, reading.many(requests), strict=True):
        if not isinstance(answer.outcome, Ok) or not answer.rows:
            reading.unavailable.append("forms: a form is not there")
            continue
        reading.memory.setdefault("forms", []).append(form)
        yield Page(answer.rows)
        yield Page(list(shapes.questions(answer.rows[0])), resource="questions")
        reading.whole(Scope("questions", {"form_id": form}))
    if is_complete:
        reading.whole(Scope("forms"))


def read_responses(reading: Reading) -> Iterator[Page]:
    """The responses that were sent off, newest first, and their answers."""
    for form in reading.memory.get("forms", []):
        window = reading.window("responses", form, REREAD, ALL_EVERY)
        params = (("page_size", str(PAGE_SIZE)), ("response_type", "completed"))
        request = _of_form(form, params)
        newest_first = reading.listing(request, LastRow(NAME, "before", ("items",), "token"))
        listing = Recent(newest_first, passes(window.since, ("submitted_at",)))
        for answer in listing:
            yield from _landed(reading, answer, form)
        if listing.is_complete:
            reading.whole(Scope("responses", {"form_id": form}, window.since, "submitted_at"))
            reading.done("responses", form, window)


def _of_form(form: str, params: tuple[tuple[str, str], ...]) -> Request:
    return Request(
        "responses", "/forms/{id}/responses", {"id": form}, params=params, rows_path=("items",),
        object_id=form,
    )  # fmt: skip


def _landed(reading: Reading, answer: Answer, form: str) -> Iterator[Page]:
    rows = [shapes.response(row, reading.config) for row in answer.rows]
    yield Page(rows, beside={"form_id": form}, too_complex=answer.too_complex)
    found = [one for row in answer.rows for one in shapes.answers(row)]
    yield Page(found, beside={"form_id": form}, resource="answers")


def lost_responses(reading: Reading, rows: Sequence[Row]) -> Iterator[Row]:
    """Of some responses, those that the form does not have when they are asked for by id."""
    for form, group in groupby(sorted(rows, key=_form_of), key=_form_of):
        for batch in batches(group, LOOKUP_SIZE):
            ids = ",".join(str(row["response_id"]) for row in batch)
            params = (("page_size", str(LOOKUP_SIZE)), ("included_response_ids", ids))
            answer = reading.fetch(_of_form(form, params))
            if not isinstance(answer.outcome, Ok):
                continue  # nobody could say
            there = {row.get("response_id") for row in objects(answer.rows)}
            for row in batch:
                if row["response_id"] not in there:
                    reading.whole(Scope("answers", {"response_id": str(row["response_id"])}))
                    yield row


def _form_of(row: Row) -> str:
    return str(row["form_id"])


def probe(reading: Reading) -> None:
    """The cheapest request that shows whether the token may read forms."""
    request = Request("forms", "/forms", params=(("page_size", "1"),), rows_path=("items",))
    if not isinstance(reading.fetch(request).outcome, Ok):
        reading.unavailable.append("forms: the token may not read them")
