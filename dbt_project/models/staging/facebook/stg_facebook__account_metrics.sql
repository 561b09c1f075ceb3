{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per number of followers of a page on Facebook and night, and per day's gain and loss; both count people once.
{{
    network_account_metrics(
        "facebook",
        "followers_count",
        flows={"page_daily_follows_unique": "followers_gained", "page_daily_unfollows_unique": "followers_lost"},
    )
}}
