with
    askers as (select * from {{ ref("int_turn_askers") }}),

    -- By rank among all, so that equal people are in one group.
    ranked as (
        select
            *,
            percent_rank() over (
                partition by brand_id, follower_count is null order by follower_count
            ) as follower_rank,
            percent_rank() over (partition by brand_id, is_customer order by spent_minor) as value_rank
        from askers
    ),

    grouped as (
        select
            *,
            if(follower_count is null, null, least(10, 1 + floor(10 * follower_rank)))::integer as follower_decile,
            if(is_customer, least(5, 1 + floor(5 * value_rank)), null)::integer as value_quintile
        from ranked
    ),

    members as (
        {% for dimension, label in [
            ("language", "language"),
            ("is_customer", "if(is_customer, 'customer', 'no customer')"),
            ("follower_decile", "printf('%02d', follower_decile)"),
            ("value_quintile", "value_quintile::varchar"),
        ] -%}
            select brand_id, '{{ dimension }}' as dimension, {{ label }} as group_name, is_answered_24h
            from grouped
            where {{ dimension }} is not null
            {% if not loop.last %}
                union all
            {% endif %}
        {%- endfor %}
    ),

    counted as (
        select
            brand_id,
            dimension,
            group_name,
            count(*) as mature_turn_count,
            count(*) filter (is_answered_24h) as answered_24h_count
        from members
        group by all
    ),

    compared as (
        select
            *,
            sum(mature_turn_count) over others - mature_turn_count as other_turn_count,
            sum(answered_24h_count) over others - answered_24h_count as other_answered_count
        from counted
        window others as (partition by brand_id, dimension)
    ),

    tested as (
        select
            *,
            {{ two_shares_z("answered_24h_count", "mature_turn_count", "other_answered_count", "other_turn_count") }}
            as z_score
        from compared
    )

select
    brand_id,
    dimension,
    group_name,
    mature_turn_count,
    answered_24h_count,
    other_turn_count::bigint as other_turn_count,
    other_answered_count::bigint as other_answered_24h_count,
    answered_24h_count / mature_turn_count as response_rate_24h,
    answered_24h_count / mature_turn_count - other_answered_count / nullif(other_turn_count, 0) as response_rate_gap,
    {{ two_sided_p("z_score") }} as p_value,
    least(mature_turn_count, other_turn_count) >= 30 as is_supported
from tested
