"""Metrics: read from the semantic layer of dbt, compiled by MetricFlow, catalogued.

models/semantic ──dbt parse──▶ semantic manifest ──▶ definitions ──▶ compiler ──▶ SQL
                                                          └──▶ catalogue, pages, views
"""
