"""The shape of a phrase book."""

from __future__ import annotations

from dataclasses import dataclass

COFFEES = ("Alba", "Bosco", "Notte", "Sereno", "Porto", "Decaf Luna")
EMOJI = ("❤️", "🔥🔥", "☕️😍", "👏👏👏", "😂", "🙌")


@dataclass(frozen=True)
class PhraseBook:
    """Phrases of one language; `{coffee}` is a product, `{name}` the person addressed.

    Topics that need an answer: questions, complaints, praises. Acknowledgements need none.
    `answers` go with the topic; `greetings` open an answer by name, `bot_answers` are automatic.
    """

    given_names: tuple[str, ...]
    family_names: tuple[str, ...]
    questions: tuple[str, ...]
    complaints: tuple[str, ...]
    praises: tuple[str, ...]
    additions: tuple[str, ...]
    acknowledgements: tuple[str, ...]
    follow_ups: tuple[str, ...]
    greetings: tuple[str, ...]
    answers: dict[str, tuple[str, ...]]
    bot_answers: tuple[str, ...]
    peer_answers: tuple[str, ...]
    spam: str
    posts: tuple[str, ...]
    fan_posts: tuple[str, ...]

    def topic(self, name: str) -> tuple[str, ...]:
        """What a person says about `question`, `complaint`, `praise` or `follow_up`."""
        return {
            "question": self.questions,
            "complaint": self.complaints,
            "praise": self.praises,
            "follow_up": self.follow_ups,
        }[name]
