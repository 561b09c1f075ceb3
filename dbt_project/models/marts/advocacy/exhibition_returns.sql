{% set horizons, relationship_days = [30, 90, 180, 365], 90 %}
with
    met as (select * from {{ ref("int_exhibition_contacts") }}),

    results as (select * from {{ ref("int_exhibition_deals") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    rates as (select * from {{ ref("int_revenue_rates") }}),

    exhibitions as (
        select
            held.* exclude (cost_minor),
            coalesce(held.ends_on, held.starts_on) + 1 as closed_date,
            {{ convert_minor("held.cost_minor", "rates.rate", "upper(held.currency)", "base.base_currency") }}
            as cost_minor
        from {{ every("exhibitions") }} as held
        cross join base
        left join
            rates
            on rates.currency = upper(held.currency)
            and held.starts_on >= rates.valid_from
            and held.starts_on < rates.valid_until
        where not held.is_deleted
    ),

    windows as (select * from {{ ref("int_observation_windows") }}),

    observed as (
        select
            base.brand_id,
            max(observed_until) filter (domain = 'messages') as messages_until,
            max(observed_until) filter (domain = 'revenue') as revenue_until
        from base
        left join windows using (brand_id)
        group by base.brand_id
    ),

    -- Each member of staff for itself, and all together: a person met by two counts for both, and once.
    people as (
        select
            exhibition_id,
            staff_id,
            count(*) as scan_count,
            count(distinct party) as people_count,
            count(distinct person_id) as known_people_count,
            count(distinct party) filter (is_followed_up_48h) as followed_up_48h_count,
            count(distinct party) filter (is_related) as related_count
        from
            (
                select *
                from met
                where staff_id is not null
                union all
                select * replace (null as staff_id)
                from met
            ) as scans
        group by all
    ),

    horizons as (select unnest({{ horizons }}) as days),

    money as (
        select
            results.exhibition_id,
            results.staff_id,
            horizons.days,
            cast(
                sum(results.pipeline_minor) filter (results.deal_age_days < horizons.days) as bigint
            ) as pipeline_minor,
            cast(
                sum(results.won_margin_minor) filter (results.won_age_days < horizons.days) as bigint
            ) as won_margin_minor
        from results
        cross join horizons
        group by all
    )

select
    exhibitions.exhibition_id || '|' || coalesce(people.staff_id, '') || '|' || horizons.days as exhibition_return_id,
    exhibitions.exhibition_id,
    exhibitions.name,
    exhibitions.city,
    exhibitions.starts_on,
    exhibitions.ends_on,
    people.staff_id,
    horizons.days::integer as horizon_days,
    people.scan_count,
    people.people_count,
    people.known_people_count,
    people.followed_up_48h_count,
    people.followed_up_48h_count / people.people_count as follow_up_rate_48h,
    people.related_count as relationship_90d_count,
    people.related_count / nullif(people.known_people_count, 0) as exhibition_to_relationship_rate,
    coalesce(
        {{ local_midnight("(exhibitions.closed_date + " ~ relationship_days ~ ")", "base.time_zone") }}
        <= observed.messages_until,
        false
    ) as is_relationship_mature,
    if(people.staff_id is null, exhibitions.cost_minor, null) as cost_minor,
    if(
        people.staff_id is null, {{ rounded_minor("exhibitions.cost_minor", "nullif(people.related_count, 0)") }}, null
    ) as cost_per_relationship_minor,
    coalesce(money.pipeline_minor, 0) as pipeline_minor,
    coalesce(money.won_margin_minor, 0) as won_margin_minor,
    coalesce(
        {{ local_midnight("(exhibitions.closed_date + horizons.days)", "base.time_zone") }} <= observed.revenue_until,
        false
    ) as is_mature,
    base.base_currency as currency
from exhibitions
inner join people using (exhibition_id)
cross join base
inner join observed on observed.brand_id = base.brand_id
cross join horizons
left join
    money
    on money.exhibition_id = exhibitions.exhibition_id
    and money.days = horizons.days
    and money.staff_id is not distinct from people.staff_id
