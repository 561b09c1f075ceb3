from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from pipelines.errors import ExitCode, RorError
from pipelines.names.finding import form_used, given_in, recipient
from pipelines.names.forms import Kind, NameTable, load_names
from pipelines.world.texts import BOOKS


@pytest.fixture(scope="module")
def table() -> NameTable:
    return load_names()


def used(table: NameTable, given: str, text: str) -> Kind | None:
    return form_used(recipient(table, (given,), ()), text)


@pytest.mark.parametrize(
    ("given", "text", "kind"),
    [
        ("Мария", "Мария, добрый день", Kind.NOMINATIVE),
        ("Мария", "МАШЕНЬКА спасибо", Kind.DIMINUTIVE),
        ("Мария", "Маш, привет!", Kind.VOCATIVE),
        ("Мария", "Hello Maria!", Kind.NOMINATIVE),  # also a name of its own there
        ("Дмитрий", "Hi Dmitry", Kind.TRANSLITERATION),
        ("Катя", "Екатерина, здравствуйте", Kind.NOMINATIVE),
        ("Niccolò", "ciao nicolo", Kind.NOMINATIVE),
        ("Giuseppe", "Привет, Джузеппе", Kind.TRANSLITERATION),
        ("William", "hi bill, done", Kind.DIMINUTIVE),
        ("Xiulan", "Thank you xiulan", Kind.NOMINATIVE),
        ("Maria Grazia", "Ciao Mariagrazia", Kind.NOMINATIVE),
        ("Maria Grazia", "Ciao Maria Grazia", Kind.NOMINATIVE),
        ("Thomas", "Tom's order is here", Kind.DIMINUTIVE),
    ],
)
def test_form_when_a_text_calls_by_it_then_its_kind(
    table: NameTable, given: str, text: str, kind: Kind
) -> None:
    assert used(table, given, text) is kind


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("Will", "We will ship it"),
        ("Will", "Your bill will follow."),
        ("Hope", "We hope so"),
        ("Mark", "Mark it as paid"),
        ("Роман", "Этот роман хорош"),
        ("Вера", "Вера в лучшее помогает"),
        ("Chiara", "La cosa è chiara"),
        ("Rosa", "La Rosa parte oggi"),
        ("Anna", "Annalisa ti scrive"),
        ("Anna", "Parcel ships — Anna"),
        ("Anna", "@anna thanks"),
        ("Мария", "Марина ответит"),
        ("Мария", "ты маш рукой"),
        ("A.", "a parcel"),
        ("", "hello"),
    ],
)
def test_form_when_a_word_only_looks_like_it_then_none(
    table: NameTable, given: str, text: str
) -> None:
    assert used(table, given, text) is None


@pytest.mark.parametrize(
    ("displayed", "given"),
    [
        ("Иванов Иван", "Иван"), ("Xiulan Wei", "Xiulan"), ("Анна 🌸 Петрова", "Анна"),
        ("Marco", "Marco"), ("O'Brien Sean", "Sean"), ("Bar Centrale", None), ("win_12", None),
        ("coffee lover", None), ("The Daily News", None), ("Student", None), ("", None),
    ],
)  # fmt: skip
def test_given_name_when_a_profile_shows_something_then_names_only(
    table: NameTable, displayed: str, given: str | None
) -> None:
    assert given_in(table, displayed) == given


def test_names_when_of_the_demo_then_the_tables_know_each(table: NameTable) -> None:
    names = {name for book in BOOKS.values() for name in book.given_names}
    assert {name for name in names if given_in(table, name) is None} == set()


def test_groups_when_forms_are_of_one_name_then_it_stands_for_them(table: NameTable) -> None:
    stands: dict[str, set[str]] = {}
    for form, name in table.groups():
        stands.setdefault(form, set()).add(name)
    assert stands["Саша"] == stands["Александр"] | stands["Александра"]
    assert not stands["Александр"] & stands["Александра"]
    assert stands["Катя"] == stands["Екатерина"]
    assert stands["Bob"] & stands["Robert"]
    assert stands["Мария"] & stands["Maria"]
    different = ("Иван", "Анна", "Robert", "Giulia", "Emma")
    assert not any(stands[one] & stands[two] for one, two in combinations(different, 2))


def test_names_when_a_user_adds_forms_then_they_count(tmp_path: Path) -> None:
    own = tmp_path / "name_forms.csv"
    own.write_text(
        "language,canonical,form,kind\nen,Robert,Bobster,diminutive\nde,Jürgen,Jogi,diminutive\n",
        encoding="utf-8",
    )
    table = load_names(own)
    assert used(table, "Robert", "hi bobster!") is Kind.DIMINUTIVE
    assert used(table, "Jürgen", "Jogi, danke") is Kind.DIMINUTIVE
    own.write_text("language,canonical,form,kind\nen,Robert,Bobster,nick\n", encoding="utf-8")
    with pytest.raises(RorError, match="line 2") as refused:
        load_names(own)
    assert refused.value.code is ExitCode.CONFIGURATION
