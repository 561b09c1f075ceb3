"""Secrets that do not show, and a masker for every text that leaves the kernel."""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"


class Secret:
    """A value that shows as `***` in repr, str, f-strings, comparisons' reports and pickles."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value.strip()  # a trailing newline would break the header that carries it

    def reveal(self) -> str:
        """The value itself; for the wire only."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return Secret, (MASK,)


class Masker:
    """Replaces every registered secret by `***`, in any of the forms in which it travels.

    Forms: as it is, URL-encoded (each common way, either case), inside JSON, base64, and the Basic
    form together with its user. Safe for several threads.
    """

    def __init__(self) -> None:
        self._forms: tuple[str, ...] = ()
        self._lock = threading.Lock()

    def register(self, secret: Secret, user: str = "") -> None:
        """Mask this secret from now on. `user`: the name it is sent with in Basic authentication.

        An empty secret is ignored: it would mask everything.
        """
        value = secret.reveal()
        if not value:
            return
        pair = f"{user}:{value}".encode()
        encoded = {quote(value, safe=""), quote(value), quote_plus(value)}
        forms = {value, json.dumps(value)[1:-1], *encoded, *(_lower(form) for form in encoded)}
        forms |= {base64.b64encode(raw).decode() for raw in (value.encode(), pair)}
        forms |= {quote(form, safe="") for form in forms}
        with self._lock:  # longest first, so that no form leaves a rest of another one
            self._forms = tuple(sorted({*self._forms, *forms}, key=len, reverse=True))

    def text(self, text: str) -> str:
        """The text without any registered secret."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def value(self, value: Any) -> Any:
        """As `text`, for any value: texts inside lists and mappings too; the rest stays."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.value(key): self.value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.value(inner) for inner in value)
        return value


def _lower(encoded: str) -> str:
    """The same with percent escapes in lower case: `%3A` as `%3a`."""
    parts = encoded.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])


@contextmanager
def masked_logs(masker: Masker) -> Iterator[None]:
    """Mask every log record that this process makes inside the block, whoever logs or listens."""
    inner = logging.getLogRecordFactory()
    formatter = logging.Formatter()

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = inner(*args, **kwargs)
        record.msg, record.args = masker.text(record.getMessage()), None
        if record.exc_info:  # a handler would print the exception as it is
            record.exc_text = masker.text(formatter.formatException(record.exc_info))
            record.exc_info = None
        return record

    logging.setLogRecordFactory(make)
    try:
        yield
    finally:
        logging.setLogRecordFactory(inner)
