{%- set z_95 = 1.959963984540054 -%}
{%- set supported_count = 30 -%}

with
    touch_credits as (select * from {{ ref("int_attribution_channel_credits") }}),

    solved_credits as (select * from {{ ref("int_attribution_solved_credits") }}),

    spend as (select * from {{ ref("int_attribution_spend") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    credited as (
        select
            period_start_date,
            conversion_type,
            scope,
            model_id,
            channel_id,
            conversion_count,
            credit_minor,
            participation_minor,
            greatest(credit_minor - {{ z_95 }} * credit_deviation, least(credit_minor, 0)) as ci_low_minor,
            credit_minor + {{ z_95 }} * credit_deviation as ci_high_minor,
            cast(null as double) as removal_effect,
            cast(null as double) as removal_effect_value,
            true as is_supported
        from touch_credits
        union all by name
        select *, cast(null as bigint) as participation_minor
        from solved_credits
    ),

    -- Spend of a channel that earned nothing stays, with a return of 0, under every model that was
    -- run on the month.
    runs as (select distinct period_start_date, conversion_type, scope, model_id from credited),

    spent as (select runs.*, spend.channel_id, spend.spend_minor from runs inner join spend using (period_start_date)),

    joined as (
        select
            coalesce(credited.period_start_date, spent.period_start_date) as period_start_date,
            coalesce(credited.conversion_type, spent.conversion_type) as conversion_type,
            coalesce(credited.scope, spent.scope) as scope,
            coalesce(credited.model_id, spent.model_id) as model_id,
            coalesce(credited.channel_id, spent.channel_id) as channel_id,
            coalesce(credited.conversion_count, 0.0) as conversion_count,
            coalesce(credited.credit_minor, 0) as credit_minor,
            credited.participation_minor,
            credited.ci_low_minor,
            credited.ci_high_minor,
            credited.removal_effect,
            credited.removal_effect_value,
            coalesce(credited.is_supported, false) as is_supported,
            spent.spend_minor
        from credited
        full join
            spent
            on spent.period_start_date = credited.period_start_date
            and spent.conversion_type = credited.conversion_type
            and spent.scope = credited.scope
            and spent.model_id = credited.model_id
            and spent.channel_id = credited.channel_id
    ),

    totals as (
        select
            *, sum(credit_minor) over (partition by period_start_date, conversion_type, scope, model_id) as total_minor
        from joined
    )

select
    totals.period_start_date,
    {{ last_date_of_month("0", "totals.period_start_date") }} as period_end_date,
    totals.conversion_type,
    totals.channel_id,
    totals.model_id,
    totals.scope,
    totals.conversion_count,
    totals.credit_minor,
    totals.credit_minor / cast(nullif(totals.total_minor, 0) as double) as credit_share,
    totals.participation_minor,
    totals.ci_low_minor,
    totals.ci_high_minor,
    totals.removal_effect,
    totals.removal_effect_value,
    totals.spend_minor,
    totals.spend_minor / nullif(totals.conversion_count, 0.0) as cost_per_conversion_minor,
    totals.credit_minor / cast(nullif(totals.spend_minor, 0) as double) as return_on_spend,
    base.base_currency as currency,
    totals.is_supported and totals.conversion_count >= {{ supported_count }} as is_supported,
    totals.channel_id = '(none)' as is_none
from totals
cross join base
