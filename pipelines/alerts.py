"""Tell people: alerts go to the ledger and the log, and to one webhook where it is configured."""

from __future__ import annotations

import json
import logging
import urllib.request

from pipelines.context import RunContext

TIMEOUT_SECONDS = 10
logger = logging.getLogger("ror")


def send(run: RunContext, rule: str, subject: str, level: str, text: str) -> None:
    """Record an alert and pass it on; the same rule and subject is passed on once in 24 hours.

    `level`: info, warning or critical. `text` is one line without secrets or personal data.
    A webhook that fails is logged and never fails the run.
    """
    is_new = run.ledger.alert(run.run_id, rule, subject, level, text)
    logger.log(logging.ERROR if level == "critical" else logging.WARNING, "%s: %s", rule, text)
    if is_new and run.settings.alert_webhook is not None:
        body = {"rule": rule, "subject": subject, "level": level, "text": text, "run": run.run_id}
        try:
            _post(run.settings.alert_webhook.get_secret_value(), body)
        except (OSError, ValueError) as error:
            logger.warning("alert webhook: %s; the alert is in the ledger", type(error).__name__)


def _post(address: str, body: dict[str, str]) -> None:
    if not address.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ValueError("the alert webhook must be an https address")
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
        pass
