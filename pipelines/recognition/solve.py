"""Fills `solved.recognitions` between the two halves of the build; only what is new or changed."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from importlib.resources import files

import duckdb
import pyarrow as pa

from pipelines.names.forms import ADDITIONS, NameTable, load_names
from pipelines.names.stems import ENGLISH, ITALIAN, stems
from pipelines.names.tokens import said, words_of
from pipelines.privacy import attach_vault
from pipelines.recognition.person import STRANGER, Acquaintance, acquaintance, recognise
from pipelines.settings import Settings
from pipelines.tables import insert_rows, replace_rows

READS = (
    "intermediate.int_messages_enriched",
    "intermediate.int_texts",
    "intermediate.int_identity_names",
    "intermediate.int_person_keys",
)
WRITES = ("recognitions", "brand_words")
MODEL = "solved.recognitions"  # the name under which absorbed loads are recorded
POST_MODEL = "solved.brand_words"
RULES = 1  # raise with every change of the rules: all is computed again
ROWS_AT_ONCE = 20_000
REPLIES_AT_ONCE = 200_000  # with what was asked: some hundred megabytes
FEWEST_POSTS = 2  # with a stem for it to be kept; the mart asks for more
RECOGNITIONS = pa.schema(
    [("message_id", pa.string()), ("is_name_knowable", pa.bool_()), ("name_form", pa.string()),
     ("is_bio_knowable", pa.bool_()), ("bio_stems", pa.list_(pa.string()))]
)  # fmt: skip
REPLIES = """
    select message_id, target_person_id as person_id, conversation_id, sent_at, load_id
    from intermediate.int_messages_enriched
    where direction = 'outbound' and not is_deleted and not is_automated
        and target_person_id is not null"""
# What records say of people: names as keys, bios.
SAID = """
    create or replace temp table said_of_people as
    select distinct person_id, given_name_key, display_name_key, bio
    from intermediate.int_identity_names
    inner join intermediate.int_person_keys using (identifier_kind, identifier_key)
    where not (is_bot or is_brand_actor)
        and coalesce(given_name_key, display_name_key, bio) is not null"""
KNOWN_PEOPLE = """
    create or replace temp table known_people as
    select person_id, md5(list_sort(list(
        concat_ws('|', coalesce(given_name_key, ''), coalesce(display_name_key, ''), md5(bio))
    ))::varchar) as knowledge_hash
    from said_of_people group by person_id"""
# Replies of conversations that changed, and to people of whom something else is known today.
TOUCHED = f"""
    create or replace temp table touched_replies as
    with
        absorbed as (
            select load_id from ops.absorbed_loads
            where model = '{MODEL}' and model_hash = $version),
        new_loads as (
            select load_id from ops.absorbed_loads
            where model = 'int_messages_enriched' and load_id not in (from absorbed)),
        changed_people as (
            select coalesce(now.person_id, before.person_id) as person_id
            from known_people as now
            full join solved.recognised_people as before using (person_id)
            where now.knowledge_hash is distinct from before.knowledge_hash)
    select message_id, person_id, conversation_id, sent_at from ({REPLIES}) as replies
    where load_id in (from new_loads) or person_id in (from changed_people)
        or not exists (from absorbed)"""
COUNT = "select count(*) from touched_replies semi join known_people using (person_id)"
# What is said to people of whom something is known, with what they asked before: a part of the
# conversations at a time.
ASKED = """
    with
        replies as (
            select message_id, person_id, conversation_id, sent_at
            from touched_replies semi join known_people using (person_id)
            where hash(conversation_id) % $parts = $part),
        questions as (
            select replies.message_id,
                string_agg(texts.text, ' ' order by asked.message_id) as asked
            from replies
            inner join intermediate.int_messages_enriched as asked
                on asked.conversation_id = replies.conversation_id
                and asked.person_id = replies.person_id and asked.sent_at <= replies.sent_at
            inner join intermediate.int_texts as texts
                on texts.text_kind = 'message' and texts.text_id = asked.message_id
            group by replies.message_id)
    select replies.message_id, replies.person_id, texts.text as reply, questions.asked
    from replies
    inner join intermediate.int_texts as texts
        on texts.text_kind = 'message' and texts.text_id = replies.message_id
    left join questions on questions.message_id = replies.message_id"""
# Who is a stranger to all records cannot be recognised, whatever is said.
STRANGERS = """
    insert into solved.recognitions by name
    select replies.message_id, false as is_name_knowable, null as name_form,
        false as is_bio_knowable, [] as bio_stems
    from touched_replies as replies
    inner join intermediate.int_texts as texts
        on texts.text_kind = 'message' and texts.text_id = replies.message_id
    anti join known_people on known_people.person_id = replies.person_id"""
# Several spellings of one name are one key; any of them has the same words.
NAMES = """
    with said as (select * from said_of_people semi join touched_replies using (person_id))
    select said.person_id, min(given.value), min(displayed.value), said.bio
    from said
    left join vault.identifiers as given on given.subject_key = said.given_name_key
    left join vault.identifiers as displayed on displayed.subject_key = said.display_name_key
    group by said.person_id, said.given_name_key, said.display_name_key, said.bio"""


def solve_recognition(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Recognise in replies that are new or to people of whom something else is known; how many.

    Needs the first half of the build in the same file, and the vault. In one transaction.
    """
    table = load_names(settings.seeds_folder / ADDITIONS)
    version = _version(connection, settings)
    attach_vault(connection, settings.vault_file)
    try:
        connection.begin()
        try:
            connection.execute(SAID)
            connection.execute(KNOWN_PEOPLE)
            connection.execute(TOUCHED, {"version": version})
            count = _write(connection, _people(connection, table))
            _remember(connection, version)
            _count_own_talk(connection)
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
    finally:
        connection.execute("detach vault")
    return count


