"""Pseudonyms for whole columns: each distinct value is worked out once, then spread."""

from __future__ import annotations

import unicodedata
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from pipelines import contract
from pipelines.contract import Column, PiiKind
from pipelines.privacy.identifiers import mask, normalise
from pipelines.privacy.keys import PseudonymKey
from pipelines.privacy.vault import BATCH_SCHEMA, Vault

LIST_SEPARATOR = ";"
NETWORK = "network"
UNIT = "\x1f"  # parts a network from a value inside one text; occurs in neither
CACHED_VALUES = (
    2_000_000  # about 400 MB of texts at the most; beyond it values are worked out again
)

Hidden = tuple[str, str]  # key and mask


class Pseudonymiser:
    """Turns identifiers into keys for one run; their readable values go into the vault first."""

    def __init__(self, key: PseudonymKey, vault: Vault, seen_at: datetime) -> None:
        self._key, self._vault, self._seen_at = key, vault, seen_at
        self._known: dict[tuple[PiiKind, str], Hidden] = {}

    def hide(self, column: Column, values: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
        """Keys and masks of a text column; empty and NULL values stay NULL.

        Values of a profile column come as `network`, 0x1F, value. The vault holds every value when
        this returns.
        """
        if column.pii is None:
            raise ValueError(f"{column.name} is not personal")
        encoded = pc.dictionary_encode(values).combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):  # no rows at all
            return pa.array([], pa.string()), pa.array([], pa.string())
        fresh: list[tuple[str, str, str]] = []
        hidden = [
            self._hide_text(column.pii, text, column.is_list, fresh)
            for text in encoded.dictionary.to_pylist()
        ]
        if fresh:
            keys, kinds, clear = zip(*fresh, strict=True)
            seen = pa.repeat(
                pa.scalar(self._seen_at, BATCH_SCHEMA.field("seen_at").type), len(keys)
            )
            self._vault.upsert(
                pa.table([pa.array(keys), pa.array(kinds), pa.array(clear), seen], BATCH_SCHEMA)
            )
        keys_of = pa.array([item and item[0] for item in hidden], pa.string())
        masks_of = pa.array([item and item[1] for item in hidden], pa.string())
        return keys_of.take(encoded.indices), masks_of.take(encoded.indices)

    def _hide_text(
        self, kind: PiiKind, text: str, is_list: bool, fresh: list[tuple[str, str, str]]
    ) -> Hidden | None:
        network, _, body = text.rpartition(UNIT)
        items = [part.strip() for part in (body.split(LIST_SEPARATOR) if is_list else [body])]
        pairs = [self._hide_value(kind, item, network, fresh) for item in items if item]
        if not pairs:
            return None
        return " ".join(key for key, _ in pairs), " ".join(masked for _, masked in pairs)

    def _hide_value(
        self, kind: PiiKind, value: str, network: str, fresh: list[tuple[str, str, str]]
    ) -> Hidden:
        known = self._known.get((kind, network + UNIT + value))
        if known is not None:
            return known
        normalised = normalise(kind, value, network)
        clear = normalised if kind is PiiKind.PROFILE else unicodedata.normalize("NFKC", value)
        found = (self._key.subject_key(kind, normalised), mask(kind, value))
        fresh.append((found[0], kind.value, clear))
        if len(self._known) >= CACHED_VALUES:
            self._known.clear()
        self._known[(kind, network + UNIT + value)] = found
        return found


def pseudonymise(entity: str, table: pa.Table, pseudonymiser: Pseudonymiser) -> pa.Table:
    """The table with `<column>_key` (and `_masked`, but for profiles) in place of every personal
    column.

    Columns come out in the order of `contract.landed_columns`; columns that the contract does not
    know follow.
    """
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for column in contract.entity(entity).columns:
        values = table.column(column.name)
        if column.pii is None:
            columns[column.name] = values
            continue
        if column.pii is PiiKind.PROFILE and NETWORK in table.column_names:
            network = pc.fill_null(table.column(NETWORK), "")
            values = pc.binary_join_element_wise(network, values, UNIT)
        keys, masks = pseudonymiser.hide(column, values)
        landed = contract.pii_columns(column)
        columns |= dict(zip((c.name for c in landed), (keys, masks), strict=False))
    known = {column.name for column in contract.entity(entity).columns}
    columns |= {name: table.column(name) for name in table.column_names if name not in known}
    return pa.table(columns)
