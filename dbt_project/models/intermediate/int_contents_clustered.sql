-- One row per post of the brand: the content that it shows. Posts of different accounts within a day that say the same
-- are one content: at least 85 % of all their different words are common (a template with another product in it has
-- fewer), or the shorter one is the beginning of the longer. Links, hashtags, mentions and emoji do not count, since
-- every network has its own.
{% set likeness, head_words, least_words, window_seconds = 0.85, 4, 3, 24 * 60 * 60 %}
with recursive
    brand_posts as (select * from {{ ref("int_posts_branded") }} where published_at is not null and not is_deleted),

    texts as (select post_id, text from {{ every("posts") }} where account_id is not null),

    worded as (
        select
            row_number() over (order by brand_posts.published_at, brand_posts.post_id) as node,
            brand_posts.post_id,
            brand_posts.brand_id,
            brand_posts.network || '|' || brand_posts.account_id as account,
            epoch(brand_posts.published_at) as published,
            string_split({{ plain_words("coalesce(texts.text, '')") }}, ' ') as words
        from brand_posts
        left join texts using (post_id)
    ),

    comparable as (
        select *, list_distinct(words) as word_set, floor(published / {{ window_seconds }}) as day
        from worded
        where len(words) >= {{ least_words }}
    ),

    tokens as (select brand_id, node, len(word_set) as word_count, unnest(word_set) as word from comparable),

    rarities as (select brand_id, word, count(*) as post_count from tokens group by all),

    -- Two sets that share so much share one of their rarest: as many as may be missing, and one (the prefix
    -- filter of Chaudhuri, Ganti, Kaushik 2006). Beginnings find texts that were cut.
    handles as (
        select tokens.node, tokens.word as handle
        from tokens
        inner join rarities using (brand_id, word)
        qualify
            row_number() over (partition by tokens.node order by rarities.post_count, tokens.word)
            <= tokens.word_count - ceil({{ likeness }} * tokens.word_count) + 1
        union all
        select node, ' ' || array_to_string(words[:{{ head_words }}], ' ')
        from comparable
    ),

    placed as (
        select comparable.brand_id, comparable.node, handles.handle, comparable.day
        from handles
        inner join comparable using (node)
    ),

    candidates as (
        select distinct earlier.node as earlier_node, later.node as later_node
        from (select * exclude (day), unnest([day, day + 1]) as day from placed) as earlier
        inner join
            placed as later
            on later.brand_id = earlier.brand_id
            and later.handle = earlier.handle
            and later.day = earlier.day
        where later.node > earlier.node
    ),

    compared as (
        select
            candidates.*,
            earlier.words as earlier_words,
            later.words as later_words,
            least(len(earlier.words), len(later.words)) as shared_length,
            len(list_intersect(earlier.word_set, later.word_set)) as common_count,
            len(earlier.word_set) + len(later.word_set) as both_count
        from candidates
        inner join comparable as earlier on earlier.node = candidates.earlier_node
        inner join comparable as later on later.node = candidates.later_node
        where earlier.account <> later.account and later.published - earlier.published <= {{ window_seconds }}
    ),

    pairs as (
        select earlier_node, later_node
        from compared
        where
            common_count >= {{ likeness }} * (both_count - common_count)
            or shared_length >= {{ 2 * head_words }}
            and earlier_words[:shared_length - 1] = later_words[:shared_length - 1]
            -- The last word may have been cut.
            and (
                starts_with(earlier_words[shared_length], later_words[shared_length])
                or starts_with(later_words[shared_length], earlier_words[shared_length])
            )
    ),

    links as (
        select earlier_node as node, later_node as other_node
        from pairs
        union all
        select later_node, earlier_node
        from pairs
    ),

    contents(node, first_node)
using
    key(node) as (
        select distinct node, node as first_node
        from links
        union
        select links.other_node, min(contents.first_node)
        from contents
        inner join links on links.node = contents.node
        inner join recurring.contents as known on known.node = links.other_node
        where contents.first_node < known.first_node
        group by links.other_node
    )

select worded.post_id, firsts.post_id as content_id
from worded
left join contents using (node)
inner join worded as firsts on firsts.node = coalesce(contents.first_node, worded.node)
