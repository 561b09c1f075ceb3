{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per number of followers of an account on Instagram and night, and per day's gain. Meta calls a day's new
-- followers `follower_count`; it tells no losses.
{{ network_account_metrics("instagram", "followers_count", flows={"follower_count": "followers_gained"}) }}
