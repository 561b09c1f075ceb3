"""Words of the planted replies: who is called how, what a bio says, and who notices it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReplyBook:
    """One language.

    `people`: name in the CRM → forms by which a reply may call the person, and the name in the
    other alphabet. `calls`: how a reply calls somebody; `{name}` is a form, `{text}` the rest.
    `others`: sentences that name somebody else, `{other}`, or hold a word that looks like a name.
    `hooks`: a bio, a reply that takes it up, a message in which the person says it themselves.
    `plain`: replies that take up nothing.
    """

    people: dict[str, tuple[tuple[str, ...], str]]
    calls: tuple[str, ...]
    others: tuple[str, ...]
    hooks: tuple[tuple[str, str, str], ...]
    plain: tuple[str, ...]
    questions: tuple[str, ...]


ENGLISH = ReplyBook(
    people={
        "William": (("William", "Will", "Bill", "Billy"), "Уильям"),
        "Elizabeth": (("Elizabeth", "Liz", "Beth", "Lizzie"), "Элизабет"),
        "Catherine": (("Catherine", "Kate", "Cathy", "Katie"), "Кэтрин"),
        "Robert": (("Robert", "Rob", "Bob"), "Роберт"),
        "Hope": (("Hope",), "Хоуп"),
        "Grace": (("Grace", "Gracie"), "Грейс"),
        "Mark": (("Mark",), "Марк"),
        "James": (("James", "Jim", "Jimmy"), "Джеймс"),
        "Michael": (("Michael", "Mike"), "Майкл"),
        "Rose": (("Rose", "Rosie"), "Роуз"),
        "Thomas": (("Thomas", "Tom"), "Томас"),
        "Margaret": (("Margaret", "Maggie", "Peggy"), "Маргарет"),
        "Siobhán": (("Siobhán", "Siobhan"), "Шивон"),
        "Chloë": (("Chloë", "Chloe"), "Хлоя"),
    },
    calls=(
        "Hi {name}, {text}", "Hello {name}! {Text}", "{name}, {text}", "Thanks {name}! {Text}",
        "{Text} Have a lovely day, {name}!", "Good morning {name}, {text}", "hey {name} - {text}",
        "{Text} Thank you, {name}.", "Dear {name},\n{text}",
    ),
    others=(
        "we will ship it tomorrow.", "I hope it arrives soon.", "let us mark it as paid.",
        "{other} from our team is on it.", "the rose blend is back. — {other}",
        "sorry, the bill was wrong, a new one follows.", "see @{other}_coffee for the details.",
        "with good grace we accept the blame.",
    ),
    hooks=(
        ("Trail runner, 3 cats", "enjoy your next run in the hills!", "I drink it before running."),
        ("Dog dad to Luna 🐶", "give the dog a treat from us!", "my dog spilled it."),
        ("Violinist in a small orchestra", "good luck with the orchestra tonight!",
         "coffee for our orchestra please."),
        ("Keen gardener. Tomatoes mostly.", "used grounds are great for tomatoes, by the way.",
         "can tomatoes have the grounds?"),
        ("PhD in astronomy, night owl", "perfect company for astronomy.",
         "I study astronomy and need caffeine."),
        ("Marathons and sourdough", "it goes well with sourdough.", "does it fit sourdough toast?"),
    ),
    plain=(
        "your parcel leaves today.", "we have just refunded it.", "it keeps for six weeks.",
        "please write us the number of the order.", "that should not have happened.",
        "glad that you like it!",
    ),
    questions=("Where is my parcel?", "How long does it keep?", "The bag was torn.", "So good!"),
)  # fmt: skip
ITALIAN = ReplyBook(
    people={
        "Alessandra": (("Alessandra", "Ale", "Sandra"), "Алессандра"),
        "Chiara": (("Chiara",), "Кьяра"),
        "Giuseppe": (("Giuseppe", "Beppe", "Peppe", "Pino"), "Джузеппе"),
        "Francesco": (("Francesco", "Franci", "Checco"), "Франческо"),
        "Giulia": (("Giulia", "Giuli"), "Джулия"),
        "Niccolò": (("Niccolò", "Niccolo", "Nico"), "Никколо"),
        "Rosa": (("Rosa", "Rosetta"), "Роза"),
        "Stella": (("Stella",), "Стелла"),
        "Franco": (("Franco",), "Франко"),
        "Matteo": (("Matteo", "Teo"), "Маттео"),
        "Lorenzo": (("Lorenzo", "Lore", "Renzo"), "Лоренцо"),
        "Maria Grazia": (("Maria Grazia", "Maria", "Mariagrazia"), "Мария"),
        "Giovanni": (("Giovanni", "Gio", "Gianni"), "Джованни"),
        "Serena": (("Serena", "Sere"), "Серена"),
    },
    calls=(
        "Ciao {name}, {text}", "Buongiorno {name}! {Text}", "{name}, {text}",
        "Grazie {name}! {Text}",
        "{Text} Buona giornata, {name}!", "Cara/o {name}, {text}", "Salve {name}: {text}",
        "{Text} A presto, {name}.",
    ),
    others=(
        "la cosa è chiara, provvediamo.", "la confezione rosa arriva domani.",
        "il prezzo è franco magazzino.", "{other} del nostro team se ne occupa.",
        "sotto una buona stella! — {other}", "le auguriamo una serata serena.",
        "trova tutto da @{other}.caffe.", "il pino sul pacchetto è nuovo.",
    ),
    hooks=(
        ("Corro maratone e cucino", "buona fortuna per la maratona!",
         "lo bevo prima della maratona."),
        ("Mamma di due gatti", "una carezza ai gatti da parte nostra!",
         "il gatto ha rovesciato tutto."),
        ("Suono la chitarra in un gruppo", "con la chitarra accanto è ancora meglio.",
         "caffè per le prove di chitarra."),
        ("Giardiniera sul balcone", "i fondi fanno bene al balcone fiorito.",
         "posso usare i fondi sul balcone?"),
        ("Insegnante di matematica", "ai conti di matematica serve energia!",
         "mi serve per la matematica."),
        ("Ciclista della domenica", "buone pedalate, ciclisti come lei ci piacciono.",
         "lo porto fra noi ciclisti."),
    ),
    plain=(
        "il pacco parte oggi.", "abbiamo appena rimborsato.", "resta fresco sei settimane.",
        "ci scriva il numero dell'ordine.", "non doveva succedere.", "che bello leggerlo!",
    ),
    questions=("Dov'è il mio pacco?", "Quanto dura?", "Il sacchetto era rotto.", "Buonissimo!"),
)  # fmt: skip
RUSSIAN = ReplyBook(
    people={
        "Мария": (("Мария", "Маша", "Машенька", "Маш"), "Maria"),
        "Александр": (("Александр", "Саша", "Саш", "Шура"), "Aleksandr"),
        "Екатерина": (("Екатерина", "Катя", "Кать", "Катюша"), "Ekaterina"),
        "Алексей": (("Алексей", "Лёша", "Леша", "Лёш", "Алёша"), "Alexey"),
        "Дмитрий": (("Дмитрий", "Дима", "Дим", "Митя"), "Dmitry"),
        "Наталья": (("Наталья", "Наташа", "Наташ", "Наталия"), "Natalia"),
        "Роман": (("Роман", "Рома", "Ром"), "Roman"),
        "Надежда": (("Надежда", "Надя", "Надь"), "Nadezhda"),
        "Вера": (("Вера", "Верочка"), "Vera"),
        "Юлия": (("Юлия", "Юля", "Юль"), "Yuliya"),
        "Сергей": (("Сергей", "Серёжа", "Сережа", "Серёж"), "Sergei"),
        "Лев": (("Лев", "Лёва"), "Lev"),
        "Фёдор": (("Фёдор", "Федор", "Федя", "Федь"), "Fyodor"),
        "Ксения": (("Ксения", "Ксюша", "Ксюш"), "Ksenia"),
    },
    calls=(
        "Здравствуйте, {name}! {Text}", "{name}, добрый день! {Text}", "Привет, {name}! {Text}",
        "Добрый вечер, {name}, {text}", "Спасибо, {name}! {Text}", "{Text} Хорошего дня, {name}!",
        "Уважаемый(ая) {name}, {text}", "{name}, {text}",
    ),
    others=(
        "вера в хорошее нам помогает.", "роман о кофе уже на сайте.", "есть надежда на пятницу.",
        "{other} из нашей команды уже занимается.", "лев на пачке — наш новый знак.",
        "всё исправим. — {other}", "подробности у @{other}_coffee.",
        "передали коллеге, её зовут {other}.",
    ),
    hooks=(
        ("Бегаю марафоны", "удачи на марафоне!", "пью перед марафоном."),
        ("Мама двух котов", "погладьте котов от нас!", "кот разлил весь пакет."),
        ("Играю на гитаре в группе", "под гитару он ещё вкуснее.",
         "нужен кофе на репетицию с гитарой."),
        ("Садовод. Помидоры и розы", "гуща полезна для помидоров.", "можно ли гущу под помидоры?"),
        ("Учитель математики", "пусть математика даётся легче!",
         "без него математику не объяснить."),
        ("Фотографирую птиц", "ждём новых фотографий с птицами.", "беру на съёмку птиц."),
    ),
    plain=(
        "посылка уедет сегодня.", "деньги только что вернули.", "он хранится шесть недель.",
        "напишите номер заказа.", "так быть не должно.", "как приятно это читать!",
    ),
    questions=("Где моя посылка?", "Сколько хранится?", "Пакет порвался.", "Очень вкусно!"),
)  # fmt: skip
REPLY_BOOKS = {"en": ENGLISH, "it": ITALIAN, "ru": RUSSIAN}
