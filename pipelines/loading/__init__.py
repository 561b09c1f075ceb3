"""Loading one source into its raw tables: drain, take in, read, judge, land, clear the inbox."""

from pipelines.loading.api.load import load_api
from pipelines.loading.raw import prepare_build
from pipelines.loading.source import load_files

__all__ = ["load_api", "load_files", "prepare_build"]
