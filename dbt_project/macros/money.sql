{#- Decimal places of a currency's minor unit (ISO 4217). -#}
{% macro currency_exponent(currency) -%}
    case
        when
            {{ currency }} in (
                'BIF',
                'CLP',
                'DJF',
                'GNF',
                'ISK',
                'JPY',
                'KMF',
                'KRW',
                'PYG',
                'RWF',
                'UGX',
                'UYI',
                'VND',
                'VUV',
                'XAF',
                'XOF',
                'XPF'
            )
        then 0
        when {{ currency }} in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND')
        then 3
        else 2
    end
{%- endmacro %}

{#-
    Minor units of one currency as minor units of another, rounded half away from zero.
    The rate is a price of whole units. Decimals throughout: as binary floats 1.00 at 1.005 would be 1.00, not 1.01.
    Widths: amounts below 10^14 (`largest_amount`) times up to 10^3 take 17 digits, rates 17, the last factor 4: 38.
    The amount is cast to 19 digits because DuckDB multiplies two decimals of up to 18 digits in 64 bits.
-#}
{% macro convert_minor(amount, rate, from_currency, to_currency) -%}
    {%- set shift -%}
        ({{ currency_exponent(to_currency) }} - {{ currency_exponent(from_currency) }})
    {%- endset -%}
    cast(
        round(
            cast({{ amount }} * cast(power(10, greatest({{ shift }}, 0)) as bigint) as decimal(19, 0))
            * cast({{ rate }} as decimal(17, 10))
            * cast(power(10, least({{ shift }}, 0)) as decimal(4, 3)),
            0
        ) as bigint
    )
{%- endmacro %}

{#- A share (0..1, six decimals) of an amount in minor units, rounded half away from zero. -#}
{% macro share_of_minor(amount, share) -%}
    cast(round(cast({{ amount }} as decimal(19, 0)) * cast({{ share }} as decimal(9, 6)), 0) as bigint)
{%- endmacro %}

{#- Minor units above which an amount is a mistake: 10^14, a million million euros. -#}
{% macro largest_amount() -%} 100000000000000 {%- endmacro %}

{#- An expression that ends the build with one line when a row reaches it. -#}
{% macro stop_build(line) -%} {%- set quoted = dbt.escape_single_quotes(line) -%} error('{{ quoted }}') {%- endmacro %}

{#- Minor units divided by a count, rounded half away from zero. -#}
{% macro rounded_minor(amount, count) -%}
    cast(round({{ amount }} / cast({{ count }} as double), 0) as bigint)
{%- endmacro %}

{#- A decimal text in whole units as minor units, rounded half away from zero; NULL when it is no number. -#}
{% macro minor_of_text(amount, currency) -%}
    cast(
        round(
            try_cast({{ amount }} as decimal(24, 6))
            * cast(power(10, {{ currency_exponent(currency) }}) as decimal(14, 0)),
            0
        ) as bigint
    )
{%- endmacro %}

{#-
    An amount as Stripe writes it in minor units of ISO 4217. They agree but for a few currencies: Stripe counts króna
    and Ugandan shillings in hundredths, which do not exist, and ariary as wholes (docs.stripe.com/currencies).
-#}
{% macro minor_of_stripe(amount, currency) -%}
    case
        when {{ currency }} in ('ISK', 'UGX')
        then cast(round({{ amount }} / 100, 0) as bigint)
        when {{ currency }} = 'MGA'
        then cast({{ amount }} * 100 as bigint)
        else {{ amount }}
    end
{%- endmacro %}

{#-
    Rows of a relation with `part_minor`: the signed whole `amount` of their group divided in proportion to `share`,
    which are of its size and add up to it. Units that are left over go to the largest remainders, one each; to nine
    digits equal ones by `ties`.
-#}
{% macro largest_remainders(shares, amount, share, groups, ties) -%}
    select
        *,
        cast(
            sign({{ amount }}) * (
                floor({{ share }}) + cast(
                    row_number() over (partition by {{ groups }} order by round({{ share }} % 1, 9) desc, {{ ties }})
                    <= abs({{ amount }})
                    - sum(cast(floor({{ share }}) as bigint)) over (partition by {{ groups }}) as integer
                )
            ) as bigint
        ) as part_minor
    from {{ shares }}
{%- endmacro %}
