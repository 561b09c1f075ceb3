"""The contract suite: what must hold for every source, whatever its API is like.

A test module says what is particular about its source in a `Case` and subclasses `ContractSuite`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from pipelines.contract import ColumnType
from pipelines.failpoints import SimulatedCrash
from pipelines.loading.api.tables import field_columns
from pipelines.loading.results import Status
from pipelines.sources.reading import Window
from pipelines.world.fakenet.access import demo_sources
from pipelines.world.fakenet.faults import FaultScript, Nth, Rule
from pipelines.world.fakenet.faults_pages import renamed
from pipelines.world.fakenet.faults_wire import Html
from pipelines.world.world import World
from tests.contract.cases import FOR_EVER, Case, Objects, OpenHome
from tests.support.apis import ApiHome

DAY = timedelta(days=1)


class ContractSuite:
    """Parameters of the tables come from `case`; see `pytest_generate_tests` in conftest.py."""

    case: ClassVar[Case]

    def rule(self, endpoint: str, fault: object, first: int, count: int) -> Rule:
        return Rule(self.case.facade, endpoint, fault, Nth(first, count))  # type: ignore[arg-type]

    def small_pages(self, monkeypatch: pytest.MonkeyPatch, size: int | None = None) -> None:
        module, name = self.case.size
        monkeypatch.setattr(module, name, size or self.case.small)

    def test_night_when_first_then_everything_the_oracle_knows_has_landed(
        self, good_home: ApiHome
    ) -> None:
        expected = good_home.net.facades[self.case.facade].expected(good_home.clock.now())
        (result,) = good_home.results
        assert result.status is Status.OK, result.problems()
        for (table, where), count in self.case.oracle.items():
            assert len(good_home.newest(table, where=where)) == count(expected), (table, where)
        # An undisturbed night stays within every limit: nothing is tried twice.
        tried = f"select outcome from raw_{self.case.source.name}.requests where outcome {{}}"
        failed = tried.format("similar to '(retry|fatal|quota_stop|refresh_auth).*'")
        assert good_home.rows(failed) == []
        assert len(good_home.rows(tried.format("= 'ok'"))) > 3

    def test_night_when_people_are_named_then_only_the_vault_can_be_read(
        self, good_home: ApiHome
    ) -> None:
        people = self.case.personal(good_home)
        assert len(people) > 10
        assert _columns_with(good_home, people, self.case.free_texts) == []

    def test_night_when_nothing_is_new_then_no_row_lands(
        self, good_home: ApiHome, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in demo_sources(good_home.net).items():
            monkeypatch.setenv(name, value)
        again = good_home.night()
        assert again.status is Status.OK
        assert again.rows == {}

    def test_night_when_pages_have_another_size_then_the_same_tables(
        self, opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch, size: int
    ) -> None:
        self.small_pages(monkeypatch, size)
        other = opened()
        other.night()
        assert other.objects() == good_objects

    def test_nights_when_the_network_moved_then_equal_to_a_full_read_of_today(
        self, opened: OpenHome, good_objects: Objects, world: World
    ) -> None:
        """What was written, changed, taken back and deleted in some weeks."""
        days = self.case.nights
        nightly = opened(at=world.parameters.as_of - timedelta(days=sum(days)))
        nightly.night()
        for pause in days:
            nightly.clock.sleep(timedelta(days=pause).total_seconds())
            nightly.night()
        for _ in range(self.case.nights_to_end - 1):  # nothing moves any more
            nightly.clock.sleep(DAY.total_seconds())
            nightly.night()
        found = nightly.objects()
        for table, rows in good_objects.items():
            if table in self.case.met:
                assert set(rows) <= set(found[table]), table
            else:
                assert found[table] == rows, table
        for table in self.case.ends_in:
            ends = f"select count(*) > 0 from raw_{self.case.source.name}.{table} where _is_deleted"
            assert nightly.rows(ends) == [(True,)], table

    def test_backfill_when_in_any_order_then_it_adds_what_it_saw_and_moves_no_cursor(
        self, opened: OpenHome, good_objects: Objects, world: World
    ) -> None:
        end = world.parameters.as_of
        home = opened()
        for first, last in ((14, 0), (30, 14)):
            home.night(Window(end - timedelta(days=first), end - timedelta(days=last)))
        moved = "select count(*) from raw_{}.complete_reads where not is_backfill"
        assert home.rows(moved.format(self.case.source.name)) == [(0,)]
        home.night()
        assert home.objects() == good_objects

    def test_nights_when_objects_are_deleted_then_their_ends_land_and_keep_what_they_were(
        self, opened: OpenHome
    ) -> None:
        home = opened()
        home.night()
        before = home.objects()
        deleted = self.case.delete(home)
        for night in range(self.case.nights_to_end):
            if night:
                assert home.objects() == before  # one look is not enough
            home.clock.sleep(max(DAY, self.case.whole_after if not night else DAY).total_seconds())
            result = home.night()
            assert result.status is Status.OK, result.problems()
        for table, keys in deleted.items():
            assert keys
            assert keys <= {row[0] for row in before[table]}
            assert not keys & {row[0] for row in home.newest(table)}
            resource = self.case.source.resource(table)
            names = [c.name for c in field_columns(resource) if c.name != resource.version_at]
            rows = (
                f"select _native_id, {', '.join(names)} from raw_{self.case.source.name}.{table}"
                " where _native_id in (select unnest($keys)) and"
            )
            ended = set(home.rows(f"{rows} _is_deleted", keys=sorted(keys)))
            assert {row[0] for row in ended} == keys
            assert ended <= set(home.rows(f"{rows} not _is_deleted", keys=sorted(keys)))

    def test_night_when_all_faults_pass_in_one_night_then_the_tables_are_those_of_a_good_one(
        self, opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.small_pages(monkeypatch)
        script, starts = FaultScript(), dict[str, int]()
        for passing in self.case.passing.values():
            first, count = starts.get(passing.endpoint, 1), min(passing.count, 3)
            script.add(self.rule(passing.endpoint, passing.fault, first, count))
            starts[passing.endpoint] = first + count + 1
        bad = opened(script=script)
        result = bad.night()
        assert result.status is Status.OK, result.problems()
        assert bad.objects() == good_objects
        assert bad.net.log.of("foreign") == []

    @pytest.mark.long
    def test_night_when_a_fault_passes_then_the_tables_are_those_of_a_good_night(
        self, opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch, passing: str
    ) -> None:
        self.small_pages(monkeypatch)
        found = self.case.passing[passing]
        bad = opened(script=FaultScript(self.rule(found.endpoint, found.fault, 1, found.count)))
        result = bad.night()
        assert result.status is Status.OK, result.problems()
        assert bad.objects() == good_objects
        assert bad.net.log.of("foreign") == []

    def test_night_when_a_fault_stays_then_one_line_says_why_and_the_next_good_night_has_it_all(
        self, opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch, staying: str
    ) -> None:
        self.small_pages(monkeypatch)
        found = self.case.staying[staying]
        script = FaultScript(self.rule(found.endpoint, found.fault, found.first, FOR_EVER))
        home = opened(script=script)
        result = home.night()
        assert result.status is (Status.FAILED if found.is_all else Status.PARTIAL)
        assert found.words in " ".join(result.problems())
        if not found.is_all:  # what came before is kept
            assert any(home.objects().values())
        assert home.net.log.of("foreign") == []
        assert files_with(home, self.case.secrets) == []
        script.rules.clear()
        found.mend(home)
        home.clock.sleep(3600)
        again = home.night()
        assert again.status is Status.OK, again.problems()
        assert home.objects() == good_objects

    def test_night_when_a_fault_stays_later_then_nothing_has_ended(
        self, opened: OpenHome, monkeypatch: pytest.MonkeyPatch, later: str
    ) -> None:
        self.small_pages(monkeypatch)
        found = self.case.staying[later]
        home = opened()
        home.night()
        before = home.objects()
        home.net.script.add(self.rule(found.endpoint, found.fault, found.first, FOR_EVER))
        for pause in (max(DAY, self.case.whole_after), DAY, DAY):
            home.clock.sleep(pause.total_seconds())
            assert home.night().status is not Status.OK
        assert home.objects() == before

    def test_night_when_nothing_can_be_read_then_nothing_has_ended_and_other_sources_go_on(
        self, opened: OpenHome
    ) -> None:
        home = opened()
        home.night()
        before = home.objects()
        home.net.script.add(self.rule("* *", Html(), 1, FOR_EVER))
        home.clock.sleep(max(DAY, self.case.whole_after).total_seconds())
        assert home.night().status is Status.FAILED
        assert home.objects() == before
        if self.case.other is not None:
            assert replace(home, source=self.case.other).night().status is Status.OK

    def test_night_when_a_required_field_is_renamed_then_only_that_list_is_refused(
        self, opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Objects in quarantine, with all that the vendor sent, and no secret in any file."""
        self.small_pages(monkeypatch)
        change = self.case.renamed
        fault = renamed(change.path, change.as_name)
        home = opened(script=FaultScript(self.rule(change.endpoint, fault, 1, FOR_EVER)))
        result = home.night()
        assert result.status is Status.PARTIAL
        assert f"{change.table}: too many unreadable objects" in " ".join(result.problems())
        assert home.newest(change.table) == []
        assert home.newest(change.other) == good_objects[change.other]
        held = f"select count(*) > 0 from raw_{self.case.source.name}.quarantine"
        assert home.rows(held) == [(True,)]
        assert files_with(home, self.case.secrets) == []

    def test_night_when_ids_are_beyond_a_double_then_they_land_with_all_digits(
        self, opened: OpenHome
    ) -> None:
        large = self.case.large_ids
        if large is None:
            pytest.skip("the ids of this source are no numbers")
        home = opened(script=FaultScript(self.rule(large.endpoint, large.fault, 1, FOR_EVER)))
        home.night()
        landed = {row[0] for row in home.newest(large.table, large.column)}
        # Even whole numbers are all that a double could hold here.
        odd = {value for value in landed if value and value.isdigit() and int(value) > 2**53}
        assert odd
        assert {int(value) % 2 for value in odd} == {1}

    def test_night_when_it_dies_then_the_next_one_has_all_of_it_once(
        self, opened: OpenHome, good_objects: Objects, point: str
    ) -> None:
        home = opened()
        with pytest.raises(SimulatedCrash):
            home.night(points=f"{point}=crash")
        home.clock.sleep(60)
        home.night()
        assert home.objects() == good_objects
        for table in good_objects:
            twice = f"select count(*) - count(distinct _dlt_id) from raw_{self.case.source.name}.{table}"
            assert home.rows(twice) == [(0,)]


def files_with(home: ApiHome, secrets: Iterable[str]) -> list[Path]:
    """Files below the home in which a secret stands."""
    files = [path for path in home.settings.root.rglob("*") if path.is_file()]
    assert len(files) > 3
    return [path for path in files for s in secrets if s.encode() in path.read_bytes()]


def _columns_with(
    home: ApiHome, values: Iterable[str], free_texts: frozenset[str]
) -> list[tuple[str, str]]:
    """Text columns of the raw tables, but for texts that people wrote, in which a value stands: as
    a whole word, or as a part of an id.
    """
    words = "|".join(re.escape(value) for value in sorted(values))
    pattern = rf"(^|[^\pL\pN])({words})($|[^\pL\pN])"
    return [
        (resource.name, column.name)
        for resource in home.source.resources
        for column in field_columns(resource)
        if column.type is ColumnType.TEXT and column.name not in free_texts
        if home.rows(
            f"select 1 from raw_{home.source.name}.{resource.name}"
            f' where regexp_matches("{column.name}", $pattern) limit 1',
            pattern=pattern,
        )
    ]
