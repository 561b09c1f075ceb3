"""The one normaliser: any string to lower-case tokens separated by single spaces.

strings ─▶ clean each ─▶ joined by U+0000 ─▶ fold points ─▶ patterns ─▶ lower ─▶ tokens ─▶ strings

All steps but the first work on the whole batch, and none can see past the separator, which no
text holds after cleaning: a result never depends on its neighbours.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.characters import (
    APOSTROPHE,
    DROPPED,
    JOINER,
    UPPER_CASE,
    Kind,
    Points,
    character_tables,
    to_points,
    to_text,
)

NORM_VERSION = 1  # raise on any change of output
LONGEST, HEAD, TAIL = 4000, 3000, 999  # characters kept of a longer text, and a space between
LONGEST_RUN = 3
MOST_PASSES = 5
END = "\0"
ADDRESS, PERSON = "xxurl", "xxuser"
ADDRESS_MARK, PERSON_MARK = "\ue000", "\ue001"  # stand for them on the way; private use

LETTER = r"[^\W\d_]"
RETWEET = re.compile(r"\0 *RT @\w+:? ?")
# Patterns begin with a literal wherever possible: the search for one costs a tenth of a scan.
HTTP_LINK = re.compile(rf"https?(?<!{LETTER}http)(?<!{LETTER}https)(?!{LETTER})(?:://[^\s\0]*)?")
ANY_LINK = re.compile(rf"{HTTP_LINK.pattern}|www\.(?<!{LETTER}www\.)[^\s\0]+")
MAIL_HINT = re.compile(r"@(?<=\w@)\w")
MAIL = re.compile(r"[\w.+-]+@\w[\w.-]*")
MENTION = re.compile(r"@\w+(?:@\w[\w.-]*\w)?")
HUMP = re.compile(rf"_+|(?<=[^\W\d_A-Z])(?=[A-ZА-ЯЁ])|(?<=\d)(?={LETTER})")
HUMPED_HASHTAG = re.compile(rf"#(?=\w*?(?:_|[^\W\d_A-Z][A-ZА-ЯЁ]|\d{LETTER}))\w+")
HASHTAG_SIGN = re.compile(r"#(?=\w)")
NUMBER = re.compile(r"0(?:[.,:/-]?0)*")  # digits are zeros by then
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
MOUTH = r"(?:['^-]?(?:\)+|\(+)|-?(?:/(?!/)|\\)|'-?\(+|-[\])\[]|-?[dDpP]+(?<!\w.[dDpP])(?!\w))"
EMOTICONS = tuple(
    re.compile(pattern)
    for pattern in (
        f":{MOUTH}", f";{MOUTH}", f"={MOUTH}", r"<3+(?!\d)", r"</3", r"\^_*\^",
        r"xD+(?<!\wxD)(?!\w)", r"XD+(?<!\wXD)(?!\w)",
    )
)  # fmt: skip
FACES = tuple(
    (re.compile(shape), emoji)
    for shape, emoji in (
        (r"^</3", "💔"), (r"^<3", "❤"), (r"^x", "😆"), (r"^\^", "😊"), (r"d$", "😃"), (r"p$", "😛"),
        (r"\(\($|'-?\($", "😢"), (r"[(\[]$", "🙁"), (r"[/\\]$", "😕"), (r"^;", "😉"),
        (r"\)\)$", "😃"),
        (r"", "🙂"),
    )
)  # fmt: skip  # the first shape found in an emoticon tells its emoji
# After a lower-case pass: the mark of an elision parts, the English contraction becomes its word.
ELISION = re.compile(
    r"'(?:(?<=[\W\d_][lcdjmnstv]')|(?<=qu')|(?<=ll')|(?<=[\W\d_]un')|(?<=quest')|(?<=anch')|(?<=tutt'))(?=\w)"
)
CONTRACTION = re.compile(r"n't(?<=\wn't)(?<!httpn't)(?<!httpsn't)(?![^\W\d_n])")


@dataclass(frozen=True)
class Normalised:
    """Normalised texts with what lower-casing hides: the share of upper case among letters (0..1)
    and whether a text was passed on (`RT @name:`)."""

    texts: list[str]
    upper_share: npt.NDArray[np.float64]
    is_retweet: npt.NDArray[np.bool_]


def normalise(texts: Sequence[str | None]) -> Normalised:
    """Bring texts to their normal form; normalising twice changes nothing.

    Any string is accepted, None counts as empty. Texts over 4,000 characters keep their first
    3,000 and last 999.
    """
    if not texts:
        return Normalised([], np.zeros(0), np.zeros(0, dtype=np.bool_))
    cleaned, upper_share, is_retweet, is_unusual = _pass(texts)
    # Rare signs (combining marks, other scripts) may need more than one pass to come to rest.
    rows = [row for row, text in enumerate(cleaned) if is_unusual[row] or len(text) > LONGEST]
    for _ in range(MOST_PASSES):
        if not rows:
            break
        before = [_cut(cleaned[row]) for row in rows]
        after = _pass(before)[0]
        for row, text in zip(rows, after, strict=True):
            cleaned[row] = text
        rows = [row for row, old in zip(rows, before, strict=True) if cleaned[row] != old]
    return Normalised(cleaned, upper_share, is_retweet)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:HEAD].rstrip()} {text[-TAIL:].lstrip()}"


def _pass(
    texts: Sequence[str | None],
) -> tuple[list[str], npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    tables = character_tables()
    joined = END + END.join([_clean(text) for text in texts]) + END
    folded = tables.fold.take(to_points(joined))
    folded = folded[folded != DROPPED]
    starts = np.flatnonzero(folded == 0)[:-1]
    unusual = np.flatnonzero(~tables.is_plain.take(folded))
    is_unusual = np.zeros(len(texts), dtype=np.bool_)
    is_unusual[np.searchsorted(starts, unusual, side="right") - 1] = True
    text = to_text(folded)
    is_retweet = np.zeros(len(texts), dtype=np.bool_)
    if "RT @" in text:
        parts = text.split(END)[1:-1]
        is_retweet[:] = [RETWEET.match(END + part) is not None for part in parts]
        text = RETWEET.sub(END, text)
    text = _replace_patterns(text)
    points = to_points(text)
    ends = np.flatnonzero(points == 0)[:-1]
    upper, letters = np.divmod(np.add.reduceat(tables.cases.take(points), ends), UPPER_CASE)
    lowered = to_text(tables.lower.take(points))
    lowered = NUMBER.sub("0", lowered)
    if "'" in lowered:
        lowered = ELISION.sub(" ", CONTRACTION.sub(" not ", lowered))
    spaced = to_text(_tokenised(to_points(lowered)))
    spaced = spaced.replace(ADDRESS_MARK, ADDRESS).replace(PERSON_MARK, PERSON)
    return (
        spaced.split(END)[1:-1],
        upper / np.maximum(letters, 1),
        is_retweet,
        is_unusual,
    )


def _clean(text: str | None) -> str:
    if not text:
        return ""
    if "\\u" in text:  # JSON that was escaped twice on its way
        text = ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    if "&" in text:
        text = html.unescape(text)
    if END in text:
        text = text.replace(END, "\ufffd")
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _replace_patterns(text: str) -> str:
    text = _without_links(text)
    if "@" in text:
        if MAIL_HINT.search(text):
            text = MAIL.sub(f" {PERSON_MARK} ", text)
        text = MENTION.sub(f" {PERSON_MARK} ", text)
    if "#" in text:
        text = HUMPED_HASHTAG.sub(lambda tag: HUMP.sub(" ", tag[0]).replace("# ", " "), text)
        text = HASHTAG_SIGN.sub("", text)
    for pattern in EMOTICONS:
        text = pattern.sub(_emoji_of, text)
    return text


def _without_links(text: str) -> str:
    # Found in lower case, whose places are the same: the table maps one point to one point.
    lowered = to_text(character_tables().lower.take(to_points(text)))
    link = ANY_LINK if "www." in lowered else HTTP_LINK
    parts, last = [], 0
    for match in link.finditer(lowered):
        parts += [text[last : match.start()], f" {ADDRESS_MARK} "]
        last = match.end()
    return "".join([*parts, text[last:]])


def _emoji_of(match: re.Match[str]) -> str:
    mark = match[0].lower()
    found = next(emoji for shape, emoji in FACES if shape.search(mark))
    return f" {found} "


def _tokenised(points: Points) -> Points:
    """Points with single spaces between tokens and none at the ends of a message."""
    kind = character_tables().kind.take(points)
    keeps = _kept(points, kind)
    points, kind = points[keeps], kind[keeps]
    quotes = np.flatnonzero(points[1:-1] == APOSTROPHE) + 1
    inner = (kind[quotes - 1] == Kind.WORD) & (kind[quotes + 1] == Kind.WORD)
    kind[quotes[inner]] = Kind.WORD
    is_blank = kind <= Kind.SPACE
    parts = kind[1:] != kind[:-1]
    parts |= kind[1:] == Kind.EMOJI
    if (kind == Kind.FLAG).any():
        parts |= (kind[1:] == Kind.FLAG) & _is_first_of_flag(kind)[1:]
    parts &= ~(is_blank[1:] | is_blank[:-1])
    for joiner in np.flatnonzero(points == JOINER):
        parts[joiner - 1 : joiner + 1] = False
    # Beside each point stands the space before it; a space of the text is kept only after a token.
    spaced = np.full((len(points), 2), ord(" "), dtype=np.uint32)
    spaced[:, 1] = points
    kept = np.zeros(spaced.shape, dtype=np.bool_)
    kept[1:, 0] = parts
    kept[:, 1] = kind != Kind.SPACE
    kept[1:, 1] |= ~is_blank[:-1] & (kind[1:] == Kind.SPACE)
    result = spaced[kept]
    is_last = np.zeros(len(result), dtype=np.bool_)
    is_last[:-1] = (result[:-1] == ord(" ")) & (result[1:] == 0)
    return result[~is_last]


def _kept(points: Points, kind: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Not the fourth and later of a run, not a joiner outside an emoji sequence."""
    same = points[1:] == points[:-1]
    keeps = np.ones(len(points), dtype=np.bool_)
    keeps[LONGEST_RUN:] = ~(same[2:] & same[1:-1] & same[:-2]) | (points[LONGEST_RUN:] == 0)
    for joiner in np.flatnonzero(points == JOINER):
        keeps[joiner] = kind[joiner - 1] == Kind.EMOJI and kind[joiner + 1] == Kind.EMOJI
    return keeps


def _is_first_of_flag(kind: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """First letters of the pairs in a run of flag letters."""
    is_first = np.zeros(len(kind), dtype=np.bool_)
    for position in np.flatnonzero(kind == Kind.FLAG):
        is_first[position] = kind[position - 1] != Kind.FLAG or not is_first[position - 1]
    return is_first
