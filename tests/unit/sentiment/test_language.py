from __future__ import annotations

import pytest

from pipelines.sentiment import detect_languages

pytest.importorskip("py3langid")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Buongiorno, quando arriva il mio ordine?", "it"),
        ("Good morning, when will my order arrive?", "en"),
        ("Buenos días, ¿cuándo llega mi pedido?", "es"),
        ("Guten Morgen, wann kommt meine Bestellung an?", "de"),
        ("Bonjour, quand arrive ma commande ?", "fr"),
        ("Bom dia, quando chega a minha encomenda?", "pt"),
        ("Добрый день, когда придёт мой заказ?", "ru"),
        ("grazie!", "it"),
        ("ok", "und"),
        ("👍👍 12 http://a.b @c", "und"),
        ("", "und"),
        ("これは素晴らしいですね", "unsupported"),
        ("هذا رائع جدا", "unsupported"),
        ("这个很好", "unsupported"),
        ("Είναι πολύ ωραίο", "unsupported"),
        ("Дуже дякую, все чудово, її люблю", "unsupported"),
        ("Bedankt voor de snelle levering, alles werkt perfect", "unsupported"),
        ("Bu mağaza gerçekten çok kötü, kimse cevap vermiyor", "unsupported"),
        ("Bardzo dziękuję za szybką odpowiedź, polecam", "unsupported"),
    ],
)
def test_language_when_identified_then_known_or_refused(text, expected):
    assert detect_languages([text])[0][0] == expected


def test_language_when_texts_repeat_or_move_then_the_answer_stays():
    texts = ["Guten Morgen zusammen", "buongiorno a tutti", "Guten Morgen zusammen", ""]
    codes, sure = detect_languages(texts)
    back, back_sure = detect_languages(texts[::-1])
    assert codes.tolist() == back[::-1].tolist() == ["de", "it", "de", "und"]
    assert sure.tolist() == back_sure[::-1].tolist()
