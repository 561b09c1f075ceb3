"""Nine APIs and files in one home: published, the same on a second night."""

from __future__ import annotations

import pytest

from tests.support.nightly import Home

EVERYTHING = ("--people", "150", "--weeks", "8", "--sources", "all")

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]  # two nights of nine APIs


def test_demo_when_all_sources_are_read_then_it_is_published_and_nothing_changes_next_time(
    tmp_path,
):
    home = Home(tmp_path / "home", pseudonym_key="ab" * 32)
    home.ror("demo", *EVERYTHING)
    networks = home.query("select distinct network from marts.interactions order by 1")
    assert [name for (name,) in networks] == [
        "bluesky", "facebook", "instagram", "linkedin", "mastodon", "telegram", "x",
    ]  # fmt: skip
    kinds = home.query("select distinct kind from marts.revenue_events")
    assert {"order", "refund", "deal_won"} <= {kind for (kind,) in kinds}
    before = home.digests()
    home.ror("demo", *EVERYTHING)
    assert home.digests() == before
