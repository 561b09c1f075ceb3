"""The same name in the other alphabet, in the spellings that people use."""

from __future__ import annotations

import itertools
import re
import unicodedata

LETTERS = dict(
    zip("абвгдезиклмнопрстуфыэ", "abvgdeziklmnoprstufye", strict=True), ъ="", ь=""
)  # everybody writes these so
DISPUTED = "ёйхцчшщюяж"
# How people write the letters on which they differ: maps, passports, science, Italy, chats.
SCHEMES = (
    ("yo", "y", "kh", "ts", "ch", "sh", "shch", "yu", "ya", "zh"),
    ("e", "i", "kh", "ts", "ch", "sh", "shch", "iu", "ia", "zh"),
    ("jo", "j", "h", "c", "c", "s", "sc", "ju", "ja", "z"),
    ("io", "j", "ch", "z", "c", "sc", "sc", "ju", "ja", "g"),
    ("e", "y", "h", "ts", "ch", "sh", "sch", "yu", "ya", "zh"),
)
# Endings and clusters that are written in one way or the other whatever the scheme.
ALIKE = (("iya", "ia"), ("iia", "ia"), ("ija", "ia"), ("iy", "y"), ("ii", "i"), ("ij", "i"),
         ("ks", "x"), ("ey", "ei"), ("ay", "ai"), ("aya", "aia"))  # fmt: skip
ITALIAN = (
    ("chi", "ки"), ("che", "ке"), ("ghi", "ги"), ("ghe", "ге"), ("gli", "льи"), ("gn", "нь"),
    ("sci", "ши"), ("sce", "ше"), ("cia", "ча"), ("cio", "чо"), ("ciu", "чу"), ("gia", "джа"),
    ("gio", "джо"), ("giu", "джу"), ("ci", "чи"), ("ce", "че"), ("gi", "джи"), ("ge", "дже"),
    ("ia", "ия"), ("qu", "кв"), ("ts", "тс"), ("j", "й"), ("h", ""), ("x", "кс"), ("y", "и"),
    ("a", "а"), ("b", "б"), ("c", "к"), ("d", "д"), ("e", "е"), ("f", "ф"), ("g", "г"), ("i", "и"),
    ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("r", "р"), ("s", "с"),
    ("t", "т"), ("u", "у"), ("v", "в"), ("w", "в"), ("z", "ц"),
)  # fmt: skip
BETWEEN_VOWELS = re.compile("(?<=[аеиоу])с(?=[аеиоу])")  # Giuseppe is Джузеппе


def to_latin(name: str) -> set[str]:
    """Latin spellings of a Cyrillic name, lower case; the plain spelling of any other."""
    letters = unicodedata.normalize("NFC", name).lower()
    found = set()
    for scheme in SCHEMES:
        table = LETTERS | dict(zip(DISPUTED, scheme, strict=True))
        found.add("".join(table.get(letter, letter) for letter in letters))
    for (old, new), spelling in itertools.product(ALIKE, sorted(found)):
        found.add(spelling.replace(old, new))
    for (old, new), spelling in itertools.product(ALIKE, sorted(found)):
        found.add(spelling.replace(old, new))
    return found


def to_cyrillic(name: str) -> set[str]:
    """Cyrillic spellings of an Italian name by how it is spoken, lower case."""
    letters, spelt = name.lower(), ""
    while letters:
        latin, cyrillic = next(
            (pair for pair in ITALIAN if letters.startswith(pair[0])), (letters[0], letters[0])
        )
        spelt, letters = spelt + cyrillic, letters[len(latin) :]
    found = {spelt, spelt.replace("киа", "кья"), spelt.replace("иа", "ья")}
    found |= {BETWEEN_VOWELS.sub("з", spelling) for spelling in found}
    if spelt.startswith("е"):
        found.add(f"э{spelt[1:]}")
    # A double consonant is often written once.
    found |= {"".join(c for c, _ in itertools.groupby(spelling)) for spelling in found}
    return found
