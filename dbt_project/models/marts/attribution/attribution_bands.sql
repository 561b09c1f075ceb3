{%- set largest_difference = 0.02 -%}
{%- set largest_relative_difference = 0.2 -%}
{%- set supported_count = 30 -%}

with
    channels as (select * from {{ ref("attribution_channels") }}),

    models as (select * from {{ ref("int_attribution_models") }} where is_credit),

    -- All conversions of a month together; a model that was not solved says nothing.
    by_model as (
        select
            channels.period_start_date,
            channels.model_id,
            channels.channel_id,
            sum(channels.credit_minor) as credit_minor,
            sum(channels.conversion_count) as conversion_count
        from channels
        inner join models using (model_id)
        group by channels.period_start_date, channels.model_id, channels.channel_id
    ),

    totals as (
        select period_start_date, model_id, sum(credit_minor) as total_minor
        from by_model
        group by period_start_date, model_id
        having sum(credit_minor) > 0
    ),

    named as (select distinct period_start_date, channel_id from by_model),

    -- A channel that a model gives nothing has the share 0 there.
    shares as (
        select
            named.period_start_date,
            named.channel_id,
            totals.model_id,
            coalesce(by_model.credit_minor, 0) / cast(totals.total_minor as double) as share,
            coalesce(by_model.conversion_count, 0) as conversion_count
        from named
        inner join totals using (period_start_date)
        left join by_model using (period_start_date, channel_id, model_id)
    ),

    ranked as (
        select
            *,
            row_number() over (partition by period_start_date, channel_id order by share, model_id) as rank_from_below,
            row_number() over (
                partition by period_start_date, channel_id order by share desc, model_id
            ) as rank_from_above
        from shares
    ),

    bands as (
        select
            period_start_date,
            channel_id,
            count(*) as model_count,
            min(share) as min_share,
            max(share) as max_share,
            sum(share) / count(*) as mean_share,
            max(case when rank_from_below = 1 then model_id end) as min_model_id,
            max(case when rank_from_above = 1 then model_id end) as max_model_id,
            max(conversion_count) as conversion_count
        from ranked
        group by period_start_date, channel_id
    )

select
    period_start_date,
    {{ last_date_of_month("0", "period_start_date") }} as period_end_date,
    channel_id,
    model_count,
    min_share,
    max_share,
    mean_share,
    min_model_id,
    max_model_id,
    case
        when conversion_count < {{ supported_count }}
        then 'too_small'
        when
            max_share - min_share <= {{ largest_difference }}
            or max_share - min_share <= {{ largest_relative_difference }} * mean_share
        then 'robust'
        else 'depends_on_model'
    end as agreement
from bands
