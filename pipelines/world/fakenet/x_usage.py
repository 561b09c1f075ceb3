"""How many posts were read: X's own account of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pipelines.world.fakenet.facade import Request, unknown_parameters
from pipelines.world.fakenet.x_ask import check
from pipelines.world.fakenet.x_errors import invalid
from pipelines.world.fakenet.x_gate import XGate

PROJECT, APP = "1234567890123456789", "28000001"
FIELDS = ("cap_reset_day", "daily_client_app_usage", "daily_project_usage", "project_cap",
          "project_id", "project_usage")  # fmt: skip
DEFAULT_DAYS, MOST_DAYS = 7, 90


def usage(gate: XGate, request: Request) -> dict[str, Any]:
    """Posts read in the month, and per day of the last `days`; numbers are text."""
    known = ("days", "usage.fields")
    if unknown := unknown_parameters(request, known):
        message = f"The query parameter [{unknown[0]}] is not one of [{','.join(known)}]"
        raise invalid(message, {unknown[0]: [request.one(unknown[0])]})
    text = request.one("days", str(DEFAULT_DAYS))
    if not text.isdigit() or not 1 <= int(text) <= MOST_DAYS:
        message = f"The `days` query parameter value [{text}] is not between 1 and {MOST_DAYS}"
        raise invalid(message, {"days": [text]})
    wanted = request.many("usage.fields")
    check("usage.fields", wanted, set(FIELDS))
    today = request.arrived_at.date()
    days = [today - timedelta(days=number) for number in reversed(range(int(text)))]
    per_day = [
        {"date": f"{day}T00:00:00.000Z", "usage": str(len(gate.read[day]))}
        for day in days
        if day in gate.read
    ]
    everything = {
        "cap_reset_day": 1, "project_cap": str(gate.monthly_cap), "project_id": PROJECT,
        "project_usage": str(gate.used(request.arrived_at)),
        "daily_project_usage": {"project_id": PROJECT, "usage": per_day},
        "daily_client_app_usage": [
            {"client_app_id": APP, "usage": per_day, "usage_result_count": len(per_day)}
        ],
    }  # fmt: skip
    shown = wanted or ["cap_reset_day", "project_cap", "project_id", "project_usage",
                       "daily_project_usage"]  # fmt: skip
    return {"data": {name: value for name, value in everything.items() if name in shown}}
