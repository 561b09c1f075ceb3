"""Anybody's SQL on the published file: read-only, sandboxed, limited, in four output formats."""

from pipelines.query.output import FORMATS, run_query
from pipelines.query.sandbox import Limits, sandbox
from pipelines.query.summary import TableSummary, tables

__all__ = ["FORMATS", "Limits", "TableSummary", "run_query", "sandbox", "tables"]
