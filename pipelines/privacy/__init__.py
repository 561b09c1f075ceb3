"""Pseudonyms: identifiers become keys before anything lands; readable values stay in the vault.

clear table ─Pseudonymiser─▶ vault.identifiers, then a table with `<column>_key`, `<column>_masked`
"""

from pipelines.privacy.columns import Pseudonymiser, pseudonymise
from pipelines.privacy.identifiers import mask, normalise
from pipelines.privacy.keys import PseudonymKey, load_key, pseudonym
from pipelines.privacy.vault import Vault, attach_vault

__all__ = [
    "PseudonymKey",
    "Pseudonymiser",
    "Vault",
    "attach_vault",
    "load_key",
    "mask",
    "normalise",
    "pseudonym",
    "pseudonymise",
]
