{#- The id of the person who is called after an identifier. -#}
{% macro person_id(identifier) -%} 'p_' || md5({{ identifier }})[:16] {%- endmacro %}

{#- Rows of a relation with the person whom they name by contact, e-mail or profile; the surest first, NULL for nobody. -#}
{% macro with_person(rows) -%}
    select {{ rows }}.*, coalesce(by_contact.person_id, by_email.person_id, by_profile.person_id) as person_id
    from {{ rows }}
    {%- for kind, column in [("contact", "contact_id"), ("email", "email_key"), ("profile", "profile_key")] %}
        left join
            {{ ref("int_person_keys") }} as by_{{ kind }}
            on by_{{ kind }}.identifier_kind = '{{ kind }}'
            and by_{{ kind }}.identifier_key = {{ rows }}.{{ column }}
    {%- endfor %}
{%- endmacro %}

{#- People who are no audience: a profile of theirs speaks for the brand or is a bot's. -#}
{% macro no_audience() -%}
    select person_id, if(bool_or(is_brand_actor), 'brand_actor', 'bot') as reason
    from {{ ref("int_person_keys") }}
    where is_brand_actor or is_bot
    group by person_id
{%- endmacro %}
