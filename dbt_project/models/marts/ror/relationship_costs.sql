with
    costs as (select * from {{ every("costs") }} where not is_deleted and amount_minor < {{ largest_amount() }}),

    shares as (select * from {{ ref("int_relationship_cost_shares") }}),

    replies as (select * from {{ ref("int_personal_replies_daily") }}),

    labour_rates as (select * from {{ ref("labour_rates") }}),

    touch_types as (select * from {{ ref("touch_types") }} where touch_type = 'personal_reply'),

    rates as (select * from {{ ref("int_revenue_rates") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    -- Work of an account in a month for which no cost of labour was recorded, at default minutes.
    unrecorded as (
        select
            concat_ws('|', 'default', replies.account_id, replies.reply_date, replies.person_id) as cost_id,
            replies.person_id,
            replies.reply_date as cost_date,
            replies.reply_count * touch_types.default_effort_minutes as minutes,
            cast(
                round(
                    replies.reply_count * touch_types.default_effort_minutes * labour_rates.minor_per_hour / 60
                ) as bigint
            ) as amount_minor,
            labour_rates.currency
        from replies
        cross join touch_types
        anti join
            (from costs where kind = 'labour') as recorded
            on coalesce(recorded.account_id, replies.account_id) = replies.account_id
            and {{ start_of("month", "recorded.cost_date") }} = {{ start_of("month", "replies.reply_date") }}
        asof inner join labour_rates on labour_rates.valid_from <= replies.reply_date
    ),

    converted as (
        select
            found.*,
            {{ convert_minor("found.amount_minor", "rates.rate", "upper(found.currency)", "base.base_currency") }}
            as base_minor,
            base.base_currency
        from
            (
                select
                    cost_id,
                    source,
                    native_id,
                    null::varchar as person_id,
                    cost_date,
                    kind,
                    minutes,
                    amount_minor,
                    currency,
                    'measured' as basis
                from costs
                union all by name
                select *, 'labour' as kind, 'default' as basis
                from unrecorded
            ) as found
        cross join base
        left join
            rates
            on rates.currency = upper(found.currency)
            and found.cost_date >= rates.valid_from
            and found.cost_date < rates.valid_until
    ),

    floored as (
        select
            converted.* exclude (person_id, basis),
            coalesce(shares.person_id, converted.person_id) as person_id,
            if(shares.reply_count is null, converted.basis, 'allocated') as basis,
            coalesce(shares.reply_count, 1) as part,
            sum(coalesce(shares.reply_count, 1)) over shared as parts
        from converted
        left join shares on shares.source = converted.source and shares.native_id = converted.native_id
        window shared as (partition by converted.source, converted.native_id, converted.cost_id)
    ),

    -- Units left over by the division go to the largest remainders, one each; equal ones by person.
    ranked as (
        select
            *,
            {{ whole_quotient("cast(base_minor as hugeint) * part", "parts") }} as floor_minor,
            base_minor
            - sum({{ whole_quotient("cast(base_minor as hugeint) * part", "parts") }}) over shared as short_minor,
            row_number() over (
                partition by source, native_id, cost_id
                order by cast(base_minor as hugeint) * part % parts desc, person_id nulls last
            ) as remainder_rank
        from floored
        window shared as (partition by source, native_id, cost_id)
    )

select
    cost_id,
    person_id,
    cost_date,
    kind as cost_kind,
    minutes * part / parts as minutes,
    cast(floor_minor + cast(remainder_rank <= short_minor as integer) as bigint) as amount_minor,
    base_currency as currency,
    basis,
    kind <> 'ad' as is_relationship
from ranked
