from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.errors import ExitCode, RorError
from pipelines.publish import metric_views, publish
from tests.support.publishing import ROWS, TABLES, build, home, run_of, served_night

VIEW = (
    'create view "metrics"."answers" as with a as (select * from "marts"."responses")'
    " select network, count(*) as answer_count from a group by network;"
)
COMMENT = 'comment on view "metrics"."answers" is \'Answers; by network.\';'


def test_views_when_published_then_readers_query_them_whatever_they_call_the_file(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    publication = publish(run_of(settings, 0), TABLES, None, (VIEW, COMMENT))
    settings.build_file.unlink()
    with duckdb.connect() as con:
        con.execute(f"attach '{publication.path}' as other (read_only)")
        counts = con.execute("select answer_count from other.metrics.answers").fetchall()
        (text,) = con.execute(
            "select comment from duckdb_views() where view_name = 'answers'"
        ).fetchall()
    assert sum(count for (count,) in counts) == ROWS
    assert text == ("Answers; by network.",)


def test_views_when_one_does_not_fit_then_nothing_is_published_and_the_line_names_it(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    publish(run_of(settings, 0), TABLES, None, (VIEW, COMMENT))
    served = served_night(settings)
    build(settings, 1)
    wrong = VIEW.replace("network, count", "no_such_column, count").replace("group by network", "")
    with pytest.raises(RorError, match=r'"metrics"."answers": the view does not fit') as caught:
        publish(run_of(settings, 1), TABLES, None, (wrong,))
    assert caught.value.code is ExitCode.CONFIGURATION
    assert served_night(settings) == served


def test_views_when_one_reads_the_build_file_then_the_version_is_refused(tmp_path: Path) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    outside = VIEW.replace('"marts"."responses"', '"build"."marts"."responses"')
    with pytest.raises(RorError) as caught:
        publish(run_of(settings, 0), TABLES, None, (outside,))
    assert caught.value.code in (ExitCode.BLOCKED, ExitCode.CONFIGURATION)
    assert served_night(settings) is None


def test_texts_when_the_file_has_notes_then_only_statements_are_left(tmp_path: Path) -> None:
    file = tmp_path / "views.sql"
    file.write_text(f"-- generated\n\n{VIEW}\n{COMMENT}\n", encoding="utf-8")
    assert metric_views(file) == (VIEW, COMMENT)
    with pytest.raises(RorError, match="cannot be read"):
        metric_views(tmp_path / "none.sql")
