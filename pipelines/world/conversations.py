"""What people and the brand say to each other, and the truth about every turn.

A conversation is one thread: opening turn, perhaps a bot's answer, perhaps a person's,
then thanks or a further turn.
Turns of one person never come closer than five minutes, so that what is one turn is beyond doubt.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipelines.world.agents import BOT_ID, human_answer, is_night, staff
from pipelines.world.dice import Dice
from pipelines.world.parameters import WorldParameters, local_instant
from pipelines.world.posts import ACCOUNT_OF, Timeline
from pipelines.world.records import Account, Agent, Message, Person, Post, Profile, Turn
from pipelines.world.voice import answer, say

QUIET = timedelta(minutes=10)  # between two turns of one person
NIGHT_SHARE, ORPHAN_SHARE, PEER_SHARE, EDIT_SHARE, BOT_ANSWER_SHARE = 0.12, 0.02, 0.06, 0.015, 0.8
TURN_SIZES, TURN_SIZE_WEIGHTS = (1, 2, 3), (0.8, 0.15, 0.05)
MOST_TURNS = 4
TOPICS, TOPIC_WEIGHTS = ("question", "complaint", "praise", "emoji"), (0.45, 0.2, 0.2, 0.15)
OPENINGS = {
    "x": (("comment", "mention", "dm"), (0.45, 0.35, 0.2)),
    "instagram": (("comment", "dm"), (0.7, 0.3)),
    "facebook": (("comment", "dm", "review"), (0.65, 0.25, 0.1)),
}
RATINGS = {"question": 3, "complaint": 1, "praise": 5}
SPAM_PER_WEEK = 0.8
ID_BASES = {"x": 1_900_000_000_000_000_000, "instagram": 18_000_000_000_000_000, "facebook": 0}


@dataclass
class Transcript:
    """Everything said so far. `newest_number` numbers the messages of all networks."""

    messages: list[Message] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    newest_number: int = 0

    def next_id(self, network: str) -> str:
        """A message id as that network writes them."""
        self.newest_number += 1
        return str(ID_BASES[network] + self.newest_number * 1_000_003)

    def first_answers(self) -> dict[str, datetime]:
        """When each person was first answered by a human; those never answered are absent."""
        first: dict[str, datetime] = {}
        for turn in self.turns:
            if turn.answered_at and turn.answered_at < first.get(
                turn.person_id, datetime.max.replace(tzinfo=turn.answered_at.tzinfo)
            ):
                first[turn.person_id] = turn.answered_at
        return first


@dataclass(frozen=True)
class Thread:
    """What stays the same within one conversation."""

    person: Person
    profile: Profile
    account: Account
    kind: str
    thread_id: str
    post_id: str


class Talk:
    """Generates all conversations of a world."""

    def __init__(
        self, parameters: WorldParameters, people: tuple[Person, ...], posts: tuple[Post, ...]
    ) -> None:
        self.parameters, self.people = parameters, people
        self.dice = Dice(parameters.seed, "conversations")
        self.agents: tuple[Agent, ...] = staff(parameters)
        self.transcript = Transcript()
        self.timeline = Timeline(posts)
        self.peers: dict[tuple[str, str], list[Person]] = defaultdict(list)
        for person in people:
            for profile in person.profiles if not person.is_bot else ():
                self.peers[person.language, profile.network].append(person)

    def run(self) -> Transcript:
        """All conversations, by person and time."""
        for person in self.people:
            if person.is_bot:
                self._spam(person)
            elif person.profiles:
                self._person(person)
        return self.transcript

    def _person(self, person: Person) -> None:
        behaviour = self.parameters.behaviour
        rate = math.exp(
            behaviour.conversation_log_rate + 0.5 * behaviour.confounding * person.affinity
        )
        silent_since = self.parameters.starts_at
        for week in range(person.enters_week, self.parameters.weeks):
            first_day = 1 if week == person.enters_week else 0
            starts = sorted(
                self._moment(week, first_day) for _ in range(self.dice.poisson(min(rate, 3.0)))
            )
            for start in starts:
                if start > silent_since + QUIET:
                    silent_since = self._conversation(person, start)

    def _moment(self, week: int, first_day: int) -> datetime:
        day = self.parameters.start_date + timedelta(
            days=7 * week + self.dice.integer(first_day, 6)
        )
        hours = (0, 7) if self.dice.chance(NIGHT_SHARE) else (8, 22)
        return local_instant(day, self.dice.integer(hours[0] * 3600, hours[1] * 3600 + 3599))

    def _open(self, person: Person, start: datetime) -> Thread:
        profile = self.dice.pick(person.profiles)
        account = ACCOUNT_OF[profile.network]
        kind = self.dice.weighted(*OPENINGS[profile.network])
        post = (
            self.timeline.recent(self.dice, profile.network, start) if kind == "comment" else None
        )
        if kind == "comment" and post is None:
            kind = "dm"
        root = self.transcript.next_id(profile.network)
        thread_id = f"t{root}" if kind == "dm" else root
        return Thread(person, profile, account, kind, thread_id, post.post_id if post else "")

    def _conversation(self, person: Person, start: datetime) -> datetime:
        """One conversation; returns when the person last wrote in it."""
        dice, behaviour = self.dice, self.parameters.behaviour
        thread = self._open(person, start)
        topic = dice.weighted(TOPICS, TOPIC_WEIGHTS)
        if topic == "emoji" and thread.kind != "comment":
            topic = "praise"
        # An orphan answers a message that the network no longer shows: the root was never exported.
        is_orphan = thread.kind == "comment" and dice.chance(ORPHAN_SHARE)
        parent = thread.thread_id if is_orphan else ""
        for number in range(MOST_TURNS):
            spoken = self._say_turn(thread, topic, start, parent, is_root=not number and not parent)
            if spoken is None:
                return start
            first, last = spoken[0], spoken[-1]
            if number == 0 and thread.kind == "comment" and dice.chance(PEER_SHARE):
                self._peer(thread, first)
            needs_reply = topic not in ("emoji", "thanks")
            answered = self._answer(thread, topic, spoken, needs_reply)
            if answered is None:
                return last.sent_at
            fate = dice.uniform()
            if fate < behaviour.acknowledgement_share:
                topic = "thanks"
            elif fate < behaviour.acknowledgement_share + behaviour.follow_up_share:
                topic = "follow_up"
            else:
                return last.sent_at
            start = answered.sent_at + timedelta(seconds=dice.integer(360, 3 * 3600))
            parent = answered.message_id
        return start

    def _say_turn(
        self, thread: Thread, topic: str, start: datetime, parent: str, *, is_root: bool
    ) -> list[Message] | None:
        """The messages of one turn; None when it would begin after the end of the history."""
        dice, person = self.dice, thread.person
        if start >= self.parameters.as_of:
            return None
        size = 1 if topic in ("emoji", "thanks") else dice.weighted(TURN_SIZES, TURN_SIZE_WEIGHTS)
        spoken: list[Message] = []
        sent_at = start
        for number in range(size):
            own_root = is_root and number == 0 and thread.kind != "dm"
            message_id = (
                thread.thread_id if own_root else self.transcript.next_id(thread.profile.network)
            )
            parent_id = parent if number == 0 else spoken[-1].message_id
            kind = thread.kind if thread.kind == "dm" or not parent_id else "reply"
            edited_at = sent_at + timedelta(minutes=9) if dice.chance(EDIT_SHARE) else None
            spoken.append(
                Message(
                    message_id, thread.account, kind, thread.thread_id, parent_id, thread.post_id,
                    thread.profile,
                    None, "inbound", False, "", sent_at, say(dice, person.language, topic, number),
                    person.language, RATINGS.get(topic) if kind == "review" else None,
                    edited_at if edited_at and edited_at < self.parameters.as_of else None,
                )
            )  # fmt: skip
            sent_at += timedelta(seconds=dice.integer(20, 120))
            if sent_at >= self.parameters.as_of:
                break
        self.transcript.messages.extend(spoken)
        return spoken

    def _outbound(
        self, thread: Thread, last: Message, agent_id: str, sent_at: datetime, text: str
    ) -> Message:
        kind = "dm" if thread.kind == "dm" else "reply"
        message = Message(
            self.transcript.next_id(thread.profile.network), thread.account, kind,
            thread.thread_id, last.message_id,
            thread.post_id, None, thread.profile, "outbound", agent_id == BOT_ID, agent_id,
            sent_at, text,
            thread.person.language,
        )  # fmt: skip
        self.transcript.messages.append(message)
        return message

    def _answer(
        self, thread: Thread, topic: str, spoken: list[Message], needs_reply: bool
    ) -> Message | None:
        """Answer a turn and write its truth; returns the human answer, if one came in time."""
        dice, person, last = self.dice, thread.person, spoken[-1]
        end = self.parameters.as_of
        bot_at: datetime | None = None
        human: Message | None = None
        is_named = False
        if (
            needs_reply
            and thread.kind == "dm"
            and is_night(last.sent_at)
            and dice.chance(BOT_ANSWER_SHARE)
        ):
            bot_at = last.sent_at + timedelta(seconds=dice.integer(5, 30))
            text = say(dice, person.language, "bot", 0)
            if bot_at < end:
                self._outbound(thread, last, BOT_ID, bot_at, text)
            else:
                bot_at = None
        if needs_reply and not dice.chance(self.parameters.behaviour.unanswered_share):
            agent, sent_at = human_answer(
                dice, self.agents, self.parameters.behaviour, last.sent_at
            )
            name = person.given_name if thread.profile.display_name else ""
            text, is_named = answer(dice, person.language, topic, name)
            if sent_at < end:
                human = self._outbound(thread, last, agent.agent_id, sent_at, text)
        self.transcript.turns.append(
            Turn(
                person.person_id, thread.profile.network, thread.thread_id, topic,
                spoken[0].sent_at,
                tuple(m.message_id for m in spoken), needs_reply, bot_at,
                human.sent_at if human else None, human.agent_id if human else "",
                bool(human) and is_named,
            )
        )  # fmt: skip
        return human

    def _peer(self, thread: Thread, root: Message) -> None:
        """Another person answers below a comment."""
        sent_at = root.sent_at + timedelta(seconds=self.dice.integer(400, 5400))
        peer = self.dice.pick(self.peers[thread.person.language, thread.profile.network])
        entered = local_instant(
            self.parameters.start_date + timedelta(days=7 * peer.enters_week + 1), 0
        )
        if peer is thread.person or entered > sent_at or sent_at >= self.parameters.as_of:
            return
        profile = next(p for p in peer.profiles if p.network == thread.profile.network)
        self.transcript.messages.append(
            Message(
                self.transcript.next_id(profile.network), thread.account, "reply",
                thread.thread_id, root.message_id,
                thread.post_id, profile, thread.profile, "peer", False, "", sent_at,
                say(self.dice, peer.language, "peer", 0), peer.language,
            )
        )  # fmt: skip

    def _spam(self, person: Person) -> None:
        """A bot writes the same sentence under fresh posts."""
        profile = person.profiles[0]
        posts = self.timeline.posts[profile.network]
        share = min(1.0, SPAM_PER_WEEK * self.parameters.weeks / max(1, len(posts)))
        text = say(self.dice, person.language, "spam", 0)
        for post in posts:
            sent_at = post.published_at + timedelta(seconds=self.dice.integer(8, 50))
            entered = self.parameters.start_date + timedelta(days=7 * person.enters_week + 1)
            if not self.dice.chance(share) or sent_at < local_instant(entered, 0):
                continue
            message_id = self.transcript.next_id(profile.network)
            message = Message(
                message_id, post.account, "comment", message_id, "", post.post_id, profile, None,
                "inbound", False,
                "", sent_at, text, person.language,
            )  # fmt: skip
            self.transcript.messages.append(message)
            self.transcript.turns.append(
                Turn(
                    person.person_id, profile.network, message_id, "spam", sent_at, (message_id,),
                    False, None,
                    None, "", False,
                )
            )  # fmt: skip