def _version(connection: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """Changes with the rules, the tables of names and words, and the model that is read."""
    digest = hashlib.md5(str(RULES).encode(), usedforsecurity=False)
    for file in sorted(files("pipelines.names").iterdir(), key=str):
        if file.name.endswith(".csv"):
            digest.update(file.read_bytes())
    own = settings.seeds_folder / ADDITIONS
    digest.update(own.read_bytes() if own.exists() else b"")
    built = connection.execute(
        "select max(model_hash) from ops.absorbed_loads"
        " where model = 'int_messages_enriched' and load_id = ''"
    ).fetchone()
    digest.update(str(built).encode())
    return digest.hexdigest()


def _people(connection: duckdb.DuckDBPyConnection, table: NameTable) -> dict[str, Acquaintance]:
    texts: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for person_id, *values in connection.execute(NAMES).fetchall():
        for kind, value in zip(("given", "displayed", "bio"), values, strict=True):
            if value:
                texts[person_id][kind].add(value)
    return {
        person_id: acquaintance(table, known["given"], known["displayed"], known["bio"])
        for person_id, known in texts.items()
    }


def _write(connection: duckdb.DuckDBPyConnection, people: Mapping[str, Acquaintance]) -> int:
    """Replace the recognitions of the touched replies; returns how many there are."""
    connection.execute(
        "delete from solved.recognitions"
        " where message_id in (select message_id from touched_replies)"
    )
    count = int(connection.execute(STRANGERS).fetchall()[0][0])
    known = connection.execute(COUNT).fetchall()[0][0]
    parts = known // REPLIES_AT_ONCE + 1
    for part in range(parts):
        reader = connection.execute(ASKED, {"parts": parts, "part": part})
        for batch in list(_batches(reader, people)):  # reading ends before writing begins
            insert_rows(connection, "solved.recognitions", batch)
            count += batch.num_rows
    return count


def _batches(
    reader: duckdb.DuckDBPyConnection, people: Mapping[str, Acquaintance]
) -> Iterator[pa.Table]:
    while rows := reader.fetchmany(ROWS_AT_ONCE):
        found = []
        for message_id, person_id, reply, asked in rows:
            person = people.get(person_id, STRANGER)
            seen = recognise(person, reply, asked or "")
            found.append(
                {
                    "message_id": message_id,
                    "is_name_knowable": person.recipient.is_knowable,
                    "name_form": str(seen.name_form) if seen.name_form else None,
                    "is_bio_knowable": person.has_bio,
                    "bio_stems": list(seen.bio_stems),
                }
            )
        yield pa.Table.from_pylist(found, RECOGNITIONS)


def _remember(connection: duckdb.DuckDBPyConnection, version: str) -> None:
    connection.execute("delete from solved.recognised_people")
    connection.execute("insert into solved.recognised_people by name from known_people")
    connection.execute("delete from ops.absorbed_loads where model = ?", [MODEL])
    connection.execute(
        "insert into ops.absorbed_loads select ?, load_id, ? from ops.absorbed_loads"
        " where model = 'int_messages_enriched'",
        [MODEL, version],
    )


def _count_own_talk(connection: duckdb.DuckDBPyConnection) -> None:
    """Stems that a brand's own posts use, in how many; counted again when a post changed."""
    posts = "from intermediate.int_texts where text_kind = 'post'"
    fingerprint = str(
        connection.execute(
            f"select count(*), sum(hash((brand_id, text_id, text))::hugeint) {posts}"
        ).fetchone()
    )
    known = connection.execute(
        "select model_hash from ops.absorbed_loads where model = ?", [POST_MODEL]
    ).fetchone()
    if known == (fingerprint,):
        return
    counts: Counter[tuple[str, str]] = Counter()
    for brand_id, text in connection.execute(f"select brand_id, text {posts}").fetchall():
        words = words_of(said(text))
        counts.update((brand_id, one) for one in stems(words, ENGLISH) | stems(words, ITALIAN))
    rows = [
        {"brand_id": brand_id, "stem": one, "post_count": count}
        for (brand_id, one), count in sorted(counts.items())
        if count >= FEWEST_POSTS
    ]
    replace_rows(connection, "solved.brand_words", rows)
    connection.execute("delete from ops.absorbed_loads where model = ?", [POST_MODEL])
    connection.execute(
        "insert into ops.absorbed_loads values (?, '', ?)", [POST_MODEL, fingerprint]
    )
