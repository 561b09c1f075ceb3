"""The file drop: declared feeds, a safe inbox, readers and column checks.

`pipelines.sources.files` is its dlt side.
"""
