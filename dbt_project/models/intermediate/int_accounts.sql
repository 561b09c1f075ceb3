-- One row per brand account that is declared or was seen in messages or posts.
-- An account that nobody declared is a brand of its own, so that its figures never mix with another brand's.
with
    declared as (select * from {{ every("accounts") }} where not is_deleted),

    messages as (select * from {{ every("messages") }} where account_id is not null),

    posts as (select * from {{ every("posts") }} where account_id is not null),

    default_brand as (select min(brand_id) as brand_id from {{ ref("brands") }} where is_default),

    seen as (
        select network, account_id
        from messages
        union
        select network, account_id
        from posts
    )

select
    coalesce(declared.network, seen.network) as network,
    coalesce(declared.account_id, seen.account_id) as account_id,
    case
        when declared.account_id is null then seen.account_id else coalesce(declared.brand_id, default_brand.brand_id)
    end as brand_id,
    declared.handle,
    declared.name,
    declared.native_time_zone,
    declared.account_id is not null as is_declared
from declared
full join seen using (network, account_id)
cross join default_brand
