{{ config(materialized="view") }}

-- One row per text: of a message, or of a post of a brand.
select 'message' as text_kind, message_id as text_id, null::varchar as brand_id, text
from {{ every("messages") }}
where not is_deleted and text is not null
union all
select 'post', posts.post_id, accounts.brand_id, posts.text
from {{ every("posts") }} as posts
inner join {{ ref("int_accounts") }} as accounts using (network, account_id)
where not posts.is_deleted and posts.text is not null
