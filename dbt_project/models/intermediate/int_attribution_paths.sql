-- One row per path with a touch: what a rule needs to know of it, and its share of the conversion.
with
    windows as (select * from {{ ref("int_attribution_windows") }}),

    eligible as (select * from {{ ref("int_attribution_eligible_touches") }}),

    owned as (
        select path_id, conversion_id, window_id, max(role_weight) as role_weight
        from windows
        group by path_id, conversion_id, window_id
    ),

    shaped as (
        select
            path_id,
            count(*) as path_length,
            max(case when not is_direct then touch_index end) as non_direct_index,
            max(case when is_before_lead then touch_index end) as lead_index,
            max(case when is_before_deal then touch_index end) as deal_index,
            max(touched_at) as last_touched_at,
            count(distinct channel_id) as channel_count
        from eligible
        group by path_id
    )

-- People without a touch have no part: the roles of the others fill the whole.
select
    shaped.*,
    owned.conversion_id,
    owned.window_id,
    owned.role_weight
    / {{ exact_sum("owned.role_weight", "partition by owned.conversion_id, owned.window_id") }} as path_share,
    dense_rank() over (
        order by owned.window_id, shaped.path_length, shaped.non_direct_index, shaped.lead_index, shaped.deal_index
    ) as shape_id
from shaped
inner join owned using (path_id)
