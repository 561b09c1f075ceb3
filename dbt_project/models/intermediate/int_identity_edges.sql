-- One row per rule and pair of identifiers that records, or people, say belong to the same person: how sure that is,
-- since when and by which record, and what people decided about the pair.
-- Names and handles alone never say so. A profile key stands for network and account together.
with
    profiles as (select * from {{ every("profiles") }} where not is_deleted),

    contacts as (select * from {{ every("contacts") }} where not is_deleted),

    orders as (select * from {{ every("orders") }} where not is_deleted),

    subscription_events as (select * from {{ every("subscription_events") }} where not is_deleted),

    clicks as (select * from {{ every("clicks") }} where not is_deleted),

    merges as (select * from {{ every("contact_merges") }} where not is_deleted),

    decisions as (select * from {{ identity_decisions() }}),

    rules as (select * from {{ ref("identity_rules") }}),

    -- A profile does not say since when it bears its handle and address.
    said as (
        {% for rule, left, right in [
            ("same_record", "'profile|' || profile_key", "'profile|' || handle_key"),
            ("profile_email", "'profile|' || profile_key", "'email|' || email_key"),
        ] -%}
            select
                '{{ rule }}' as rule,
                {{ left }} as a,
                {{ right }} as b,
                'profiles' as entity,
                profile_key as record_id,
                null::timestamptz as said_at
            from profiles
            union all
        {% endfor -%}
        select
            'crm_email',
            'contact|' || contact_id,
            'email|' || unnest(string_split(email_keys, ' ')),
            'contacts',
            contact_id,
            created_at
        from contacts
        union all
        select
            'crm_profile',
            'contact|' || contact_id,
            'profile|' || unnest(string_split(social_profile_keys, ' ')),
            'contacts',
            contact_id,
            created_at
        from contacts
        union all
        select 'order', 'contact|' || contact_id, 'email|' || email_key, 'orders', order_id, ordered_at
        from orders
        union all
        select
            'order',
            'contact|' || contact_id,
            'email|' || email_key,
            'subscription_events',
            subscription_event_id,
            changed_at
        from subscription_events
        union all
        {% for left, right in [("contact", "email"), ("contact", "profile"), ("email", "profile")] -%}
            {% set columns = {"contact": "contact_id", "email": "email_key", "profile": "profile_key"} -%}
            select
                'click',
                '{{ left }}|' || {{ columns[left] }},
                '{{ right }}|' || {{ columns[right] }},
                'clicks',
                click_id,
                clicked_at
            from clicks
            union all
        {% endfor -%}
        select 'merge', 'contact|' || loser_id, 'contact|' || winner_id, 'contact_merges', loser_id, merged_at
        from merges
        union all
        select 'manual', a, b, 'identity_decisions', decision_id, decided_at
        from decisions
        where state = 'approved'
    ),

    evidence as (
        select
            rule,
            a,
            b,
            arg_min(entity, {'said_at':coalesce(said_at, 'infinity'), 'record_id':record_id}) as entity,
            min(said_at) as since_at,
            arg_min(record_id, {'said_at':coalesce(said_at, 'infinity'), 'record_id':record_id}) as record_id,
            count(*) as record_count
        from said
        where a <> b and not ends_with(a, '|') and not ends_with(b, '|')
        group by rule, a, b
    )

select
    evidence.rule,
    evidence.a,
    evidence.b,
    rules.confidence,
    evidence.entity,
    evidence.record_id,
    evidence.record_count,
    evidence.since_at,
    case
        when evidence.rule = 'manual' then 'approved' when decisions.state = 'rejected' then 'rejected' else 'auto'
    end as decision
from evidence
-- A rule that is not listed joins nobody.
inner join rules using (rule)
left join decisions on decisions.a = least(evidence.a, evidence.b) and decisions.b = greatest(evidence.a, evidence.b)
