-- One row per post of the brand on X that answers nobody; its edits are the same post. A repost is a share.
with
    picked as ({{ newest_rows("x", "posts") }}),

    ids as (select first_id, unnest(from_json(edit_history, '["VARCHAR"]')) as any_id from picked),

    own as (select *, coalesce(quoted_id, reposted_id) as shared_id from picked where is_own and replied_to_id is null)

select
    'x' as source,
    own._native_id as native_id,
    md5('x|post|' || own.first_id) as post_id,
    'x' as network,
    own._account_id as account_id,
    own.author_id_key as author_profile_key,
    if(own.shared_id is null, 'post', 'share') as post_kind,
    if(own.id = own.first_id, own.created_at, {{ snowflake_time("own.first_id") }}) as published_at,
    if(own.is_deleted, null, own.text) as text,
    lower(left(nullif(own.lang, 'und'), 2)) as language_hint,
    'https://x.com/i/web/status/' || own.id as url,
    md5('x|post|' || coalesce(ids.first_id, own.shared_id)) as parent_post_id,
    own.created_at as updated_at,
    own._observed_at as observed_at,
    own.is_deleted,
    own.deleted_at,
    own.load_id
from own
left join ids on ids.any_id = own.shared_id
