"""Real exports through the whole path: drop, run, query what was published."""

import csv
from collections import Counter, defaultdict
from datetime import datetime

import pytest

from tests.support.data import shared_data
from tests.support.nightly import Home

pytestmark = [pytest.mark.slow, pytest.mark.long]
BUYERS = """
    select count(*) from (select 1 from marts.revenue_events group by person_id
    having count(distinct event_date) > 1)"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("shop"), pseudonym_key="cd" * 32)
    home.drop("cdnow", shared_data("orders/CDNOW_sample.txt"), "cdnow.txt")
    home.ror("run")
    return home


@pytest.fixture(scope="module")
def social(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("social"), pseudonym_key="cd" * 32)
    crm = shared_data("crm/sparklesquad")
    home.drop("twcs", shared_data("conversations/twcs_sample_monalisa.csv"), "twcs.csv")
    home.drop("airline_tweets", shared_data("social/airline_tweets.csv"))
    home.drop("uci_posts", shared_data("social/uci_facebook_metrics.csv"))
    for feed, file in (
        ("sparklesquad_deals", "sales-pipeline.csv"),
        ("sparklesquad_buyers", "sales-pipeline.csv"),
        ("sparklesquad_clicks", "clicks.csv"),
        ("sparklesquad_companies", "accounts.csv"),
    ):
        home.drop(feed, crm / file)
    home.ror("run")
    return home


def test_cdnow_when_dropped_then_published_totals_are_those_of_the_file(shop):
    sql = "select count(*), sum(amount_minor)::bigint, count(distinct person_id) from {}"
    assert shop.query(sql.format("marts.revenue_events")) == [(6919, 24_409_194, 2357)]
    assert shop.query(BUYERS) == [(1139,)]


def test_cdnow_when_file_ends_in_1998_then_young_cells_are_unknown_and_old_ones_are_not(shop):
    cells = shop.query(
        "select cohort_start_date::varchar, period_index, is_complete, retention_rate"
        " from marts.cohort_retention_monthly"
        " where cohort_basis = 'purchase' and retention_kind = 'bracket'"
    )
    young = [c for c in cells if not c[2]]
    assert young
    assert all(rate is None for *_, rate in young)
    rates = {(cohort, period): rate for cohort, period, complete, rate in cells if complete}
    assert rates[("1997-01-01", 1)] == pytest.approx(january_buyers_in_february(), abs=1e-12)


def january_buyers_in_february():
    first, active = {}, defaultdict(set)
    for line in shared_data("orders/CDNOW_sample.txt").read_text().splitlines():
        _, customer, date, _, dollars = line.split()
        if float(dollars) > 0:
            first[customer] = min(first.get(customer, date), date)
            active[date[:6]].add(customer)
    cohort = {customer for customer, date in first.items() if date.startswith("199701")}
    return len(cohort & active["199702"]) / len(cohort)


def test_support_conversations_when_dropped_then_all_brands_and_answers_are_there(social):
    outbound = social.query(
        "select count(*), count(distinct account_id) from marts.interactions"
        " where direction = 'outbound' and act_group = 'message'"
    )
    assert outbound == [(2222, 76)]


def test_support_conversations_when_answered_then_fastest_answers_equal_the_file(social):
    parents = {}
    path = shared_data("conversations/twcs_sample_monalisa.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        parents[row["tweet_id"]] = row
    when = lambda row: datetime.strptime(row["created_at"], "%a %b %d %H:%M:%S %z %Y")  # noqa: E731
    gaps = [
        (when(row) - when(parents[parent])).total_seconds()
        for row in rows
        if row["inbound"] == "False"
        and (parent := row["in_response_to_tweet_id"].removesuffix(".0")) in parents
        and parents[parent]["inbound"] == "True"
    ]
    assert min(gaps) == 21
    fastest = social.query("select min(response_seconds) from marts.responses")
    assert fastest[0][0] <= 21


def test_airline_tweets_when_ids_repeat_then_they_collapse(social):
    with shared_data("social/airline_tweets.csv").open(encoding="utf-8", newline="") as file:
        tweets = {row["tweet_id"]: row["airline"] for row in csv.DictReader(file)}
    assert len(tweets) == 14_485
    # Delta also answers in the support conversations, so its rows come from two files.
    expected = Counter(airline for airline in tweets.values() if airline != "Delta")
    found = social.query(
        "select brand_id, count(*) from marts.interactions where brand_id in"
        " ('United', 'US Airways', 'American', 'Southwest', 'Virgin America') group by brand_id"
    )
    assert dict(found) == expected


def test_crm_export_when_dropped_then_won_value_ties_out_and_is_nobodys_credit(social):
    won = social.query("select sum(amount_minor)::bigint from marts.revenue_events")
    assert won == [(1_793_692_800,)]
    credited = social.query(
        "select model_id, sum(credited_minor)::bigint, sum(none_minor)::bigint,"
        " sum(abs(difference_minor))::bigint from marts.attribution_reconciliation group by 1"
    )
    assert {row[0] for row in credited} > {"first_touch", "last_touch", "linear", "markov_1"}
    assert all(row[1] == row[2] == 1_793_692_800 and row[3] == 0 for row in credited)


def test_crm_export_when_dropped_then_firms_have_scores_and_a_panel_and_no_cause_is_claimed(social):
    bought = social.query(
        "select sum(order_count), sum(revenue_minor)::bigint from marts.people_weekly"
    )
    # Wins that are worth something; all that was won, to the cent.
    assert bought[0][1] == 1_793_692_800
    scores = social.query(
        "select count(*) > 0, bool_and(score between 0 and 100),"
        " count(*) filter (score_micro <> (select sum(points_micro)"
        " from marts.ror_score_components_weekly as parts where parts.person_id = scores.person_id"
        " and parts.week_start_date = scores.week_start_date)) from marts.ror_scores_weekly as scores"
    )
    assert scores == [(True, True, 0)]
    # Nobody of these firms was ever answered: the data cannot tell, and say so.
    verdicts = social.query(
        "select distinct verdict, verdict_reason, credibility from marts.roi_verdicts"
        " where exposure_id = 'first_reply' and segment = 'all'"
    )
    assert verdicts == [("not_identified", "too_few_treated", "insufficient")]
    sentences = social.query("select distinct sentence_en from marts.roi_summary_monthly")
    assert sentences == [
        ("The data cannot tell yet: too few people have been answered personally.",)
    ]


def test_same_file_when_dropped_again_then_nothing_changes(shop):
    before = shop.digests()
    shop.drop("cdnow", shared_data("orders/CDNOW_sample.txt"), "renamed.txt")
    shop.ror("run")
    assert shop.digests() == before
    assert not list((shop.path / "drop" / "cdnow").iterdir())


def test_corrected_file_when_dropped_then_replaces_its_rows(shop):
    lines = shared_data("orders/CDNOW_sample.txt").read_text().splitlines(keepends=True)
    corrected = shop.path / "corrected.txt"
    corrected.write_text("".join(lines[:-1]))  # the last order never happened
    shop.drop("cdnow", corrected, "cdnow.txt")
    shop.ror("run")
    lost = round(float(lines[-1].split()[4]) * 100)
    assert shop.query("select count(*), sum(amount_minor)::bigint from marts.revenue_events") == [
        (6918, 24_409_194 - lost)
    ]
