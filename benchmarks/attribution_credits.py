"""Credit of all shipped rule models to the minor unit, by the models of the build themselves.

An empty build first, then touches and conversions are put in the place of `marts.touchpoints` and
`intermediate.int_conversions_netted`, and dbt builds what lies between them and the credits. Then a
second night, in which one conversion in a hundred was refunded.
Options: --conversions N (default 1,000,000), --touches N (10,000,000).
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tests.support.dbt_runs import run_dbt
from tests.support.raw import RawWarehouse

MODELS = (
    "int_attribution_models", "int_attribution_roles", "int_attribution_owners",
    "int_attribution_channel_codes",
    "int_attribution_fingerprints", "int_attribution_windows", "int_attribution_eligible_touches",
    "int_attribution_paths", "int_attribution_conversion_paths", "int_attribution_shape_weights",
    "int_attribution_weighted",
    "attribution_credits",
)  # fmt: skip


def fill(file: Path, conversions: int, touches: int) -> None:
    """People with a conversion each and ten touches on average in the month before it."""
    with duckdb.connect(str(file)) as con:
        con.execute("set timezone = 'UTC'")
        con.execute(f"""
            insert into marts.touchpoints by name
            select md5('t' || n) as touch_id, md5('p' || (hash(n) % {conversions})) as person_id,
                'channel ' || (hash(n * 7) % 12) as channel_id,
                case when hash(n * 3) % 4 = 0 then 'comment' else 'web_visit' end as touch_type,
                hash(n * 3) % 4 = 0 as is_relationship, hash(n * 7) % 12 = 0 as is_direct,
                timestamptz '2026-01-01' + (hash(n * 11) % 2505600) * interval '1 second'
                as touched_at, 'clicks' as source_kind, n::varchar as source_id, 'EUR' as currency
            from range({touches}) as t(n)""")
        con.execute(f"""
            insert into intermediate.int_conversions_netted by name
            select md5('c' || n) as conversion_id, 'order' as conversion_type,
                timestamptz '2026-01-30' as converted_at, date '2026-01-30' as converted_date,
                md5('p' || n) as person_id, (hash(n * 13) % 100000)::bigint as gross_minor,
                0 as refund_minor, (hash(n * 13) % 100000)::bigint as value_minor,
                'EUR' as currency, false as is_reversed, true as is_first_conversion
            from range({conversions}) as t(n)""")


@dataclass(frozen=True)
class Cost:
    """What a build took: seconds, and megabytes of this process at its largest so far."""

    wall: float
    cpu: float
    peak_mb: int


def build_credits(raw: RawWarehouse) -> Cost:
    """Build the credits from the touches and conversions as they are."""
    wall, cpu = time.perf_counter(), time.process_time()
    run_dbt(raw.home, "run", "--select", *MODELS)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--conversions", type=int, default=1_000_000)
    parser.add_argument("--touches", type=int, default=10_000_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        raw = RawWarehouse(Path(folder), as_of="2026-03-01 00:00:00+00")
        raw.build("--select", "+attribution_credits", "--exclude-resource-type", "test").close()
        fill(raw.path, chosen.conversions, chosen.touches)
        first = build_credits(raw)
        with duckdb.connect(str(raw.path)) as con:
            con.execute(
                "update intermediate.int_conversions_netted"
                " set refund_minor = 1, value_minor = value_minor - 1"
                " where hash(conversion_id) % 100 = 0"
            )
        second = build_credits(raw)
        with duckdb.connect(str(raw.path), read_only=True) as con:
            count, models, wrong = con.execute("""
                with divided as (
                    select conversion_id, model_id, sum(credit_minor) as credit_minor
                    from marts.attribution_credits where participation_minor is null group by all)
                select (select count(*) from marts.attribution_credits),
                    count(distinct model_id), count(*) filter (credit_minor <> value_minor)
                from divided inner join intermediate.int_conversions_netted using (conversion_id)
            """).fetchall()[0]
    print(
        f"{chosen.conversions:,} conversions, {chosen.touches:,} touches, {models} models:"
        f" {count:,} credits in {first.wall:.1f} s wall, {first.cpu:.1f} s CPU"
        f" ({count / first.wall:,.0f} a second; dbt's start included), peak {first.peak_mb:,} MB;"
        f" {wrong} conversions do not add up"
    )
    print(f"1 % refunded: {second.wall:.1f} s wall, {second.cpu:.1f} s CPU")


if __name__ == "__main__":
    main()
