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
# About 600 MB of texts at the most; beyond it values are worked out again.
CACHED_TEXTS = 2_000_000
HELD_IDENTIFIERS = 500_000  # written to the vault together: one large write

Hidden = tuple[str | None, str | None]  # key and mask
Identifier = tuple[str, str, str]  # subject key, kind, readable value


class Pseudonymiser:
    """Turns identifiers into keys for one run; `flush` writes their readable values to the vault.

    Rows may land only after `flush`: a crash leaves unused vault rows, never a key without value.
    """

    def __init__(self, key: PseudonymKey, vault: Vault, seen_at: datetime) -> None:
        self._key, self._vault, self._seen_at = key, vault, seen_at
        self._known: dict[tuple[PiiKind, bool], dict[str, Hidden]] = {}
        self._held: dict[Identifier, None] = {}

    def hide(self, column: Column, values: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
        """Keys and masks of a text column; empty and NULL values are NULL.

        Values of a profile column come as `network`, 0x1F, value.
        """
        if column.pii is None:
            raise ValueError(f"{column.name} is not personal")
        encoded = pc.dictionary_encode(values).combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):  # no rows at all
            return pa.array([], pa.string()), pa.array([], pa.string())
        texts = encoded.dictionary.to_pylist()
        known = self._known.setdefault((column.pii, column.is_list), {})
        if len(known) > CACHED_TEXTS:
            known.clear()
        for text in texts:
            if text not in known:
                known[text] = self._hide_text(column.pii, text, is_list=column.is_list)
        if len(self._held) >= HELD_IDENTIFIERS:
            self.flush()
        hidden = [known[text] for text in texts]
        keys = pa.array([key for key, _ in hidden], pa.string())
        masks = pa.array([masked for _, masked in hidden], pa.string())
        return keys.take(encoded.indices), masks.take(encoded.indices)

    def flush(self) -> None:
        """Write the identifiers met since the last time into the vault; durable when it returns."""
        if not self._held:
            return
        keys, kinds, clear = zip(*self._held, strict=True)
        seen = pa.repeat(pa.scalar(self._seen_at, BATCH_SCHEMA.field("seen_at").type), len(keys))
        self._vault.upsert(
            pa.table([pa.array(keys), pa.array(kinds), pa.array(clear), seen], BATCH_SCHEMA)
        )
        self._held.clear()

    def _hide_text(self, kind: PiiKind, text: str, *, is_list: bool) -> Hidden:
        network, _, body = text.rpartition(UNIT)
        items = [part.strip() for part in (body.split(LIST_SEPARATOR) if is_list else [body])]
        pairs = [self._hide_value(kind, item, network) for item in items if item]
        if not pairs:
            return None, None
        return " ".join(key for key, _ in pairs), " ".join(masked for _, masked in pairs)

    def _hide_value(self, kind: PiiKind, value: str, network: str) -> tuple[str, str]:
        normalised = normalise(kind, value, network)
        key = self._key.subject_key(kind, normalised)
        clear = normalised if kind is PiiKind.PROFILE else unicodedata.normalize("NFKC", value)
        self._held[(key, kind.value, clear)] = None
        return key, mask(kind, value)


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
