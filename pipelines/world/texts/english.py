"""English."""

from pipelines.world.texts.book import PhraseBook

ENGLISH = PhraseBook(
    given_names=(
        "Alice", "Amelia", "Andrew", "Charlotte", "Daniel", "Ella", "Emily", "George", "Grace",
        "Hannah", "Harry",
        "Jack", "James", "Lucy", "Matthew", "Oliver", "Oscar", "Rebecca", "Samuel", "Sophie",
        "Thomas", "William",
    ),
    family_names=(
        "Adams", "Bailey", "Barnes", "Carter", "Clarke", "Cooper", "Davies", "Edwards", "Fisher",
        "Foster", "Hughes",
        "Knight", "Marshall", "Murray", "O'Brien", "Palmer", "Reid", "Shaw", "Turner", "Walker",
        "Webb", "Young",
    ),
    questions=(
        "When will the {coffee} blend be back in stock?",
        "Do you ship {coffee} to Scotland, and how long does it take?",
        "Which grind would you recommend for {coffee} in a moka pot?",
        "Is {coffee} suitable for a French press?",
        "Can I change the address of an order I placed this morning?",
        "How long does an opened bag of {coffee} stay fresh?",
        "Are your bags recyclable? I could not find it on the site.",
        "Do you offer a subscription for {coffee}?",
    ),
    complaints=(
        "My parcel has been on its way for nine days, this is really disappointing.",
        "The bag of {coffee} arrived open and half of it was in the box.",
        "I was charged twice for the same order and nobody answers the phone!",
        "The last {coffee} tasted burnt, nothing like the one before.",
        "The discount code from your newsletter does not work.",
    ),
    praises=(
        "The {coffee} is the best espresso I have had at home.",
        "Loved the handwritten card in the parcel, what a nice touch.",
        "Third order already and {coffee} never lets me down.",
        "My whole office is hooked on {coffee} now!",
    ),
    additions=(
        "Order placed last week, in case that helps.",
        "Sorry, I forgot to say: I use a moka.",
        "I can send a photo if you like.",
    ),
    acknowledgements=("thanks!", "Thank you so much!", "thank you 🙏", "thanks a lot", "Thanks"),
    follow_ups=(
        "And what about the shipping costs?",
        "I tried that, it still does not work. What else can I do?",
        "Could you tell me which day it will arrive?",
    ),
    greetings=("Hi {name},", "Hello {name}!", "Dear {name},"),
    answers={
        "question": (
            "good question: {coffee} ships within two days and we grind it as you like.",
            "yes, we do. You will find it in the shop under {coffee}.",
            "it stays fresh for about six weeks if the bag is closed well.",
            "of course, write us the order number in a private message and we change it at once.",
        ),
        "complaint": (
            "we are sorry about this. A new bag of {coffee} leaves the roastery today.",
            "that should not happen. We have just paid the amount back.",
            "we apologise, the courier lost it; we send it again by express.",
        ),
        "praise": (
            "this makes our day, we told the roasters.",
            "so good to read that! Try {coffee} with a little more water next time.",
            "what a lovely message, greetings from everybody at the roastery.",
        ),
    },
    bot_answers=(
        "Hello! This is an automatic answer: our team is back at 8:00 and will write to you.",
        "We have received your message. A person from our team will answer you soon.",
    ),
    peer_answers=(
        "I had the same question, for me it took four days.",
        "Same here, and the moka grind worked well for me.",
    ),
    spam="Earn money from home with this simple trick, click the link in my bio http://spam.example/win",
    posts=(
        "New on the shelf: {coffee}, roasted this morning.",
        "How do you drink your first coffee of the day?\nTell us below!",
        "Behind the scenes: cupping day with {coffee}. ☕️",
        "Free shipping this weekend, on {coffee} too: https://beanandbond.example/shop",
        "Three steps to a better moka, with {coffee}.",
    ),
    fan_posts=(
        "Sunday morning, a book and {coffee} by @beanandbond.",
        "Just found my new favourite coffee: {coffee}!",
    ),
)  # fmt: skip
