"""Anybody's SQL on the published file: read-only, sandboxed, limited, in four output formats."""

from pipelines.query.explain import explain_channel, explain_conversion
from pipelines.query.explain_person import explain_person
from pipelines.query.metric import metric_list, metric_sql
from pipelines.query.output import FORMATS, run_query
from pipelines.query.sandbox import Limits, sandbox
from pipelines.query.summary import TableSummary, tables
from pipelines.query.worklist import LANGUAGES, todays_list

__all__ = [
    "FORMATS",
    "LANGUAGES",
    "Limits",
    "TableSummary",
    "explain_channel",
    "explain_conversion",
    "explain_person",
    "metric_list",
    "metric_sql",
    "run_query",
    "sandbox",
    "tables",
    "todays_list",
]
