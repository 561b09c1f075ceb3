{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per counter of a post of the brand on X and night. The network counts paid views as well.
with
    figures as (select * from ({{ newest_rows("x", "metrics") }}) where object_kind = 'posts')

    {{ network_post_metrics("x", "figures", is_organic_only=false) }}
