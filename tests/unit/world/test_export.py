from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.files.feeds import load_feeds
from pipelines.world.export import WorldSummary, write_world
from pipelines.world.parameters import WorldParameters
from pipelines.world.rates import to_base

ROOT = Path(__file__).resolve().parents[3]
MEBIBYTE = 1024 * 1024


def digests(home: Path) -> dict[str, str]:
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


def test_write_world_when_run_again_elsewhere_then_every_byte_is_the_same(
    written: WorldSummary, tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; from pipelines.world.export import write_world;"
        " from pipelines.world.parameters import WorldParameters;"
        " write_world(WorldParameters(), Path(sys.argv[1]))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo"}
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, env=environment, check=True
    )

    assert digests(tmp_path) == digests(written.home)


def test_write_world_when_run_again_in_place_then_nothing_else_lies_there(tmp_path: Path) -> None:
    parameters = WorldParameters(people=40, weeks=4)
    write_world(parameters, tmp_path)
    first = digests(tmp_path)
    write_world(parameters, tmp_path)

    assert digests(tmp_path) == first


def test_write_world_when_done_then_files_are_old_and_few_and_small(written: WorldSummary) -> None:
    files = [path for path in (written.home / "drop").rglob("*") if path.is_file()]

    assert len(files) == written.files
    assert sum(path.stat().st_size for path in files) == written.byte_count < 5 * MEBIBYTE
    assert all(time.time() - path.stat().st_mtime > 86_400 for path in files)


def test_feeds_when_loaded_then_each_has_its_folder_and_covers_every_entity_it_names(
    written: WorldSummary,
) -> None:
    feeds = load_feeds(written.home / "feeds")
    folders = {path.name for path in (written.home / "drop").iterdir()}

    assert {feed.feed for feed in feeds} == folders
    assert {feed.format.value for feed in feeds} == {"csv", "tsv", "jsonl", "xlsx", "parquet"}


def test_seeds_when_written_then_the_rates_cover_the_history_weekly(written: WorldSummary) -> None:
    with (written.home / "seeds" / "fx_rates.csv").open(newline="") as file:
        rates = list(csv.DictReader(file))
    with (written.home / "seeds" / "brands.csv").open(newline="") as file:
        (brand,) = csv.DictReader(file)

    assert brand["time_zone"] == "Europe/Rome"
    assert brand["base_currency"] == "EUR"
    assert [rate["rate_date"] for rate in rates[:2]] == ["2025-12-29", "2026-01-05"]
    assert len(rates) == 26
    assert {rate["from_currency"] + rate["to_currency"] for rate in rates} == {"USDEUR"}


@pytest.mark.parametrize(
    ("amount", "expected"), [(100, 50), (101, 51), (103, 52), (-101, -51), (0, 0)]
)
def test_to_base_when_half_a_cent_is_left_then_it_rounds_away_from_zero(
    amount: int, expected: int
) -> None:
    rates = ((date(2026, 1, 5), Decimal("0.5000")), (date(2026, 1, 12), Decimal("0.9000")))

    assert to_base(amount, "USD", date(2026, 1, 11), rates) == expected


def test_to_base_when_the_date_reaches_the_next_rate_then_that_one_counts() -> None:
    rates = ((date(2026, 1, 5), Decimal("0.5000")), (date(2026, 1, 12), Decimal("0.9000")))

    assert to_base(100, "USD", date(2026, 1, 12), rates) == 90
    assert to_base(100, "EUR", date(2026, 1, 12), rates) == 100


def test_expected_money_when_summed_from_the_shop_file_then_it_is_the_truth(
    written: WorldSummary,
) -> None:
    """Reads the Italian file by hand: shares no code with the generator or the reader."""
    path = written.home / "drop" / "orders" / "ordini.csv"
    text = path.read_bytes().decode("cp1252")
    gross: Counter[str] = Counter()
    rows = 0
    for row in csv.DictReader(text.splitlines(), delimiter=";"):
        is_good = row["Valuta"] and "," in row["Imponibile"][-3:]
        if is_good and not row["Data"].startswith("31/02") and row["Stato"] != "Da verificare":
            amount = Decimal(row["Imponibile"].replace(".", "").replace(",", "."))
            gross[row["Valuta"]] += int(amount * 100)
            rows += 1

    assert dict(gross) == written.expected["money"]["orders_gross_minor"]
    assert rows == written.expected["entities"]["orders"]["rows"]


def test_truth_when_written_then_its_tables_add_up(written: WorldSummary) -> None:
    truth = written.home / "truth"
    expected = json.loads((truth / "expected.json").read_text(encoding="utf-8"))

    def table(name: str) -> list[dict[str, str]]:
        with (truth / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    orders = [row for row in table("orders") if row["counts"] == "True"]
    turns = [row for row in table("turns") if row["needs_reply"] == "True"]
    revenue = expected["revenue"]
    assert expected == written.expected
    assert sum(int(r["net_base_minor"]) for r in orders) == revenue["order"]["amount_minor"]
    assert sum(int(r["refunded_base_minor"]) for r in orders) == -revenue["refund"]["amount_minor"]
    assert len(turns) == expected["turns"]["needing_reply"]
    assert sum(r["answered_at"] != "" for r in turns) == expected["turns"]["answered_by_a_person"]
    assert len(table("people")) == 600
    owners = Counter((r["kind"], r["value"].lower()) for r in table("identifiers"))
    assert set(owners.values()) == {1}
