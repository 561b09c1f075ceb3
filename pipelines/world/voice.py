"""Turns a topic into words."""

from __future__ import annotations

from pipelines.world.dice import Dice
from pipelines.world.posts import fill
from pipelines.world.texts import BOOKS, EMOJI

NAMED_SHARE = 0.6  # of answers to people whose name the brand can know


def say(dice: Dice, language: str, topic: str, number: int) -> str:
    """What somebody says on a topic; messages of a turn after its first (0) add details."""
    book = BOOKS[language]
    if number > 0:
        return dice.pick(book.additions)
    if topic == "emoji":
        return dice.pick(EMOJI)
    fixed = {
        "thanks": book.acknowledgements,
        "bot": book.bot_answers,
        "peer": book.peer_answers,
        "spam": (book.spam,),
    }
    return fill(dice.pick(fixed[topic] if topic in fixed else book.topic(topic)), dice)


def answer(dice: Dice, language: str, topic: str, given_name: str) -> tuple[str, bool]:
    """The brand's answer, and whether it names the person; without a known name it cannot."""
    book = BOOKS[language]
    text = fill(dice.pick(book.answers["question" if topic == "follow_up" else topic]), dice)
    if given_name and dice.chance(NAMED_SHARE):
        return f"{dice.pick(book.greetings).replace('{name}', given_name)} {text}", True
    return text[0].upper() + text[1:], False
