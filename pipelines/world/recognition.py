"""Replies with planted recognition: whether each calls its reader by name and notices the bio.

Of its own: nothing of it is in the demo. The truth follows from how a reply was put together.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.world.dice import Dice
from pipelines.world.texts.replies import REPLY_BOOKS, ReplyBook

NAMED_SHARE, NOTICING_SHARE, SAID_SHARE, OTHER_SHARE = 0.5, 0.4, 0.25, 0.5
HIDDEN_NAME_SHARE, OTHER_ALPHABET_SHARE, NO_BIO_SHARE, LOWER_CASE_SHARE = 0.1, 0.2, 0.2, 0.1


@dataclass(frozen=True)
class PlantedReply:
    """One reply and the truth about it.

    `given_name` (CRM) and `displayed` (profile): empty where nobody knows. `asked`: what the person
    wrote before. `is_noticed`: it takes up a word of `bio` that is not in `asked`.
    """

    number: int
    language: str
    given_name: str
    displayed: str
    bio: str
    asked: str
    reply: str
    is_named: bool
    is_noticed: bool


def planted_replies(language: str, count: int, seed: int = 7) -> list[PlantedReply]:
    """Draw replies in `en`, `it` or `ru`; the same arguments always give the same."""
    dice = Dice(seed, "recognition")
    return [_reply(dice, language, REPLY_BOOKS[language], number) for number in range(count)]


def _reply(dice: Dice, language: str, book: ReplyBook, number: int) -> PlantedReply:
    name = dice.pick(tuple(book.people))
    forms, elsewhere = book.people[name]
    bio, notice, said = dice.pick(book.hooks)
    is_noticing, says_it = dice.chance(NOTICING_SHARE), dice.chance(SAID_SHARE)
    has_bio = not dice.chance(NO_BIO_SHARE)
    text = notice if is_noticing else dice.pick(book.plain)
    is_named = dice.chance(NAMED_SHARE)
    if is_named:
        text = _called(dice, book, forms, elsewhere, text)
    elif dice.chance(OTHER_SHARE):
        other = dice.pick(tuple(one for one in book.people if one not in (name, *forms)))
        text = f"{text} {_capital(dice.pick(book.others).replace('{other}', other.split()[0]))}"
    is_hidden = dice.chance(HIDDEN_NAME_SHARE)
    is_shown = dice.chance(0.5)
    given = "" if is_hidden or is_shown else name
    displayed = "" if is_hidden or not is_shown else f"{name} {dice.pick(('K.', '🌸', 'Petrini'))}"
    question = dice.pick(book.questions)
    return PlantedReply(
        number, language, given, displayed, bio if has_bio else "",
        f"{question} {_capital(said)}" if says_it else question, _capital(text),
        is_named and not is_hidden, has_bio and is_noticing and not says_it,
    )  # fmt: skip


def _called(dice: Dice, book: ReplyBook, forms: tuple[str, ...], elsewhere: str, text: str) -> str:
    form = elsewhere if dice.chance(OTHER_ALPHABET_SHARE) else dice.pick(forms)
    call = dice.pick(book.calls)
    if call.startswith("hey") and dice.chance(LOWER_CASE_SHARE):
        form = form.lower()
    return call.replace("{name}", form).replace("{text}", text).replace("{Text}", _capital(text))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
