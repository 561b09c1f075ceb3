"""The generated world as landed rows with keys, spoilt as real data is, and the truth of its identifiers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipelines.contract import PiiKind
from pipelines.privacy import PseudonymKey, normalise
from pipelines.world.dice import Dice
from pipelines.world.parameters import WorldParameters
from pipelines.world.records import Person
from pipelines.world.world import build_world

KEY = PseudonymKey(bytes(32))
SHARED_MAILBOX_SHARE, FORWARDED_SHARE, OFFICE_SIZE = 0.03, 0.02, 8
Rows = dict[str, list[dict[str, Any]]]


@dataclass
class SpoiltWorld:
    """`rows` by entity; `truth`: person of each identifier; `clear`: readable value of each key.

    `links`: pairs of identifiers that an unspoilt record of one person names.
    """

    rows: Rows
    truth: dict[str, str]
    clear: dict[str, tuple[str, str]]
    links: list[tuple[str, str]]

    def key(self, kind: PiiKind, value: str) -> str | None:
        """The key of a value, remembered as the vault would."""
        if not value:
            return None
        normalised = normalise(kind, value)
        found = KEY.subject_key(kind, normalised)
        self.clear[found] = (kind.value, normalised if kind is PiiKind.PROFILE else value)
        return found


def spoilt_world(people: int, seed: int = 7) -> SpoiltWorld:
    """A world whose couples share a mailbox, whose newsletters are forwarded, with an office address."""
    world = build_world(WorldParameters(people=people, weeks=6, seed=seed))
    dice = Dice(seed, "crm")
    names = ("contacts", "profiles", "contact_merges", "orders", "clicks")
    result = SpoiltWorld({name: [] for name in names}, {}, {}, [])
    for person in world.population.people:
        _person(result, person)
    for merge in world.population.merges:
        row = {
            "loser_id": merge.loser_id,
            "winner_id": merge.winner_id,
            "merged_at": merge.merged_at,
        }
        result.rows["contact_merges"].append(row)
        result.links.append((f"contact|{merge.loser_id}", f"contact|{merge.winner_id}"))
    for order in world.orders:
        email = result.key(PiiKind.EMAIL, order.email)
        result.rows["orders"].append(
            {"order_id": order.order_id, "ordered_at": order.ordered_at, "gross_minor": 1,
             "currency": "EUR", "contact_id": order.contact_id or None, "email_key": email}
        )  # fmt: skip
        if order.contact_id and email:
            result.links.append((f"contact|{order.contact_id}", f"email|{email}"))
    for click in world.clicks:
        row = {"click_id": click.click_id, "clicked_at": click.clicked_at, "channel": click.channel}
        result.rows["clicks"].append(
            row
            | {
                "contact_id": click.contact_id or None,
                "email_key": result.key(PiiKind.EMAIL, click.email),
                "profile_id_key": result.key(PiiKind.PROFILE, click.profile),
            }
        )
    _spoil(result, dice, [p for p in world.population.people if p.contacts and not p.is_bot])
    return result


def _person(result: SpoiltWorld, person: Person) -> None:
    def own(identifier: str) -> str:
        result.truth[identifier] = person.person_id
        return identifier

    for contact in person.contacts:
        emails = [result.key(PiiKind.EMAIL, email) for email in contact.emails]
        socials = [result.key(PiiKind.PROFILE, one) for one in contact.social_profiles]
        result.rows["contacts"].append(
            {
                "contact_id": contact.contact_id, "created_at": contact.created_at,
                "emails_key": " ".join(filter(None, emails)) or None,
                "social_profiles_key": " ".join(filter(None, socials)) or None,
                "given_name_key": result.key(PiiKind.PERSON_NAME, person.given_name),
                "family_name_key": result.key(PiiKind.PERSON_NAME, person.family_name),
                "language": person.language,
            }
        )  # fmt: skip
        one = own(f"contact|{contact.contact_id}")
        result.links += [(one, own(f"email|{email}")) for email in emails]
        result.links += [(one, own(f"profile|{key}")) for key in socials]
    for profile in person.profiles:
        native = result.key(PiiKind.PROFILE, f"{profile.network}|{profile.profile_id}")
        handle = result.key(PiiKind.PROFILE, f"{profile.network}|{profile.handle}")
        email = result.key(PiiKind.EMAIL, profile.email)
        result.rows["profiles"].append(
            {
                "network": profile.network, "profile_id_key": native, "handle_key": handle,
                "display_name_key": result.key(PiiKind.PERSON_NAME, profile.display_name),
                "email_key": email, "language": person.language, "is_bot_hint": person.is_bot,
            }
        )  # fmt: skip
        result.truth |= {f"profile|{native}": person.person_id}
        if person.is_bot:
            continue
        result.links.append((f"profile|{native}", own(f"profile|{handle}")))
        if email:
            result.links.append((f"profile|{native}", own(f"email|{email}")))


def _spoil(result: SpoiltWorld, dice: Dice, known: list[Person]) -> None:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    by_id = {row["contact_id"]: row for row in result.rows["contacts"]}
    for number in range(round(SHARED_MAILBOX_SHARE * len(known))):
        one = dice.pick(known)
        other = dice.pick([p for p in known if p.given_name != one.given_name])
        shared = result.key(PiiKind.EMAIL, f"the.two.of.us{number}@home.example")
        for person in (one, other):
            by_id[person.contacts[0].contact_id]["emails_key"] += f" {shared}"
    for number in range(round(FORWARDED_SHARE * len(known))):
        one, other = dice.pick(known), dice.pick(known)
        result.rows["clicks"].append(
            {
                "click_id": f"forwarded{number}", "channel": "newsletter", "clicked_at": at,
                "contact_id": one.contacts[0].contact_id,
                "email_key": result.key(PiiKind.EMAIL, other.email),
            }
        )  # fmt: skip
    office = result.key(PiiKind.EMAIL, "info@office.example")
    for person in known[:OFFICE_SIZE]:
        by_id[person.contacts[0].contact_id]["emails_key"] += f" {office}"
