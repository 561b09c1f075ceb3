from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipelines.world.fakenet.rates import FixedWindow, RollingWindow
from pipelines.world.fakenet.store import Fate, Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def test_find_when_asked_at_different_times_then_each_sees_its_version() -> None:
    store = Store()
    store.create("deal", "1", {"stage": "new", "owner": "a"}, at(0))
    store.change("deal", "1", {"stage": "won"}, at(2))

    assert store.find("deal", "1", at(-1)) is None
    early, late = store.find("deal", "1", at(1)), store.find("deal", "1", at(2))
    assert early is not None
    assert late is not None
    assert (early.fields, early.updated_at) == ({"stage": "new", "owner": "a"}, at(0))
    assert (late.fields, late.updated_at) == ({"stage": "won", "owner": "a"}, at(2))
    assert (late.created_at, len(late.history)) == (at(0), 2)


def test_change_when_it_is_committed_late_then_its_stamp_lies_in_the_past_of_its_readers() -> None:
    store = Store()
    store.create("deal", "1", {"stage": "new"}, at(0))
    store.change("deal", "1", {"stage": "won"}, at(1), seen_from=at(3))

    before, after = store.find("deal", "1", at(2)), store.find("deal", "1", at(3))
    assert before is not None
    assert after is not None
    assert (before.fields["stage"], before.updated_at) == ("new", at(0))
    assert (after.fields["stage"], after.updated_at) == ("won", at(1))


def test_ends_when_reached_then_the_object_leaves_the_living_and_keeps_its_fate() -> None:
    store = Store()
    for number in ("1", "2", "3", "4"):
        store.create("contact", number, {}, at(0))
    store.delete("contact", "1", at(1))
    store.erase("contact", "2", at(1))
    store.merge("contact", "3", "4", at(1))

    assert len(store.live("contact", at(0.5))) == 4
    (winner,) = store.live("contact", at(1))
    assert (winner.record_id, winner.absorbed, winner.updated_at) == ("4", ("3",), at(1))
    fates = {f: [s.record_id for s in store.ended("contact", f, at(1))] for f in Fate}
    assert fates == {Fate.DELETED: ["1"], Fate.ERASED: ["2"], Fate.MERGED: ["3"]}
    (loser,) = store.ended("contact", Fate.MERGED, at(1))
    assert loser.winner_id == "4"


def test_state_when_nothing_changes_between_two_instants_then_it_has_one_name() -> None:
    store = Store()
    store.create("deal", "1", {"stage": "new"}, at(0))
    store.delete("deal", "1", at(2))

    assert store.state(at(0)) == store.state(at(1.9))
    assert len({store.state(at(h)) for h in (-1, 0, 2)}) == 3
    assert [len(store.live("deal", at(h))) for h in (0, 1.9, 2, 1, -1)] == [1, 1, 0, 1, 0]
    before = store.state(at(1))
    store.change("deal", "1", {"stage": "won"}, at(5))
    assert store.state(at(1)) != before


def test_change_when_its_stamp_is_earlier_then_it_does_not_know_later_fields() -> None:
    store = Store()
    store.create("deal", "1", {"stage": "new"}, at(0))
    store.change("deal", "1", {"stage": "won"}, at(4))
    store.change("deal", "1", {"owner": "b"}, at(2))

    seen = store.find("deal", "1", at(2))
    assert seen is not None
    assert seen.fields == {"stage": "new", "owner": "b"}


@given(st.permutations([(1, "a"), (2, "b"), (3, "c"), (4, "d")]))
def test_changes_when_made_in_any_order_then_the_newest_stamp_wins(
    order: list[tuple[int, str]],
) -> None:
    store = Store()
    store.create("deal", "1", {"stage": ""}, at(0))
    for hours, stage in order:
        store.change("deal", "1", {"stage": stage}, at(hours))

    seen = store.find("deal", "1", at(9))
    assert seen
    assert (seen.fields["stage"], seen.updated_at) == ("d", at(4))
    assert [v.since for v in seen.history] == [at(n) for n in range(5)]


@given(st.lists(st.floats(0, 5), max_size=60), st.integers(1, 5))
def test_rolling_window_when_requests_come_then_never_more_than_the_limit_within_its_length(
    gaps: list[float], limit: int
) -> None:
    window, now, allowed = RollingWindow(limit, timedelta(seconds=10)), NOON, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        spent = window.take(now)
        recent = [moment for moment in allowed if moment > now - timedelta(seconds=10)]
        assert spent.is_refused == (len(recent) >= limit)
        if not spent.is_refused:
            allowed.append(now)
        assert spent.resets_at > now


def test_fixed_window_when_its_span_ends_then_it_is_full_again() -> None:
    window = FixedWindow(2, timedelta(minutes=5))
    start = datetime(2026, 3, 1, 12, 3, tzinfo=UTC)
    spent = [window.take(start + timedelta(seconds=s)) for s in (0, 1, 2, 119, 120)]

    assert [s.is_refused for s in spent] == [False, False, True, True, False]
    assert [s.remaining for s in spent] == [1, 0, 0, 0, 1]
    assert spent[0].resets_at == datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
