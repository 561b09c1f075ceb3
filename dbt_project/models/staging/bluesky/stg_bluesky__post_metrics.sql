{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per counter of a post of the brand on Bluesky and night. The network counts only what its users did, all of
-- it organic.
with
    figures as (select * from ({{ newest_rows("bluesky", "metrics") }}) where object_kind = 'posts')

    {{ network_post_metrics("bluesky", "figures", is_organic_only=true) }}
