"""The split of margins over who brought whom, against fractions."""

from __future__ import annotations

from fractions import Fraction

import duckdb
import jinja2
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.settings import DBT_PROJECT

HALF = Fraction(1, 2)
PEOPLE = st.sampled_from("abcdefgh")


def split(
    margins: dict[str, int], parents: dict[str, str], share: float = 0.25, attenuation: float = 0.5
) -> dict[tuple[str, str], int]:
    """Parts by person and owner, as the macro's query finds them."""
    macros = DBT_PROJECT / "macros"
    text = "".join(
        (macros / name).read_text(encoding="utf-8") for name in ("money.sql", "conserved_split.sql")
    )
    call = jinja2.Environment(autoescape=False).from_string(text).module.conserved_split  # type: ignore[attr-defined]
    with duckdb.connect() as con:
        con.execute("create table margins (person_id varchar, amount_minor bigint)")
        con.execute("create table parents (person_id varchar, parent_id varchar)")
        for person, minor in margins.items():
            con.execute("insert into margins values (?, ?)", [person, minor])
        for person, parent in parents.items():
            con.execute("insert into parents values (?, ?)", [person, parent])
        rows = con.execute(call("margins", "parents", share, attenuation)).fetchall()
    assert len(rows) == len({row[:2] for row in rows})
    return {(person, owner): minor for person, owner, minor in rows}


def shares(person: str, parents: dict[str, str]) -> dict[str, Fraction]:
    """Exact shares of one person's margin, by walking up."""
    line, at = [], person
    while (at := parents.get(at, "")) and at not in {person, *line}:
        line.append(at)
    whole = sum((HALF**depth for depth in range(1, len(line) + 1)), Fraction(0))
    found = {
        owner: Fraction(1, 4) * HALF**depth / whole for depth, owner in enumerate(line, start=1)
    }
    return found | {person: Fraction(3, 4) if line else Fraction(1)}


def test_split_when_two_generations_brought_him_then_as_worked_out_by_hand():
    found = split({"c": 10_000}, {"c": "b", "b": "a"})
    assert found == {("c", "c"): 7_500, ("c", "b"): 1_667, ("c", "a"): 833}


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(PEOPLE, st.integers(-(10**9), 10**9)),
    st.dictionaries(PEOPLE, PEOPLE),
)
def test_split_when_drawn_then_every_unit_stands_once_and_near_its_share(margins, parents):
    found = split(margins, parents)
    for person, minor in margins.items():
        parts = {owner: part for (of, owner), part in found.items() if of == person}
        wanted = shares(person, parents)
        assert sum(parts.values()) == minor
        assert parts.keys() == wanted.keys()
        assert all(abs(part - wanted[owner] * minor) < 1 for owner, part in parts.items())
    assert sum(found.values()) == sum(margins.values())
