"""Italian."""

from pipelines.world.texts.book import PhraseBook

ITALIAN = PhraseBook(
    given_names=(
        "Alessandro", "Alice", "Andrea", "Anna", "Chiara", "Davide", "Elena", "Federica",
        "Francesco", "Giorgia",
        "Giulia", "Lorenzo", "Luca", "Marco", "Martina", "Matteo", "Niccolò", "Paolo", "Sara",
        "Simone", "Sofia",
        "Valentina",
    ),
    family_names=(
        "Barbieri", "Bianchi", "Bruno", "Caruso", "Colombo", "Conti", "Costa", "D'Angelo",
        "De Luca", "Esposito",
        "Fontana", "Gallo", "Greco", "Lombardi", "Mancini", "Marino", "Moretti", "Nicolò",
        "Ricci", "Rinaldi",
        "Romano", "Santoro",
    ),
    questions=(
        "Quando torna disponibile la miscela {coffee}?",
        "Spedite {coffee} anche in Sardegna e quanto tempo ci vuole?",
        "Che macinatura consigliate di {coffee} per la moka?",
        "Il caffè {coffee} va bene anche per la macchina automatica?",
        "Posso cambiare l'indirizzo di un ordine fatto stamattina?",
        "Quanto dura un pacchetto aperto di {coffee}?",
        "I vostri sacchetti si possono riciclare? Sul sito non l'ho trovato.",
        "C'è un abbonamento per {coffee}?",
    ),
    complaints=(
        "Il mio pacco è in viaggio da nove giorni, che delusione.",
        "Il sacchetto di {coffee} è arrivato aperto, metà era nella scatola.",
        "Mi avete addebitato due volte lo stesso ordine e al telefono non risponde nessuno!",
        "L'ultimo {coffee} sapeva di bruciato, niente a che vedere con il precedente.",
        "Il codice sconto della newsletter non funziona.",
    ),
    praises=(
        "{coffee} è il miglior espresso che abbia mai fatto a casa.",
        "Bellissimo il biglietto scritto a mano nel pacco, complimenti.",
        "Terzo ordine e {coffee} non delude mai.",
        "In ufficio ormai beviamo solo {coffee}!",
    ),
    additions=(
        "L'ordine è della settimana scorsa, se può aiutare.",
        "Scusate, dimenticavo: uso la moka.",
        "Se volete vi mando una foto.",
    ),
    acknowledgements=("grazie!", "Grazie mille!", "grazie 🙏", "grazie tante", "Grazie"),
    follow_ups=(
        "E le spese di spedizione quanto sono?",
        "Ho provato, ma non funziona ancora. Che altro posso fare?",
        "Mi sapete dire in che giorno arriva?",
    ),
    greetings=("Ciao {name},", "Buongiorno {name}!", "Buona giornata {name},"),
    answers={
        "question": (
            "bella domanda: {coffee} parte entro due giorni e lo maciniamo come preferisci.",
            "certo, lo trovi nel negozio alla voce {coffee}.",
            "se il sacchetto è chiuso bene resta fresco per circa sei settimane.",
            "volentieri, scrivici il numero d'ordine in privato e lo cambiamo subito.",
        ),
        "complaint": (
            "ci dispiace molto. Un nuovo sacchetto di {coffee} parte oggi stesso.",
            "non doveva succedere. Ti abbiamo appena rimborsato.",
            "ti chiediamo scusa, il corriere l'ha perso: lo rispediamo con l'espresso.",
        ),
        "praise": (
            "ci hai rallegrato la giornata, l'abbiamo detto ai tostatori.",
            "che bello leggerlo! La prossima volta prova {coffee} con un po' più d'acqua.",
            "che messaggio gentile, un saluto da tutta la torrefazione.",
        ),
    },
    bot_answers=(
        "Ciao! Risposta automatica: il nostro team torna alle 8:00 e ti scriverà.",
        "Abbiamo ricevuto il tuo messaggio. Una persona del team ti risponderà presto.",
    ),
    peer_answers=(
        "Avevo la stessa domanda, a me è arrivato in quattro giorni.",
        "Anche a me, con la macinatura per moka mi sono trovata bene.",
    ),
    spam="Guadagna da casa con questo semplice trucco, clicca sul link nel mio profilo http://spam.example/win",
    posts=(
        "Novità sullo scaffale: {coffee}, tostato stamattina.",
        "Come bevete il primo caffè della giornata?\nRaccontatecelo qui sotto!",
        "Dietro le quinte: giornata di assaggi con {coffee}. ☕️",
        "Questo fine settimana spedizione gratuita, anche per {coffee}: https://beanandbond.example/negozio",
        "Tre passi per una moka migliore, con {coffee}.",
    ),
    fan_posts=(
        "Domenica mattina, un libro e {coffee} di @beanandbond.",
        "Ho trovato il mio nuovo caffè preferito: {coffee}!",
    ),
)  # fmt: skip
