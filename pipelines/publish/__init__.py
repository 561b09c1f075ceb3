"""Write, audit, publish: a new file beside the old one, and one atomic change of a link.

`publish` is the last step of a night; `repair_after_crash` and `clean_leftovers` are the first of
the next one.
"""

from pipelines.publish.connection import build_connection
from pipelines.publish.metric_views import metric_views
from pipelines.publish.protocol import Publication, publish
from pipelines.publish.retention import clean_leftovers, prune, repair_after_crash
from pipelines.publish.tables import PublishedTable, published_tables
from pipelines.publish.versions import (
    Version,
    list_versions,
    pin,
    release,
    rollback,
    unpin,
    verify_version,
)
from pipelines.publish.watermarks import watermarks

__all__ = [
    "Publication",
    "PublishedTable",
    "Version",
    "build_connection",
    "clean_leftovers",
    "list_versions",
    "metric_views",
    "pin",
    "prune",
    "publish",
    "published_tables",
    "release",
    "repair_after_crash",
    "rollback",
    "unpin",
    "verify_version",
    "watermarks",
]
