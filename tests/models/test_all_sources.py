"""Every API in use at once, beside files: all models and tests of the data hold together."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.sources import APIS
from tests.support.acts import rows
from tests.support.raw import RawWarehouse
from tests.support.raw_apis import land

pytestmark = pytest.mark.slow

BRAND = """brand_id,name,time_zone,base_currency,margin_rate,is_default
bean,Bean & Bond,Europe/Rome,EUR,0.35,true
"""
DEAL = {
    "dealstage": "closedwon", "pipeline": "default", "deal_currency_code": "EUR",
    "created_at": "2026-02-01 10:00:00+00", "closedate": "2026-02-20 00:00:00+00",
}  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("all"))
    raw.seed("brands", BRAND)
    raw.land("survey_responses", [{
        "response_id": "r", "survey_id": "s", "question_id": "q", "question_kind": "nps",
        "score": 9, "completed_at": "2026-02-20 10:00:00+00",
    }])  # fmt: skip
    form = {"form_id": "f"}
    land(raw, "typeform", "questions", [form | {"id": "q", "ref": "nps", "type": "nps"}])
    land(raw, "typeform", "responses", [
        form | {"response_id": "t", "submitted_at": "2026-02-21 10:00:00+00"}
    ])  # fmt: skip
    land(raw, "typeform", "answers", [
        form | {"response_id": "t", "question_id": "q", "type": "number", "number": 3}
    ])  # fmt: skip
    land(raw, "hubspot", "stages", [{
        "pipeline_id": "default", "id": "closedwon", "is_closed": True, "probability": 1.0,
    }])  # fmt: skip
    land(raw, "hubspot", "deals", [DEAL | {"id": "7", "amount": "120.00", "_is_deleted": True}])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROR_SOURCES", ",".join(api.name for api in APIS))
        with raw.build() as built:
            yield built


def test_answers_when_files_and_an_api_tell_of_surveys_then_both_count(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    answers = rows(tables, "select survey_id, score from marts.survey_answers order by all")
    assert answers == [("f", 3), ("s", 9)]


def test_won_deal_when_deleted_before_it_was_read_then_it_is_refused_as_deleted(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    refused = rows(tables, "select entity, native_id, reason from intermediate.int_revenue_refused")
    assert refused == [("deals", "hubspot|7", "deleted")]
    assert rows(tables, "select * from marts.revenue_events") == []
