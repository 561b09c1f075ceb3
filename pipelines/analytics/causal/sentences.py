"""One honest sentence: the figure where there is one, else why not and what would be too small."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.analytics.causal import words
from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.roi import Roi
from pipelines.analytics.causal.verdict import Verdict, mde
from pipelines.analytics.causal.words import Language, amount


@dataclass(frozen=True)
class Money:
    """Currency code and the digits of its minor unit."""

    currency: str
    exponent: int = 2


def sentence(
    verdict: Verdict, effect: Estimate | None, roi: Roi | None, money: Money, language: Language,
    *, is_holdout: bool = False,
) -> str:  # fmt: skip
    """The sentence of `roi_summary_monthly`; `effect` in minor units per person-week.

    A figure stands there only where the verdict lets a report print it. `is_holdout`: the
    randomised hold-out found it, so it is about suggestions of the work list.
    """
    if not verdict.shows_number or effect is None:
        return _cannot_tell(verdict, effect, money, language, is_holdout=is_holdout)
    shown = {
        "mid": effect.value, "low": effect.low, "high": effect.high,
    }  # fmt: skip
    texts = {name: amount(value, money.currency, money.exponent, language)
             for name, value in shown.items()}  # fmt: skip
    texts["credibility"] = words.CREDIBILITY[verdict.credibility][language]
    if roi is None or roi.roi is None:
        found = words.HOLDOUT_WITHOUT_COST if is_holdout else words.FOUND_WITHOUT_COST
        return found[language].format(**texts)
    returned = roi.roi.value * 10**money.exponent
    texts["unit"] = f"1\u00a0{money.currency}"
    texts["roi"] = amount(returned, money.currency, money.exponent, language)
    return (words.HOLDOUT_FOUND if is_holdout else words.FOUND)[language].format(**texts)


def _cannot_tell(
    verdict: Verdict, effect: Estimate | None, money: Money, language: Language, *, is_holdout: bool
) -> str:
    nothing = "no_effect_of_holdout" if is_holdout else "no_effect"
    reason = words.REASONS[verdict.reason or nothing][language]
    text = words.CANNOT_TELL[language].format(reason=reason)
    if effect is None:
        return text
    smallest = amount(mde(effect), money.currency, money.exponent, language)
    return text + words.NOT_VISIBLE[language].format(mde=smallest)
