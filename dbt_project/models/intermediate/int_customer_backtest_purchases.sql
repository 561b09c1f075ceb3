-- One row: purchases of the back-test's customers in the weeks that it did not see.
with
    purchases as (select * from {{ ref("int_purchases") }}),

    histories as (select * from {{ ref("int_customer_histories") }} where fit_kind = 'backtest'),

    cutoffs as (select * from {{ ref("int_customer_cutoffs") }} where fit_kind = 'backtest')

select cutoffs.cutoff_date, count(histories.person_id) as actual_purchase_count
from cutoffs
left join purchases on purchases.purchase_date >= cutoffs.cutoff_date
left join histories using (person_id)
group by cutoffs.cutoff_date
