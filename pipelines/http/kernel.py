"""The loop that every request of every source goes through.

budget ─▶ throttle ─▶ token ─▶ send ─▶ read capped body ─▶ classify ─▶ ledger ─▶ act
                                                                         │
             answer ◀── Ok, SkipItem, Gone, Split ◀──────────────────────┤
             again  ◀── Retry, RefreshAuth, DropField, redirect ◀────────┤
             end    ◀── QuotaStop: SourceStopped, Fatal: SourceFailed ◀──┘

Nothing but records leaves it: no exception of a library, no text of an answer, no secret.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace

from pipelines.clock import Clock
from pipelines.http.budget import BudgetUsedUp, Purse, worst_cost
from pipelines.http.classify import (
    DropField,
    Fatal,
    Gone,
    Ok,
    Outcome,
    QuotaStop,
    RefreshAuth,
    Retry,
    SkipItem,
    Split,
    default_outcome,
)
from pipelines.http.failures import SourceFailed, SourceStopped
from pipelines.http.ledger import Attempt, RequestLedger
from pipelines.http.origin import ForeignOriginError
from pipelines.http.patience import OutOfTime, Patience
from pipelines.http.records import Answer, Exchange, Reply, Request
from pipelines.http.rows import by_complexity, rows_of
from pipelines.http.service import Service
from pipelines.http.session import Session
from pipelines.http.throttle import Throttle
from pipelines.http.tokens import Anonymous, Credentials, TokenProvider
from pipelines.http.transport import Transport, Wire
from pipelines.http.waits import backoff_seconds, demanded
from pipelines.http.wiring import wire_of

REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass
class _Turn:
    """One call of `fetch`. `sends` counts every send, `tries` only the first one and retries."""

    request: Request
    sends: int = 0
    tries: int = 1
    redirects: int = 0
    waited_seconds: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
    token_age: int = 0
    url: str = ""


class Kernel:
    """Sends the requests of one source in one run. Safe for the source's own workers.

    `purse`: spends the service's budget; given when earlier runs of this month spent from it.
    """

    def __init__(
        self,
        service: Service,
        ledger: RequestLedger,
        *,
        clock: Clock,
        rng: random.Random,
        token: TokenProvider | None = None,
        purse: Purse | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.service, self.ledger, self.clock, self.limits = service, ledger, clock, service.limits
        self._rng = rng
        self._session = Session(token or Anonymous(), service.origins, ledger.masker)
        self._purse = purse or Purse(service.budget)
        self._throttle = Throttle(service.rates)
        self._patience = Patience(self.limits, clock)
        self._transport = transport or Transport(
            self.limits, clock.monotonic, service.origins.internal_hosts
        )

    def fetch(self, request: Request) -> Answer:
        """Send a request until its answer is usable or final.

        Raises SourceFailed when a person is needed, SourceStopped when a budget or cap is used up.
        """
        turn = _Turn(request)
        while True:
            try:
                exchange, outcome = self._attempt(turn)
                answer = self._act(turn, exchange, outcome)
            except (BudgetUsedUp, OutOfTime) as stop:
                raise self._stopped(turn, QuotaStop(str(stop), stop.until)) from None
            except ForeignOriginError as error:
                raise self._failed(turn, Fatal("foreign_origin", str(error))) from None
            if answer is not None:
                return answer

    def _attempt(self, turn: _Turn) -> tuple[Exchange, Outcome | None]:
        """One send, recorded; the outcome is None for a redirect."""
        self._patience.check()
        now = self.clock.now()
        request = turn.request = self._purse.reserve(turn.request, now)
        cost_micro = 0
        try:
            self._wait(turn, self._throttle.take(request.group, now))
            wire = self._wire(turn)
            started_at, started = self.clock.now(), self.clock.monotonic()
            found = self._transport.send(wire)
            elapsed_ms = round((self.clock.monotonic() - started) * 1000)
            turn.url, turn.sends = wire.url, turn.sends + 1
            if isinstance(found, Reply):
                exchange = Exchange(request, found)
                self._learn(exchange.request, found)
            else:
                exchange = Exchange(request, failure=found)
                cost_micro = worst_cost(request).micro if found.may_be_billed else 0
            outcome = self._classify(exchange)
            row_count = len(rows_of(exchange)) if isinstance(outcome, Ok) else 0
            cost_micro = cost_micro or row_count * request.unit_cost_micro
        finally:
            self._purse.settle(request, cost_micro)
        reply = exchange.reply
        self.ledger.attempt(
            Attempt(
                resource=request.resource,
                method=request.method,
                url_template=request.path or request.resource,
                attempt=turn.sends,
                status=reply.status if reply else None,
                outcome=_name(outcome),
                started_at=started_at,
                elapsed_ms=elapsed_ms,
                bytes=len(reply.body) if reply else 0,
                rows=row_count,
                wait_ms=round(turn.waited_seconds * 1000),
                cost_micro=cost_micro,
                version_header=reply.header(self.service.version_header) if reply else None,
                request_id=reply.header(self.service.request_id_header) if reply else None,
            )
        )
        turn.waited_seconds = 0.0
        return exchange, outcome

    def _wire(self, turn: _Turn) -> Wire:
        """The request as it goes out, with a token that lives long enough."""
        request, credentials = turn.request, Credentials()
        if not request.is_token and not request.is_signed_download:
            now = self.clock.now()
            try:
                credentials, turn.token_age = self._session.credentials(now, self.fetch)
            except ValueError:
                fault = Fatal("token_refused", "the token endpoint answered without a token")
                raise self._failed(turn, fault) from None
        return wire_of(request, self.service, self._session.origins, credentials, turn.url)

    def _learn(self, request: Request, reply: Reply) -> None:
        """Correct the throttle by the answer's rate headers."""
        if self.service.read_rate is None or request.is_token or request.is_signed_download:
            return
        signal = self.service.read_rate(reply.headers, self.clock.now())
        if signal is not None:
            self._throttle.learn(request.group, signal)

    def _classify(self, exchange: Exchange) -> Outcome | None:
        request, reply = exchange.request, exchange.reply
        if reply is not None and reply.status in REDIRECTS:
            return None
        if not request.is_token and not request.is_signed_download:
            return self.service.classify(exchange)
        outcome = default_outcome(exchange)
        if reply is None or isinstance(outcome, Ok | Retry):
            return outcome
        if request.is_token and reply.status in range(400, 500):
            return Fatal("token_refused", f"the token endpoint refused (status {reply.status})")
        is_expired = request.is_signed_download and isinstance(outcome, RefreshAuth)
        return SkipItem("download_expired") if is_expired else outcome

    def _act(self, turn: _Turn, exchange: Exchange, outcome: Outcome | None) -> Answer | None:
        """What an outcome asks for; None: send again."""
        request, now = turn.request, self.clock.now()
        match outcome:
            case None:
                self._redirect(turn, exchange)
            case Retry():
                self._retry(turn, outcome, exchange.reply)
            case RefreshAuth():
                if not self._session.refresh(turn.token_age):
                    raise self._failed(turn, Fatal("token_refused", self._session.refusal))
            case DropField(name):
                return self._drop(turn, exchange, name)
            case Split() if len(request.names) < 2:
                return self._drop(turn, exchange, *request.names)
            case QuotaStop():
                raise self._stopped(turn, outcome)
            case Fatal():
                raise self._failed(turn, outcome)
            case Ok(errors):
                for error in errors:
                    self.ledger.partial_error(request.resource, error, now)
                return self._answer(exchange, outcome)
            case SkipItem(reason):
                self.ledger.unavailable(request.resource, reason, now)
                return self._answer(exchange, outcome)
            case Gone() | Split():
                return self._answer(exchange, outcome)
        return None

    def _answer(self, exchange: Exchange, outcome: Outcome) -> Answer:
        request, reply, now = exchange.request, exchange.reply, self.clock.now()
        if reply is None or not isinstance(outcome, Ok):
            return Answer(request, outcome, now, reply.status if reply else 0)
        good, bad = by_complexity(rows_of(exchange), self.limits)
        return Answer(
            request, outcome, now, reply.status, reply.headers, reply.body, reply.payload, good, bad
        )

    def _redirect(self, turn: _Turn, exchange: Exchange) -> None:
        request = turn.request
        location = exchange.reply.header("location") if exchange.reply else None
        is_plain = not request.is_signed_download and not request.is_token
        turn.redirects += 1
        is_within = turn.redirects <= self.limits.redirects
        if not location or request.method != "GET" or not is_plain or not is_within:
            raise self._failed(turn, Fatal("redirect", "a redirect that is not followed"))
        turn.request = request.following(location)

    def _retry(self, turn: _Turn, outcome: Retry, reply: Reply | None) -> None:
        """Wait for another try: as long as somebody demands, else with our own backoff."""
        turn.reasons[outcome.reason] += 1
        is_over = outcome.at_most is not None and turn.reasons[outcome.reason] > outcome.at_most
        if is_over or turn.tries >= self.limits.attempts:
            fault = Fatal("unavailable", f"{outcome.reason} after {turn.sends} attempts")
            raise self._failed(turn, (outcome.otherwise if is_over else None) or fault)
        now, group = self.clock.now(), turn.request.group
        headers = reply.headers if reply else {}
        signal = self.service.read_rate(headers, now) if self.service.read_rate else None
        until = outcome.not_before or demanded(
            headers,
            now,
            is_throttle=outcome.is_throttle,
            resets_at=signal.resets_at if signal else None,
            period_seconds=self._throttle.period_seconds(group),
        )
        if until is None or until <= now:
            self._wait(turn, backoff_seconds(turn.tries, self._rng, self.limits))
        else:
            if outcome.is_throttle:
                self._throttle.hold(group, until)
            self._wait(turn, (until - now).total_seconds())
        turn.tries += 1

    def _wait(self, turn: _Turn, seconds: float) -> None:
        self._patience.wait(turn.request.resource, seconds)
        turn.waited_seconds += max(0.0, seconds)

    def _drop(self, turn: _Turn, exchange: Exchange, name: str = "") -> Answer | None:
        """Go on without one field or metric, and remember that it is unavailable."""
        request = turn.request
        if name not in request.names:
            raise self._failed(turn, Fatal("refused", "a field was refused that was not asked for"))
        self.ledger.unavailable(request.resource, "name_refused", self.clock.now(), name)
        left = tuple(other for other in request.names if other != name)
        if not left:
            return self._answer(exchange, SkipItem("name_refused"))
        turn.request = replace(request, names=left)
        return None

    def _failed(self, turn: _Turn, fatal: Fatal) -> SourceFailed:
        masked = replace(fatal, why=self.ledger.masker.text(fatal.why))
        return SourceFailed(self.service.name, turn.request.resource, masked)

    def _stopped(self, turn: _Turn, stop: QuotaStop) -> SourceStopped:
        reason = self.ledger.masker.text(stop.reason)
        return SourceStopped(self.service.name, turn.request.resource, reason, stop.until)


def _name(outcome: Outcome | None) -> str:
    """An outcome for the ledger: `retry: status 503`."""
    match outcome:
        case None:
            return "redirect"
        case Retry(reason) | SkipItem(reason) | QuotaStop(reason):
            return f"{outcome.code}: {reason}"
        case Fatal(fault):
            return f"{outcome.code}: {fault}"
    return outcome.code
