"""The only place that knows Dagster: assets, checks, the nightly job and its schedule."""
