{#-
    Each customer's margin split over the customer and who brought him, as a query of person_id, owner_id, amount_minor.

    `margins`: relation of person_id and amount_minor; `parents`: relation of person_id and parent_id, at most one parent
    each. Whoever was brought by somebody keeps 1 - referral_share; the rest goes to parent, grandparent and so on in
    proportion 1, attenuation, attenuation^2; the parts of every person add up to the amount exactly, a negative one too.
    A circle ends where it would come back.
-#}
{% macro conserved_split(margins, parents, referral_share, attenuation) -%}
    with recursive
        chains(person_id, owner_id, depth, seen) as (
            select person_id, parent_id, 1, [person_id, parent_id]
            from {{ parents }}
            where parent_id <> person_id
            union all
            select chains.person_id, further.parent_id, chains.depth + 1, list_append(chains.seen, further.parent_id)
            from chains
            inner join {{ parents }} as further on further.person_id = chains.owner_id
            where not list_contains(chains.seen, further.parent_id)
        ),

        weighed as (
            select
                person_id,
                owner_id,
                depth,
                {{ referral_share }}
                * power({{ attenuation }}, depth)
                / sum(power({{ attenuation }}, depth)) over (partition by person_id) as weight
            from chains
            union all
            select
                margins.person_id, margins.person_id, 0, if(brought.person_id is null, 1.0, 1.0 - {{ referral_share }})
            from {{ margins }} as margins
            left join (select distinct person_id from chains) as brought using (person_id)
        ),

        shared as (
            select weighed.*, margins.amount_minor, weighed.weight * abs(margins.amount_minor) as share_minor
            from weighed
            inner join {{ margins }} as margins using (person_id)
        )

    select person_id, owner_id, part_minor as amount_minor
    from ({{ largest_remainders("shared", "amount_minor", "share_minor", "person_id", "depth") }}) as divided
{%- endmacro %}
