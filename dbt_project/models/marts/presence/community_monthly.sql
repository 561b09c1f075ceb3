with
    acts as (
        select brand_id, person_id, occurred_date
        from {{ ref("interactions") }}
        where
            person_id is not null
            and act_group in ('message', 'post')
            and is_meaningful
            and direction <> 'outbound'
            and not is_deleted
            and not coalesce(is_by_brand or is_automated, false)
            and occurred_date is not null
    ),

    edges as (select * from {{ ref("community_edges") }}),

    -- In how many weeks of the month a person said something.
    people as (
        select
            brand_id,
            {{ start_of("month", "occurred_date") }} as month_start_date,
            person_id,
            count(distinct {{ start_of("week", "occurred_date") }}) as week_count
        from acts
        group by all
    ),

    levels as (
        select
            brand_id,
            month_start_date,
            count(*) as active_count,
            count(*) filter (week_count >= 3) as core_count,
            count(*) filter (week_count = 2) as regular_count,
            count(*) filter (week_count = 1) as casual_count
        from people
        group by all
    ),

    -- Whoever said something or was replied to.
    members as (
        select brand_id, month_start_date, count(*) as member_count
        from
            (
                select brand_id, month_start_date, person_id
                from people
                union
                select brand_id, month_start_date, unnest([from_person_id, to_person_id])
                from edges
            ) as everybody
        group by all
    ),

    helps as (
        select
            brand_id, month_start_date, count(*) as turn_count, count(*) filter (is_helped) as peer_answered_turn_count
        from {{ ref("int_turns_helped") }}
        group by all
    ),

    graphs as (
        select
            edges.brand_id,
            edges.month_start_date,
            cast(sum(edges.reply_count) as bigint) as peer_reply_count,
            count(*) as edge_count,
            count(back.from_person_id) as mutual_edge_count,
            -- A pair that replies both ways is one pair.
            count(*) filter (back.from_person_id is null or edges.from_person_id < edges.to_person_id) as pair_count
        from edges
        left join
            edges as back
            on back.brand_id = edges.brand_id
            and back.month_start_date = edges.month_start_date
            and back.from_person_id = edges.to_person_id
            and back.to_person_id = edges.from_person_id
        group by all
    )

select
    brand_id,
    month_start_date,
    coalesce(levels.active_count, 0) as active_count,
    coalesce(levels.core_count, 0) as core_count,
    coalesce(levels.regular_count, 0) as regular_count,
    coalesce(levels.casual_count, 0) as casual_count,
    coalesce(members.member_count, 0) as member_count,
    coalesce(graphs.peer_reply_count, 0) as peer_reply_count,
    coalesce(graphs.edge_count, 0) as edge_count,
    coalesce(graphs.pair_count, 0) as pair_count,
    2 * coalesce(graphs.pair_count, 0) / nullif(members.member_count * (members.member_count - 1), 0) as density,
    graphs.mutual_edge_count / nullif(graphs.edge_count, 0) as reciprocity_share,
    coalesce(helps.turn_count, 0) as turn_count,
    coalesce(helps.peer_answered_turn_count, 0) as peer_answered_turn_count,
    helps.peer_answered_turn_count / nullif(helps.turn_count, 0) as peer_answer_rate
from levels
full join graphs using (brand_id, month_start_date)
left join members using (brand_id, month_start_date)
full join helps using (brand_id, month_start_date)
