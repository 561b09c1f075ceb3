"""Who lives in the world: people under several identifiers, the firms they work for, and bots."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.parameters import NETWORKS, WorldParameters, local_instant
from pipelines.world.records import Company, Contact, ContactMerge, Person, Profile
from pipelines.world.texts import BOOKS

LANGUAGES, LANGUAGE_WEIGHTS = ("it", "en", "ru"), (0.5, 0.3, 0.2)
COUNTRIES = {"it": ("IT", "IT", "IT", "CH"), "en": ("GB", "IE", "US", "US"), "ru": ("RU", "KZ")}
MAIL_HOSTS = ("mail.example", "post.example", "inbox.example")
BUYER_SHARE, SOCIAL_SHARE, PRESENT_AT_START_SHARE = 0.6, 0.85, 0.3
CONTACT_SHARE_BUYER, CONTACT_SHARE_OTHER, DECLARED_PROFILE_SHARE = 0.85, 0.4, 0.5
PEOPLE_PER_COMPANY = 3
# Telephone numbers that the British regulator keeps free for fiction; beyond them people have none.
FICTION_PREFIX, FICTION_COUNT = "+44 7700 900", 1000
FIRM_NAMES = (
    "Caffè Centrale",
    "Hotel Belvedere",
    "Bar dello Sport",
    "Pasticceria Verdi",
    "Coworking Àncora",
    "Libreria Il Faro",
    "Ristorante Da Pietro",
    "Studio Città",
    "Palestra Più",
    "Enoteca Vecchia",
)
INDUSTRIES, SIZE_BANDS = ("hospitality", "retail", "offices"), ("1-9", "10-49", "50-249")
CYRILLIC_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
LATIN_LETTERS = (
    "a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s",
    "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
)  # fmt: skip
CYRILLIC = dict(zip(CYRILLIC_LETTERS, LATIN_LETTERS, strict=True))


@dataclass(frozen=True)
class Population:
    """All people, firms and CRM merges."""

    people: tuple[Person, ...]
    companies: tuple[Company, ...]
    merges: tuple[ContactMerge, ...]


def latin(name: str) -> str:
    """The name as people write it in addresses and handles: lower case ASCII letters."""
    plain = str.maketrans("àèéìòù", "aeeiou")
    letters = "".join(CYRILLIC.get(c, c) for c in name.lower()).translate(plain)
    return "".join(c for c in letters if c.isascii() and c.isalpha())


def populate(parameters: WorldParameters) -> Population:
    """Draw the population of a world."""
    dice = Dice(parameters.seed, "people")
    business_count = round(parameters.people * parameters.behaviour.business_share)
    companies = tuple(
        _company(dice, number + 1)
        for number in range(math.ceil(business_count / PEOPLE_PER_COMPANY))
    )
    people: list[Person] = []
    merges: list[ContactMerge] = []
    for number in range(1, parameters.people + 1):
        company = companies[(number - 1) % len(companies)] if number <= business_count else None
        person, merge = _person(dice, parameters, number, company)
        people.append(person)
        merges.extend(merge)
    return Population(tuple(people), companies, tuple(merges))


def _company(dice: Dice, number: int) -> Company:
    name = FIRM_NAMES[(number - 1) % len(FIRM_NAMES)]
    numbered = name if number <= len(FIRM_NAMES) else f"{name} {number}"
    return Company(
        f"C{number:04d}",
        numbered,
        f"firm{number}.example",
        dice.pick(SIZE_BANDS),
        dice.pick(INDUSTRIES),
    )


def _person(
    dice: Dice, parameters: WorldParameters, number: int, company: Company | None
) -> tuple[Person, list[ContactMerge]]:
    behaviour = parameters.behaviour
    language = "it" if company else dice.weighted(LANGUAGES, LANGUAGE_WEIGHTS)
    book = BOOKS[language]
    given, family = dice.pick(book.given_names), dice.pick(book.family_names)
    is_bot = company is None and dice.chance(behaviour.bot_share)
    late = not dice.chance(PRESENT_AT_START_SHARE)
    enters = dice.integer(0, max(0, parameters.weeks - 2)) if late else 0
    joined = local_instant(
        parameters.start_date + timedelta(days=7 * enters), dice.integer(7, 9) * 3600
    )
    name = f"{latin(given)}.{latin(family)}"
    host = company.domain if company else dice.pick(MAIL_HOSTS)
    email = f"{name}{number}@{host}"
    country = dice.pick(COUNTRIES[language])
    is_buyer = not is_bot and dice.chance(BUYER_SHARE)
    profiles = _profiles(dice, parameters, number, (given, family, name), email, joined, is_bot)
    contact_share = CONTACT_SHARE_BUYER if is_buyer else CONTACT_SHARE_OTHER
    contacts: list[Contact] = []
    merges: list[ContactMerge] = []
    if not is_bot and (company or dice.chance(contact_share)):
        declares = dice.chance(DECLARED_PROFILE_SHARE)
        declared = tuple(f"{p.network}|{p.handle}" for p in profiles) if declares else ()
        contacts.append(_contact(dice, number, email, declared, company, joined))
        if dice.chance(behaviour.duplicate_share):
            twin, merge = _duplicate(dice, contacts[0], number, name)
            contacts.append(twin)
            merges.extend(merge)
    person = Person(
        f"person-{number:05d}", given, family, language, country, email, dice.normal(), enters,
        is_buyer, is_bot, "USD" if country == "US" else "EUR", profiles, tuple(contacts),
    )  # fmt: skip
    return person, merges


def _profiles(
    dice: Dice, parameters: WorldParameters, number: int, names: tuple[str, str, str], email: str,
    joined: datetime, is_bot: bool,
) -> tuple[Profile, ...]:  # fmt: skip
    """Profiles on one to three networks, or none; native ids exceed what a double can hold."""
    if not is_bot and not dice.chance(SOCIAL_SHARE):
        return ()
    given, family, name = names
    first = dice.integer(0, len(NETWORKS) - 1)
    count = dice.weighted((1, 2, 3), (0.6, 0.3, 0.1))
    display = (
        "" if dice.chance(parameters.behaviour.missing_name_share) else f"{given} {family}".strip()
    )
    return tuple(
        Profile(
            str(17_000_000_000_000_000 * (index + 1) + number * 1_000_003),
            NETWORKS[index],
            f"{name.replace('.', '_')}{number}",
            f"win_{number}" if is_bot else display,
            email if NETWORKS[index] == "facebook" and dice.chance(0.3) else "",
            int(dice.lognormal(180, 1.1)),
            int(dice.lognormal(240, 0.8)),
            joined,
        )
        for index in sorted((first + step) % len(NETWORKS) for step in range(count))
    )


def _contact(
    dice: Dice, number: int, email: str, declared: tuple[str, ...], company: Company | None,
    joined: datetime
) -> Contact:  # fmt: skip
    phone = f"{FICTION_PREFIX}{number - 1:03d}" if number <= FICTION_COUNT else ""
    phones = (phone,) if phone and dice.chance(0.5) else ()
    changed = joined + timedelta(hours=dice.integer(0, 48))
    company_id = company.company_id if company else ""
    return Contact(f"K{number:05d}", (email,), phones, declared, company_id, joined, changed)


def _duplicate(
    dice: Dice, first: Contact, number: int, name: str
) -> tuple[Contact, list[ContactMerge]]:
    """A second CRM record: the address in other spelling, or another one that the CRM merged."""
    is_merged = dice.chance(0.5)
    respelled = first.emails[0].title()
    emails = (f"{name}.{number}@other.example",) if is_merged else (respelled,)
    since = first.created_at + timedelta(days=dice.integer(2, 6))
    twin = Contact(f"K{number:05d}-2", emails, (), (), first.company_id, since, since)
    merged_at = since + timedelta(hours=1)
    merges = [ContactMerge(twin.contact_id, first.contact_id, merged_at)] if is_merged else []
    return twin, merges
