"""Money by hand, and the sentences as they will be read."""

import re
from string import Formatter

import pytest

from pipelines.analytics.causal import words
from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.roi import Cost, payback, summarise
from pipelines.analytics.causal.sentences import Money, sentence
from pipelines.analytics.causal.verdict import Verdict
from pipelines.analytics.causal.words import LANGUAGES, amount

EUR = Money("EUR")
CREDIBLE = Verdict("supported_linear", "", "11", "credible")
REFUTED = Verdict("not_identified", "pretrend", "5a", "not_credible")


def test_roi_when_1000_person_weeks_bring_40_cents_each_then_400_on_100_is_three():
    found = summarise(Estimate(40.0, 10.0), [400, 600], [6_000, 4_000], Cost(10_000))
    assert found.incremental == Estimate(40_000.0, 10_000.0)
    assert found.roi.value == pytest.approx(3.0)
    assert found.roi.standard_error == pytest.approx(1.0)
    assert found.payback_weeks == 1


def test_roi_when_all_minutes_are_defaults_then_their_third_widens_the_interval():
    """Var(M/C) = (.25 of 4)² + (4 · .30/1.96)²."""
    found = summarise(Estimate(40.0, 10.0), [1_000], [10_000], Cost(10_000, 10_000))
    assert found.roi.standard_error == pytest.approx((1 + (4 * 0.30 / 1.959963985) ** 2) ** 0.5)


def test_roi_when_nothing_is_known_to_cost_then_there_is_none():
    found = summarise(Estimate(40.0, 10.0), [10], [0], Cost(0))
    assert found.roi is None
    assert found.payback_weeks is None


@pytest.mark.parametrize(("effect", "weeks"), [(10.0, 3), (100.0, 1), (1.0, None), (-5.0, None)])
def test_payback_when_gains_catch_up_then_the_first_such_week(effect, weeks):
    assert payback(effect, [10, 20, 30], [500, 50, 0]) == weeks


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "-1,234.50 EUR"), ("it", "-1.234,50 EUR"), ("ru", "-1 234,50 EUR")],
)
def test_amount_when_written_then_as_the_language_writes_it(language, text):
    assert amount(-123_450, "EUR", 2, language).replace("\u00a0", " ") == text


def test_amount_when_the_currency_has_other_digits_then_those():
    assert amount(1_234, "JPY", 0, "en") == "1,234\u00a0JPY"
    assert amount(1_234, "BHD", 3, "it") == "1,234\u00a0BHD"
    assert amount(-0.2, "EUR", 2, "en") == "0.00\u00a0EUR"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Every person-week after the first personal reply brought 0.40 EUR (0.20 EUR to 0.60 EUR) of margin that would not have come otherwise; each 1 EUR spent on relationship work returned 3.00 EUR on top. Confidence: credible."),
        ("it", "Ogni settimana-persona dopo la prima risposta personale ha portato 0,40 EUR (0,20 EUR–0,60 EUR) di margine che altrimenti non ci sarebbe stato; ogni 1 EUR speso in relazioni ne ha resi 3,00 EUR in più. Affidabilità: buona."),
        ("ru", "Каждая человеко-неделя после первого личного ответа принесла 0,40 EUR (0,20 EUR–0,60 EUR) маржи, которой иначе бы не было; на 1 EUR, вложенный в отношения, вернулось сверх него 3,00 EUR. Надёжность: хорошая."),
    ],
)  # fmt: skip
def test_sentence_when_credible_then_it_gives_figure_interval_and_return(language, text):
    effect = Estimate(40.0, 10.0)
    roi = summarise(effect, [1_000], [10_000], Cost(10_000))
    assert sentence(CREDIBLE, effect, roi, EUR, language).replace("\u00a0", " ") == text


def test_sentence_when_refuted_then_no_estimate_is_in_it():
    effect = Estimate(77.7, 10.0)
    roi = summarise(effect, [1_000], [10_000], Cost(10_000))
    found = sentence(REFUTED, effect, roi, EUR, "en").replace("\u00a0", " ")
    assert found == (
        "The data cannot tell yet: people who were answered were already on another path before."
        " An effect smaller than 0.28 EUR per person and week would not be visible."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentence_when_nothing_could_be_fitted_then_only_the_reason(language):
    verdict = Verdict("not_identified", "too_few_treated", "1", "insufficient")
    assert not re.search(r"\d", sentence(verdict, None, None, EUR, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentence_when_the_cost_is_unknown_then_no_return_is_claimed(language):
    found = sentence(CREDIBLE, Estimate(40.0, 10.0), None, EUR, language)
    assert len(re.findall("EUR", found)) == 3


def test_words_when_compared_then_every_language_has_every_text_with_the_same_places():
    for texts in (words.FOUND, words.FOUND_WITHOUT_COST, words.CANNOT_TELL, words.NOT_VISIBLE):
        places = [
            {name for _, name, _, _ in Formatter().parse(texts[x]) if name} for x in LANGUAGES
        ]
        assert places[0] == places[1] == places[2]
    for table in (words.REASONS, words.CREDIBILITY):
        assert all(set(texts) == set(LANGUAGES) for texts in table.values())
