{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per number of followers of an account of the brand on Mastodon and night.
{{ network_account_metrics("mastodon", "followers") }}
