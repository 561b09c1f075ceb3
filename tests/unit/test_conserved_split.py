"""The split of margins over who brought whom, against walking up and fractions."""

from __future__ import annotations

from fractions import Fraction

import duckdb
import jinja2
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.settings import DBT_PROJECT

HALF = Fraction(1, 2)
NAMES = "abcdefgh"
PEOPLE = st.sampled_from(NAMES)
# The owner that stands for the pool of influence.
POOL = "pool"
Edges = dict[str, tuple[str, int]]  # by person: who brought him, and the place of that referral


def macros() -> jinja2.environment.TemplateModule:
    folder = DBT_PROJECT / "macros"
    text = "".join(
        (folder / name).read_text(encoding="utf-8") for name in ("money.sql", "conserved_split.sql")
    )
    return jinja2.Environment(autoescape=False).from_string(text).module


def kept_edges(edges: Edges) -> Edges:
    """What the macro leaves of them."""
    with duckdb.connect() as con:
        con.execute("create table edges (person_id varchar, parent_id varchar, place bigint)")
        listed = [
            {"person_id": who, "parent_id": by, "place": at} for who, (by, at) in edges.items()
        ]
        if listed:
            con.register("listed", pa.Table.from_pylist(listed))
            con.execute("insert into edges by name from listed")
        rows = con.execute(macros().without_circles("edges")).fetchall()  # type: ignore[attr-defined]
    assert len(rows) == len({row[0] for row in rows})
    return {person: (parent, place) for person, parent, place in rows}


def split(
    margins: dict[str, int], parents: dict[str, str], share: float = 0.25, pool: float = 0.0
) -> dict[tuple[str, str], int]:
    """Parts by person and owner, as the macro's query finds them."""
    with duckdb.connect() as con:
        con.execute(
            "create table margins (person_id varchar, amount_minor bigint, pool_share double)"
        )
        con.execute("create table parents (person_id varchar, parent_id varchar)")
        con.execute(
            "create table assumptions as select ?::double as referral_share, 0.5 as attenuation",
            [share],
        )
        for person, minor in margins.items():
            con.execute("insert into margins values (?, ?, ?)", [person, minor, pool])
        for person, parent in parents.items():
            con.execute("insert into parents values (?, ?)", [person, parent])
        query = macros().conserved_split("margins", "parents", "assumptions")  # type: ignore[attr-defined]
        rows = con.execute(query).fetchall()
    found = {(person, owner or POOL): minor for person, owner, _, minor in rows}
    assert len(rows) == len(found)
    assert all(
        part == {person: "own", None: "influence"}.get(owner, "referral")
        for person, owner, part, _ in rows
    )
    return found


def cut_by_hand(edges: Edges) -> Edges:
    """Remove the latest referral of every circle that walking finds."""
    kept = dict(edges)
    for start in edges:
        line = [start]
        while line[-1] in kept and kept[line[-1]][0] not in line:
            line.append(kept[line[-1]][0])
        if line[-1] in kept:
            circle = line[line.index(kept[line[-1]][0]) :]
            del kept[max(circle, key=lambda person: kept[person][1])]
    return kept


def divided_by_hand(minor: int, wanted: dict[str, Fraction]) -> dict[str, int]:
    """Whole units by share, the rest to the largest remainders; equal ones in the order given."""
    exact = {owner: share * abs(minor) for owner, share in wanted.items()}
    whole = {owner: int(amount) for owner, amount in exact.items()}
    order = sorted(wanted, key=lambda owner: whole[owner] - exact[owner])
    for owner in order[: abs(minor) - sum(whole.values())]:
        whole[owner] += 1
    return {owner: amount if minor > 0 else -amount for owner, amount in whole.items()}


def shares(person: str, parents: dict[str, str], pool: Fraction) -> dict[str, Fraction]:
    """Exact shares of one person's margin, by walking up; a quarter is left to who brought him."""
    line, at = [], person
    while (at := parents.get(at, "")) != "":
        line.append(at)
    whole = sum((HALF**depth for depth in range(len(line))), Fraction(0))
    own = Fraction(3, 4) if line else Fraction(1)
    found = {person: own * (1 - pool)}
    found |= {owner: Fraction(1, 4) * HALF**depth / whole for depth, owner in enumerate(line)}
    return found | ({POOL: own * pool} if pool else {})


def test_split_when_two_generations_brought_him_then_as_worked_out_by_hand():
    found = split({"c": 10_000}, {"c": "b", "b": "a"})
    assert found == {("c", "c"): 7_500, ("c", "b"): 1_667, ("c", "a"): 833}


def test_split_when_there_is_a_pool_then_it_takes_of_what_the_customer_keeps():
    found = split({"c": 10_000, "d": -1_000}, {"c": "b", "b": "a"}, pool=0.1)
    assert found == {
        ("c", "c"): 6_750, ("c", "b"): 1_667, ("c", "a"): 833, ("c", POOL): 750,
        ("d", "d"): -900, ("d", POOL): -100,
    }  # fmt: skip


def test_circles_when_three_invite_each_other_then_the_latest_invitation_goes():
    ring = {"b": ("a", 1), "c": ("b", 2), "a": ("c", 3), "d": ("c", 9)}
    assert kept_edges(ring) == {"b": ("a", 1), "c": ("b", 2), "d": ("c", 9)}


def test_circles_when_ten_thousand_stand_in_one_then_one_referral_goes():
    people = 10_000
    ring = {f"p{n}": (f"p{(n + 1) % people}", (n * 7) % people) for n in range(people)}
    latest = next(person for person, (_, place) in ring.items() if place == people - 1)
    assert kept_edges(ring) == {person: edge for person, edge in ring.items() if person != latest}


def test_split_when_a_line_is_two_thousand_long_then_it_ends_and_adds_up():
    parents = {f"p{n}": f"p{n + 1}" for n in range(2_000)}
    found = split({"p0": 10**14 - 1}, parents)
    assert sum(found.values()) == 10**14 - 1
    assert found["p0", "p1"] == 12_500_000_000_000


@st.composite
def referrals(draw: st.DrawFn) -> Edges:
    """At most one referral per person, in any order, with circles."""
    brought = draw(st.permutations(NAMES))
    edges = {}
    for place, person in enumerate(brought[: draw(st.integers(0, len(NAMES)))]):
        edges[person] = (draw(PEOPLE.filter(lambda other, person=person: other != person)), place)
    return edges


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(PEOPLE, st.integers(-(10**9), 10**9)),
    referrals(),
    st.sampled_from([Fraction(0), Fraction(1, 10), Fraction(1, 8)]),
)
def test_split_when_drawn_then_it_is_that_of_walking_up(margins, edges, pool):
    kept = kept_edges(edges)
    assert kept == cut_by_hand(edges)
    parents = {person: parent for person, (parent, _) in kept.items()}
    found = split(margins, parents, pool=float(pool))
    for person, minor in margins.items():
        parts = {owner: part for (of, owner), part in found.items() if of == person}
        wanted = shares(person, parents, pool)
        assert sum(parts.values()) == minor
        assert parts == divided_by_hand(minor, wanted)
    assert sum(found.values()) == sum(margins.values())
