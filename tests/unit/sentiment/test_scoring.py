"""The public function: shapes, invariance, abstention, determinism; with the shipped artefact."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import ExitCode
from pipelines.sentiment import score_texts, score_version
from pipelines.sentiment.errors import SentimentConfigError
from pipelines.sentiment.measures import is_kept
from pipelines.settings import ROOT

CODES = ("en", "it", "es", "de", "fr", "pt", "ru", "und")
TEXTS = [
    "Non male davvero!", "Servizio pessimo, mai più", "A che ora aprite?", "Спасибо большое)))",
    "Жду третью неделю, никто не отвечает", "Great service, thank you", "This is not good",
    "Der Laden ist toll 😍", "C'est nul", "¡Qué maravilla!", "Que horas abre?", "",
]  # fmt: skip
LANGS = ["it", "it", "it", "ru", "ru", "en", "en", "de", "fr", "es", "pt", "it"]
HOSTILE = [
    "ΟΔΟΣ", "İSTANBUL", "ﬁﬀ", "a\nb\x85c\u2028d", "x" * 100_000, "((((", "\ud800", "\0", "&#10;&#x2029;",
    "\u200d\ufe0f", "n'tn'tn't", "👨‍👩‍👧🏽🇮🇹",
]  # fmt: skip
UNIFORM = [1 / 3, 1 / 3, 1 / 3]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=60), st.sampled_from(CODES)), max_size=8))
def test_scores_when_given_any_strings_then_rows_are_probabilities(rows):
    found = score_texts([text for text, _ in rows], [code for _, code in rows])
    assert found.shape == (len(rows), 3)
    assert found.dtype == np.float64
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()
    assert np.allclose(found.sum(axis=1), 1, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(TEXTS + HOSTILE) | st.text(max_size=40), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_scores_when_batched_otherwise_then_they_stay(texts, random):
    langs = [random.choice(CODES) for _ in texts]
    together = score_texts(texts, langs)
    alone = np.vstack([score_texts([t], [c]) for t, c in zip(texts, langs, strict=True)])
    order = random.sample(range(len(texts)), len(texts))
    shuffled = score_texts([texts[i] for i in order], [langs[i] for i in order])
    assert np.abs(together - alone).max() <= 1e-6
    assert np.abs(together[order] - shuffled).max() <= 1e-6
    assert np.abs(score_texts(texts * 2, langs * 2)[len(texts) :] - together).max() <= 1e-6


@pytest.mark.parametrize("neighbour", HOSTILE)
def test_scores_when_a_hostile_text_is_beside_then_they_stay(neighbour):
    plain = score_texts(TEXTS, LANGS)
    beside = score_texts([neighbour, *TEXTS, neighbour], ["en", *LANGS, "ru"])[1:-1]
    assert np.abs(plain - beside).max() <= 1e-6


def test_scores_when_split_over_the_slices_then_order_and_count_stay():
    texts, langs = TEXTS * 100, LANGS * 100
    found = score_texts(texts, langs)
    assert np.abs(found - np.tile(score_texts(TEXTS, LANGS), (100, 1))).max() <= 1e-6


def test_scores_when_there_is_nothing_then_empty():
    assert score_texts([]).shape == (0, 3)


@pytest.mark.parametrize(
    "text", ["", None, "  \n", "http://a.b", "@anna @bob", "12 34", "!?", "\0"]
)
def test_scores_when_there_is_no_text_then_exactly_uniform(text):
    assert score_texts([text], ["it"]).tolist() == [UNIFORM]


@pytest.mark.parametrize("lang", ["ja", "nl", "xx", "zh-Hans"])
def test_scores_when_the_language_is_not_supported_then_exactly_uniform(lang):
    assert score_texts(["bellissimo, great, отлично 😍"], [lang]).tolist() == [UNIFORM]


@pytest.mark.parametrize(
    "text",
    ["これは素晴らしいですね", "هذا رائع جدا", "这个很好", "Είναι πολύ ωραίο", "Дуже дякую, її люблю",
     "Bedankt voor de snelle levering, alles werkt perfect",
     "Bu mağaza gerçekten çok kötü, kimse cevap vermiyor"],
)  # fmt: skip
def test_scores_when_a_language_is_identified_as_foreign_then_exactly_uniform(text):
    pytest.importorskip("py3langid")
    assert score_texts([text]).tolist() == [UNIFORM]


def test_scores_when_the_language_is_unknown_then_never_sure():
    found = score_texts(["fantastico fantastic отлично wunderbar 😍", "kkk zzz"], ["und", "und"])
    assert (found.max(axis=1) <= 0.49 + 1e-12).all()
    assert not is_kept(found).any()


def test_scores_when_only_emoji_then_scored_whatever_the_language():
    found = score_texts(["😍😍", "😡", ":("], ["und"] * 3)
    assert found.argmax(axis=1).tolist() == [2, 0, 0]


def test_scores_when_the_code_has_a_region_then_it_is_cut():
    expected = score_texts(["Que maravilha!"], ["pt"])
    assert score_texts(["Que maravilha!"], ["pt-BR"]).tolist() == expected.tolist()
    assert score_texts(["Que maravilha!"], ["PT_pt"]).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Il servizio è buono", "Il servizio è buono https://a.b/c?d=e"),
        ("Il servizio è buono", "@anna Il servizio è buono @bob"),
        ("Ordine 12 arrivato", "Ordine 98765 arrivato"),
        ("@anna grazie", "@zoe_88 grazie"),
    ],
)
def test_scores_when_links_names_or_numbers_change_then_they_stay(before, after):
    first, second = score_texts([before, after], ["it", "it"])
    assert np.abs(first - second).max() <= 1e-9


@pytest.mark.parametrize(("text", "lang"), [(t, c) for t, c in zip(TEXTS, LANGS, strict=True) if t])
def test_scores_when_a_heart_is_added_then_no_less_positive(text, lang):
    before, after = score_texts([text, f"{text} 😍"], [lang, lang])
    assert after[2] - after[0] >= before[2] - before[0]


@pytest.mark.parametrize("text", ["Спасибо", "Завтра открытие", "Как же так", "Жду ответа"])
def test_scores_when_brackets_frown_then_no_more_positive(text):
    before, after = score_texts([text, f"{text}((("], ["ru", "ru"])
    assert after[2] - after[0] <= before[2] - before[0]


def test_scores_when_a_text_is_a_megabyte_then_scored():
    assert score_texts(["ottimo servizio " * 65_536], ["it"])[0].argmax() == 2


def test_scores_when_languages_do_not_match_texts_then_refused():
    with pytest.raises(ValueError, match="2 texts but 1"):
        score_texts(["a", "b"], ["it"])


def test_engine_when_unknown_then_named_and_nothing_else_is_used():
    with pytest.raises(SentimentConfigError, match="magic") as caught:
        score_texts(["a"], ["it"], engine="magic")
    assert caught.value.code is ExitCode.CONFIGURATION


def test_version_when_asked_then_names_engine_file_and_tables():
    engine, digest, norm, lex = score_version().split("-")
    assert (engine, len(digest), norm[0], lex[0]) == ("linear", 8, "n", "l")
    assert score_version("lexicon").startswith("lexicon-n")


SCRIPT = """
import socket
def refuse(*_, **__): raise OSError("no network here")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from pipelines.sentiment import score_texts
import hashlib
from tests.unit.sentiment.test_scoring import HOSTILE, LANGS, TEXTS
found = score_texts(TEXTS + HOSTILE, LANGS + ["it"] * len(HOSTILE))
print(hashlib.sha256(found.round(9).tobytes()).hexdigest())
"""


def test_scores_when_processes_differ_then_same_bytes_and_no_network():
    seen = set()
    for seed, threads in (("0", "1"), ("1", "2"), ("77", "1")):
        extra = {
            "PYTHONHASHSEED": seed,
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
        }
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, **extra, "PYTHONPATH": path},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        seen.add(done.stdout)
    assert len(seen) == 1
