{#- Tables that Python fills between the two halves of the build; empty where it has not yet. -#}
{% macro prepare_solved() -%}
    {%- if execute -%}
        create schema if not exists solved;
        create table if not exists solved.attribution_effects (
            period_start_date date,
            conversion_type varchar,
            scope varchar,
            model_id varchar,
            channel_id varchar,
            removal_effect double,
            removal_effect_value double,
            conversion_share double,
            value_share double,
            ci_low_minor double,
            ci_high_minor double,
            is_supported boolean
        );
        create table if not exists solved.attribution_runs (
            period_start_date date,
            conversion_type varchar,
            scope varchar,
            model_id varchar,
            path_count bigint,
            conversion_probability double,
            state_count bigint,
            rare_transition_share double,
            log_likelihood double,
            aic double,
            refusal varchar,
            input_hash varchar
        );
        create table if not exists solved.attribution_transitions (
            period_start_date date,
            conversion_type varchar,
            scope varchar,
            model_id varchar,
            markov_order integer,
            from_state varchar[],
            to_state varchar[],
            transition_count bigint,
            probability double
        );
        create table if not exists solved.customer_purchases (
            frequency_count bigint,
            recency_weeks decimal(12, 2),
            age_weeks decimal(12, 2),
            alive_probability double,
            purchases_90d double,
            purchases_24m double,
            log_error double
        );
        create table if not exists solved.customer_spending (
            frequency_count bigint, mean_value_minor bigint, value_minor double, log_error double
        );
        create table if not exists solved.customer_value_fits (
            fit_kind varchar,
            model varchar,
            parameters varchar,
            standard_errors varchar,
            log_likelihood double,
            customer_count bigint,
            distinct_count bigint,
            iteration_count bigint,
            is_converged boolean,
            refusal varchar
        );
        create table if not exists solved.customer_value_backtests (
            method varchar,
            horizon_weeks integer,
            cutoff_date date,
            customer_count bigint,
            actual_purchase_count bigint,
            predicted_purchase_count double
        );
        create table if not exists solved.influence_scores (
            person_id varchar, score double, influence_share double
        );
        create table if not exists solved.recognitions (
            message_id varchar,
            is_name_knowable boolean,
            name_form varchar,
            is_bio_knowable boolean,
            bio_stems varchar[]
        );
        create table if not exists solved.recognised_people (person_id varchar, knowledge_hash varchar);
        create table if not exists solved.brand_words (brand_id varchar, stem varchar, post_count bigint);
        create table if not exists solved.identity_proposals (
            proposal_id varchar,
            left_identifier varchar,
            right_identifier varchar,
            match_weight double,
            match_probability double,
            explanation varchar
        );
        create table if not exists solved.identity_proposal_inputs (input_hash varchar);
        create table if not exists solved.roi_effects (
            exposure_id varchar,
            metric varchar,
            segment varchar,
            method varchar,
            scale varchar,
            horizon varchar,
            estimate_minor double,
            standard_error double,
            ci_low double,
            ci_high double,
            lift double,
            lift_se double,
            lift_ci_low double,
            lift_ci_high double,
            lift_adjusted double,
            adjusted_ci_low double,
            adjusted_ci_high double,
            breakdown_slope double,
            mde_minor double,
            treated_count bigint,
            control_count bigint
        );
        create table if not exists solved.roi_event_study (
            exposure_id varchar,
            metric varchar,
            segment varchar,
            event_week integer,
            is_primary boolean,
            log_lift double,
            standard_error double,
            treated_count bigint
        );
        create table if not exists solved.roi_doses (
            exposure_id varchar,
            metric varchar,
            segment varchar,
            dose integer,
            log_rate_ratio double,
            standard_error double,
            naive_log_rate_ratio double,
            person_week_count bigint
        );
        create table if not exists solved.roi_curves (
            exposure_id varchar,
            metric varchar,
            segment varchar,
            kind varchar,
            family varchar,
            chi_square double,
            parameter_count integer,
            parameters varchar,
            delta_to_best double,
            is_selected boolean
        );
        create table if not exists solved.roi_checks (
            exposure_id varchar,
            metric varchar,
            segment varchar,
            check_name varchar,
            statistic double,
            p_value double,
            is_passed boolean
        );
        create table if not exists solved.roi_verdicts (
            exposure_id varchar,
            metric varchar,
            segment varchar,
            verdict varchar,
            verdict_reason varchar,
            credibility varchar,
            decided_by_gate varchar,
            warnings varchar[],
            pretrend_slope double,
            pretrend_slope_se double,
            lead_t double,
            treated_count bigint,
            control_count bigint,
            input_hash varchar
        );
        create table if not exists solved.roi_summary_monthly (
            brand_id varchar,
            month_start_date date,
            relationship_cost_minor bigint,
            exposed_person_weeks bigint,
            attributable_cost_minor bigint,
            incremental_margin_minor double,
            incremental_low_minor double,
            incremental_high_minor double,
            roi double,
            roi_low double,
            roi_high double,
            payback_weeks integer,
            currency varchar,
            method varchar,
            verdict varchar,
            verdict_reason varchar,
            credibility varchar,
            sentence_en varchar,
            sentence_it varchar,
            sentence_ru varchar
        );
    {%- endif -%}
{%- endmacro %}

{#- Columns of solved estimates, each with the verdict of the gates on it: no estimate is read without its verdict. -#}
{% macro with_verdict(estimates, columns) -%}
    select
        estimates.exposure_id,
        estimates.metric,
        estimates.segment,
        {%- for column in columns %} estimates.{{ column }}, {%- endfor %}
        verdicts.verdict,
        verdicts.credibility
    from {{ source("solved", estimates) }} as estimates
    inner join {{ source("solved", "roi_verdicts") }} as verdicts using (exposure_id, metric, segment)
{%- endmacro %}
