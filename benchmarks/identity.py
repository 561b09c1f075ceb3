"""A million identifiers closed into persons by the models of the build; seconds per model.

Contacts with one or two addresses, of which some are shared; profiles with id and handle, half of
them declared by a contact; orders and clicks that name two identifiers; chains of merges.
Option: --identifiers N (default 1,000,000).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import duckdb

from pipelines.dbt import dbt_environment
from tests.support.dbt_runs import run_dbt
from tests.support.raw import RawWarehouse

MODELS = (
    "int_identity_edges", "int_contact_names", "int_identity_conflicts", "int_identifiers",
    "int_identity_clusters", "int_identifiers_resolved", "int_person_keys", "identity_links",
    "person_redirects",
)  # fmt: skip
LOAD = "1700000001.0"
AT = "timestamptz '2026-01-01' + hash(n) % 10000000 * interval '1 second'"
# Of each hundred identifiers: contacts 22, addresses about 27, profile ids 25, handles 25.
CONTACTS_OF_100, PROFILES_OF_100 = 22, 25


def fill(file: Path, identifiers: int) -> None:
    """Raw rows of that many identifiers, in one complete load."""
    contacts, profiles = (
        identifiers * share // 100 for share in (CONTACTS_OF_100, PROFILES_OF_100)
    )
    statements = {
        "contacts": f"""
            select 'K' || n as contact_id,
                md5('e' || n) || if(n % 4 = 0, ' ' || md5('f' || n // 8), '') as emails_key,
                if(n % 2 = 0, md5('h' || n), null) as social_profiles_key,
                md5('g' || hash(n) % 500) as given_name_key, {AT} as created_at, 'K' || n as native
            from range({contacts}) as t(n)""",
        "profiles": f"""
            select 'x' as network, md5('i' || n) as profile_id_key, md5('h' || n) as handle_key,
                if(n % 5 = 0, md5('e' || n), null) as email_key, n % 50 = 0 as is_bot_hint,
                md5('i' || n) as native
            from range({profiles}) as t(n)""",
        "orders": f"""
            select 'O' || n as order_id, 'K' || hash(n) % {contacts} as contact_id,
                md5('e' || hash(n) % {contacts}) as email_key, {AT} as ordered_at,
                1 as gross_minor, 'EUR' as currency, 'O' || n as native
            from range({identifiers}) as t(n)""",
        "clicks": f"""
            select 'C' || n as click_id, 'mail' as channel, {AT} as clicked_at,
                'K' || hash(n) % {contacts} as contact_id,
                md5('h' || hash(n) % {contacts}) as profile_id_key, 'C' || n as native
            from range({identifiers // 4}) as t(n)""",
        "contact_merges": f"""
            select 'K' || n as loser_id, 'K' || n - 1 as winner_id, {AT} as merged_at,
                'K' || n as native
            from range({contacts}) as t(n) where n % 100 between 1 and 4""",
    }
    with duckdb.connect(str(file)) as con:
        con.execute("set timezone = 'UTC'")
        con.execute(f"insert into raw_files._dlt_loads values ('{LOAD}', 'files', 0, now(), 'v')")
        for table, sql in statements.items():
            con.execute(f"""
                insert into raw_files.{table} by name
                select * exclude (native), 'files' as _source, '{table}' as _feed,
                    native as _native_id,
                    'run-1' as _run_id, timestamptz '2026-01-01' as _observed_at,
                    row_number() over () as _ingest_seq, native as _row_hash, false as _is_deleted,
                    'file' as _file_hash, '{LOAD}' as _dlt_load_id, '{table}' || native as _dlt_id
                from ({sql}) as made""")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--identifiers", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        raw = RawWarehouse(Path(folder))
        fill(raw.path, chosen.identifiers)
        upstream = ["--select", *(f"+{model}" for model in MODELS), "--exclude", *MODELS]
        raw.build(*upstream, "--exclude-resource-type", "test").close()
        run_dbt(raw.home, "run", "--select", *MODELS)
        results = Path(dbt_environment(raw.home)["DBT_TARGET_PATH"]) / "run_results.json"
        total = 0.0
        for result in json.loads(results.read_text(encoding="utf-8"))["results"]:
            name = str(result["unique_id"]).rpartition(".")[2]
            total += result["execution_time"]
            print(f"{name:28} {result['execution_time']:7.2f} s")
        with duckdb.connect(str(raw.path), read_only=True) as con:
            counts = con.execute(
                "select count(*), count(distinct person_id)"
                " from intermediate.int_identifiers_resolved"
            ).fetchone()
            states = con.execute(
                "select decision, count(*) from marts.identity_links group by all order by all"
            ).fetchall()
        print(f"identifiers and persons      {counts}")
        print(f"links                        {states}")
        print(f"all                          {total:7.2f} s")


if __name__ == "__main__":
    main()
