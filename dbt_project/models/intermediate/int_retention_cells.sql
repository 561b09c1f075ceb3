-- One row per cohort grain, basis, cohort, segment, kind and period: how many could be observed, how many came, what
-- they
-- bought. Of months only: everybody is in one segment, a tier and a channel, so that segments add up.
with
    members as (select * from {{ ref("int_retention_segments") }}),

    periods as (select * from {{ ref("int_retention_periods") }}),

    facts as (select * from {{ ref("int_retention_facts") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    first_dates as (
        select
            'week' as cohort_grain,
            cohort_basis,
            cohort_week_start_date as cohort_start_date,
            {{ moved_date("day", 6, "cohort_week_start_date") }} as cohort_end_date,
            '(all)' as relationship_tier,
            '(all)' as first_channel_id,
            first_date,
            observed_date,
            count(*) as member_count
        from members
        group by cohort_basis, cohort_week_start_date, first_date, observed_date
        union all
        select
            'month' as cohort_grain,
            cohort_basis,
            cohort_month_start_date as cohort_start_date,
            {{ dbt.last_day("cohort_month_start_date", "month") }} as cohort_end_date,
            relationship_tier,
            first_channel_id,
            first_date,
            observed_date,
            count(*) as member_count
        from members
        group by cohort_basis, cohort_month_start_date, relationship_tier, first_channel_id, first_date, observed_date
    ),

    -- The last date on which a member, or the last possible member of the cohort, can be active
    -- in the period.
    ended as (
        select
            first_dates.*,
            periods.retention_kind,
            periods.period_index,
            case
                when periods.known_after_days is null
                then {{ last_date_of_month("periods.period_index", "first_dates.cohort_start_date") }}
                else {{ moved_date("day", "periods.known_after_days", "first_dates.first_date") }}
            end as member_known_date,
            case
                when periods.known_after_days is null
                then {{ last_date_of_month("periods.period_index", "first_dates.cohort_start_date") }}
                else {{ moved_date("day", "periods.known_after_days", "first_dates.cohort_end_date") }}
            end as cohort_known_date
        from first_dates
        inner join periods using (cohort_grain)
    ),

    -- What is not yet observable of a member is left out, of both the members and their acts.
    observable as (
        select
            ended.*,
            case
                when ended.member_known_date < ended.observed_date then ended.member_count else 0
            end as observable_count,
            facts.active_count,
            facts.revenue_minor,
            facts.margin_minor
        from ended
        left join
            facts
            on facts.cohort_basis = ended.cohort_basis
            and facts.first_date = ended.first_date
            and facts.cohort_grain = ended.cohort_grain
            and facts.relationship_tier = ended.relationship_tier
            and facts.first_channel_id = ended.first_channel_id
            and facts.retention_kind = ended.retention_kind
            -- As a condition of its own, without a fact, it would compare all pairs.
            and facts.period_index = case when ended.member_known_date < ended.observed_date then ended.period_index end
    )

select
    observable.cohort_grain,
    observable.cohort_basis,
    observable.cohort_start_date,
    observable.relationship_tier,
    observable.first_channel_id,
    observable.retention_kind,
    observable.period_index,
    cast(sum(observable.member_count) as bigint) as cohort_count,
    cast(sum(observable.observable_count) as bigint) as observable_count,
    cast(coalesce(sum(observable.active_count), 0) as bigint) as active_count,
    cast(coalesce(sum(observable.revenue_minor), 0) as bigint) as revenue_minor,
    case
        when base.margin_rate is not null then cast(coalesce(sum(observable.margin_minor), 0) as bigint)
    end as margin_minor,
    max(observable.cohort_known_date) < max(observable.observed_date) as is_complete
from observable
cross join base
group by
    observable.cohort_grain,
    observable.cohort_basis,
    observable.cohort_start_date,
    observable.relationship_tier,
    observable.first_channel_id,
    observable.retention_kind,
    observable.period_index,
    base.margin_rate
