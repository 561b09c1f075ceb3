{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per counter of a status of the brand on Mastodon and night. The brand's own server counts whatever reached
-- it, all of it organic; partial counts of other servers' statuses are left out with those statuses.
with
    figures as (
        select
            * replace (
                case metric when 'favourites' then 'likes' when 'reblogs' then 'reposts' else metric end as metric
            )
        from ({{ newest_rows("mastodon", "metrics") }})
        where object_kind = 'statuses'
    )

    {{ network_post_metrics("mastodon", "figures", is_organic_only=true) }}
