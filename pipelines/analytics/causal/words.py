"""The sentences of the report, in the languages of its readers, and how they write numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

Language = Literal["en", "it", "ru"]
LANGUAGES: tuple[Language, ...] = ("en", "it", "ru")

FOUND: dict[Language, str] = {
    "en": (
        "Every person-week after the first personal reply brought {mid} ({low} to {high}) of margin"
        " that would not have come otherwise; each {unit} spent on relationship work returned {roi}"
        " on top. Confidence: {credibility}."
    ),
    "it": (
        "Ogni settimana-persona dopo la prima risposta personale ha portato {mid} ({low}–{high}) di"
        " margine che altrimenti non ci sarebbe stato; ogni {unit} speso in relazioni ne ha resi"
        " {roi} in più. Affidabilità: {credibility}."
    ),
    "ru": (
        "Каждая человеко-неделя после первого личного ответа принесла {mid} ({low}–{high}) маржи,"
        " которой иначе бы не было; на {unit}, вложенный в отношения, вернулось сверх него {roi}."
        " Надёжность: {credibility}."
    ),
}
# Where no cost is known there is no return on it.
FOUND_WITHOUT_COST: dict[Language, str] = {
    "en": (
        "Every person-week after the first personal reply brought {mid} ({low} to {high}) of margin"
        " that would not have come otherwise; what it cost is not known. Confidence: {credibility}."
    ),
    "it": (
        "Ogni settimana-persona dopo la prima risposta personale ha portato {mid} ({low}–{high}) di"
        " margine che altrimenti non ci sarebbe stato; il suo costo non è noto."
        " Affidabilità: {credibility}."
    ),
    "ru": (
        "Каждая человеко-неделя после первого личного ответа принесла {mid} ({low}–{high}) маржи,"
        " которой иначе бы не было; чего это стоило, неизвестно. Надёжность: {credibility}."
    ),
}
# What the randomised hold-out found is about suggestions of the work list, dealt by lot.
HOLDOUT_FOUND: dict[Language, str] = {
    "en": (
        "Every person-week after a suggestion of the work list brought {mid} ({low} to {high}) of"
        " margin that would not have come otherwise, by a randomised hold-out; each {unit} spent on"
        " relationship work returned {roi} on top. Confidence: {credibility}."
    ),
    "it": (
        "Ogni settimana-persona dopo un suggerimento della lista di lavoro ha portato {mid}"
        " ({low}–{high}) di margine che altrimenti non ci sarebbe stato, secondo un esperimento"
        " randomizzato; ogni {unit} speso in relazioni ne ha resi {roi} in più."
        " Affidabilità: {credibility}."
    ),
    "ru": (
        "Каждая человеко-неделя после подсказки рабочего списка принесла {mid} ({low}–{high})"
        " маржи, которой иначе бы не было, по данным рандомизированного эксперимента; на {unit},"
        " вложенный в отношения, вернулось сверх него {roi}. Надёжность: {credibility}."
    ),
}
HOLDOUT_WITHOUT_COST: dict[Language, str] = {
    "en": (
        "Every person-week after a suggestion of the work list brought {mid} ({low} to {high}) of"
        " margin that would not have come otherwise, by a randomised hold-out; what it cost is not"
        " known. Confidence: {credibility}."
    ),
    "it": (
        "Ogni settimana-persona dopo un suggerimento della lista di lavoro ha portato {mid}"
        " ({low}–{high}) di margine che altrimenti non ci sarebbe stato, secondo un esperimento"
        " randomizzato; il suo costo non è noto. Affidabilità: {credibility}."
    ),
    "ru": (
        "Каждая человеко-неделя после подсказки рабочего списка принесла {mid} ({low}–{high})"
        " маржи, которой иначе бы не было, по данным рандомизированного эксперимента; чего это"
        " стоило, неизвестно. Надёжность: {credibility}."
    ),
}
CANNOT_TELL: dict[Language, str] = {
    "en": "The data cannot tell yet: {reason}.",
    "it": "I dati non bastano ancora: {reason}.",
    "ru": "Данных пока недостаточно: {reason}.",
}
NOT_VISIBLE: dict[Language, str] = {
    "en": " An effect smaller than {mde} per person and week would not be visible.",
    "it": " Un effetto inferiore a {mde} per persona e settimana non sarebbe visibile.",
    "ru": " Эффект меньше {mde} на человека в неделю был бы незаметен.",
}
CREDIBILITY: dict[str, dict[Language, str]] = {
    "credible": {"en": "credible", "it": "buona", "ru": "хорошая"},
    "weak": {"en": "weak", "it": "debole", "ru": "слабая"},
}
REASONS: dict[str, dict[Language, str]] = {
    "too_few_treated": {
        "en": "too few people have been answered personally",
        "it": "troppo poche persone hanno ricevuto una risposta personale",
        "ru": "слишком мало людей получили личный ответ",
    },
    "too_few_controls": {
        "en": "too few people have never been answered personally",
        "it": "troppo poche persone non hanno mai ricevuto una risposta personale",
        "ru": "слишком мало людей, ни разу не получивших личного ответа",
    },
    "too_short": {
        "en": "the history before or after the first replies is too short",
        "it": "il periodo prima o dopo le prime risposte è troppo breve",
        "ru": "слишком короткий период до или после первых ответов",
    },
    "not_estimable": {
        "en": "too little was bought before or after the first replies",
        "it": "prima o dopo le prime risposte si è comprato troppo poco",
        "ru": "до или после первых ответов куплено слишком мало",
    },
    "no_overlap": {
        "en": "people who were answered differ too much from those who were not",
        "it": "chi ha ricevuto risposta è troppo diverso da chi non l'ha ricevuta",
        "ru": "получившие ответ слишком отличаются от не получивших",
    },
    "reverse_causality": {
        "en": "buying seems to bring replies, not the other way round",
        "it": "sembra che siano gli acquisti a portare risposte, non il contrario",
        "ru": "похоже, что покупки ведут к ответам, а не наоборот",
    },
    "pretrend": {
        "en": "people who were answered were already on another path before",
        "it": "chi ha ricevuto risposta seguiva già prima un altro andamento",
        "ru": "у получивших ответ и раньше была другая динамика",
    },
    "trend_uncertain": {
        "en": "a small difference in trend would explain what is seen",
        "it": "una piccola differenza di andamento spiegherebbe quanto si vede",
        "ru": "наблюдаемое объяснила бы и небольшая разница в динамике",
    },
    "scales_disagree": {
        "en": "the effect in percent and the effect in money have opposite signs",
        "it": "l'effetto in percentuale e quello in denaro hanno segno opposto",
        "ru": "эффект в процентах и эффект в деньгах имеют разные знаки",
    },
    "placebo_outcome": {
        "en": "the same comparison finds an effect where there can be none",
        "it": "lo stesso confronto trova un effetto dove non può esserci",
        "ru": "то же сравнение находит эффект там, где его быть не может",
    },
    "no_effect": {
        "en": "no effect was detected",
        "it": "non è stato rilevato alcun effetto",
        "ru": "эффект не обнаружен",
    },
    "no_effect_of_holdout": {
        "en": "the randomised hold-out detected no effect of suggestions",
        "it": "l'esperimento randomizzato non ha rilevato alcun effetto dei suggerimenti",
        "ru": "рандомизированный эксперимент не обнаружил эффекта подсказок",
    },
    "mde_too_large": {
        "en": "the figures vary too much to see an effect of a usual size",
        "it": "i dati variano troppo per vedere un effetto di entità normale",
        "ru": "данные слишком изменчивы, чтобы увидеть эффект обычной величины",
    },
}
_SEPARATORS: dict[Language, tuple[str, str]] = {  # thousands, decimals
    "en": (",", "."),
    "it": (".", ","),
    "ru": ("\u00a0", ","),
}


def amount(minor: float, currency: str, exponent: int, language: Language) -> str:
    """An amount as the language writes it, e.g. 1,234.50 EUR; `exponent`: digits of the currency.

    The currency stands behind in all three; a no-break space keeps it there.
    """
    unit = Decimal(1).scaleb(-exponent)
    value = (Decimal(repr(float(minor))) * unit).quantize(unit, rounding=ROUND_HALF_EVEN)
    thousands, decimals = _SEPARATORS[language]
    text = f"{value or abs(value):,}"
    return text.translate({ord(","): thousands, ord("."): decimals}) + f"\u00a0{currency}"
