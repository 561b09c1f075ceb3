{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per number of followers of an organisation on LinkedIn and night, and per day's gain; LinkedIn tells gains
-- that advertisements brought apart, and no losses.
{{
    network_account_metrics(
        "linkedin",
        "followers",
        flows={"organicFollowerGain": "followers_gained_organic", "paidFollowerGain": "followers_gained_paid"},
    )
}}
