{{ config(materialized="view") }}

-- One row per message of a person that has a label and a score. Unscored messages say nothing, not even neutral.
select person_id, sent_date, score
from {{ ref("message_sentiments") }}
where person_id is not null and label <> 'unscored' and score is not null
