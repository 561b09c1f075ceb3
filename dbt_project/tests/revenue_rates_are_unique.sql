-- One rate per currency and date.
select from_currency, to_currency, rate_date
from {{ ref("fx_rates") }}
group by from_currency, to_currency, rate_date
having count(*) > 1
