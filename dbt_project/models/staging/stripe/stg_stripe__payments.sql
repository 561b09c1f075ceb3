-- One row per charge in Stripe that took money, with the order that it pays: the shop's number where the charge has
-- it, else the charge itself. A charge that failed, or only reserved money, took none.
with
    picked as ({{ newest_rows("stripe", "charges") }}),

    taken as (select *, upper(currency) as currency_code from picked where paid and amount_captured > 0),

    -- Money of another currency is never added to an order's.
    referred as (
        select
            *, first_value(currency_code) over (partition by order_reference order by created_at, id) as order_currency
        from taken
    )

select
    id as charge_id,
    payment_intent,
    coalesce(if(currency_code = order_currency, order_reference, null), id) as order_id,
    customer as contact_id,
    email_key,
    email_masked,
    created_at as paid_at,
    {{ minor_of_stripe("amount_captured", "currency_code") }} as amount_minor,
    currency_code as currency,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from referred
