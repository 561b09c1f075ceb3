{#-
    Who brought whom without circles, as a query of the columns of `edges`.

    `edges`: relation of person_id, parent_id and place, at most one row per person; places are distinct, the earlier
    referral has the lower one. A circle loses its latest referral: whoever invited others before was there already.
    Each round doubles the length of the steps. Whoever can be reached after more steps than there are edges stands on
    a circle, and has gone round all of it. Lines that end fall out on the way.
-#}
{% macro without_circles(edges) -%}
    with recursive
        jumps(person_id, target_id, latest_place, step_count) as (
            select person_id, parent_id, place, 1
            from {{ edges }}
            union all
            select near.person_id, far.target_id, greatest(near.latest_place, far.latest_place), 2 * near.step_count
            from jumps as near
            inner join jumps as far on far.person_id = near.target_id
            where near.step_count < (select count(*) from {{ edges }})
        ),

        endless as (select * from jumps where step_count >= (select count(*) from {{ edges }})),

        cut as (
            select person_id
            from endless
            inner join {{ edges }} as latest using (person_id)
            where latest.place = endless.latest_place and person_id in (select target_id from endless)
        )

    select *
    from {{ edges }}
    anti join cut using (person_id)
{%- endmacro %}

{#-
    Each customer's margin split over the customer, who brought him and the pool of influence, as a query of person_id,
    owner_id, part and amount_minor. The pool has no owner yet.

    `margins`: relation of person_id, amount_minor and pool_share; `parents`: relation of person_id and parent_id, at
    most one parent each and no circle; `assumptions`: one row of referral_share and attenuation. Whoever was brought by
    somebody leaves referral_share to parent, grandparent and so on in proportion 1, attenuation, attenuation^2; of the
    rest pool_share goes to the pool. The parts of every person add up to the amount exactly, a negative one too.
-#}
{% macro conserved_split(margins, parents, assumptions) -%}
    with recursive
        chains(person_id, owner_id, depth, weight) as (
            select parents.person_id, parents.parent_id, 1, cast(1 as double)
            from {{ parents }} as parents
            semi join {{ margins }} as margins using (person_id)
            union all
            select chains.person_id, further.parent_id, chains.depth + 1, chains.weight * assumed.attenuation
            from chains
            inner join {{ parents }} as further on further.person_id = chains.owner_id
            cross join {{ assumptions }} as assumed
            -- Further up not a thousandth of a minor unit is left of the largest amount.
            where chains.weight > 1e-18
        ),

        brought as (select person_id, sum(weight) as weight from chains group by person_id),

        kept as (
            select
                margins.person_id,
                margins.amount_minor,
                margins.pool_share,
                if(brought.person_id is null, 0.0, assumed.referral_share) as referral_share
            from {{ margins }} as margins
            cross join {{ assumptions }} as assumed
            left join brought using (person_id)
        ),

        weighed as (
            select
                person_id,
                person_id as owner_id,
                'own' as part,
                0 as depth,
                (1 - referral_share) * (1 - pool_share) as weight
            from kept
            union all
            select person_id, null, 'influence', null, (1 - referral_share) * pool_share
            from kept
            where pool_share > 0
            union all
            select
                chains.person_id,
                chains.owner_id,
                'referral',
                chains.depth,
                kept.referral_share * chains.weight / brought.weight
            from chains
            inner join brought using (person_id)
            inner join kept using (person_id)
        ),

        shared as (
            select weighed.*, kept.amount_minor, weighed.weight * abs(kept.amount_minor) as share_minor
            from weighed
            inner join kept using (person_id)
        )

    select person_id, owner_id, part, part_minor as amount_minor
    from ({{ largest_remainders("shared", "amount_minor", "share_minor", "person_id", "depth nulls last") }}) as divided
{%- endmacro %}
