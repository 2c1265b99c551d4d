"""Words of the simulated service: genres, moods, themes, and what names and synopses are made of. All made up here."""

from __future__ import annotations

from typing import Final

GENRES: Final[tuple[str, ...]] = (
    "Drama", "Comedy", "Crime", "Thriller", "Documentary", "Romance", "Action", "Science Fiction", "Horror", "History",
    "Mystery", "Fantasy", "Adventure", "Music", "Sport", "Reality", "Family", "Animation",
)  # fmt: skip
KIDS_GENRES: Final[tuple[str, ...]] = ("Family", "Animation")

MOODS: Final[tuple[str, ...]] = (
    "tense", "cosy", "dark", "uplifting", "melancholic", "witty", "romantic", "eerie", "epic", "thoughtful",
    "fast-paced", "slow-burning", "gritty", "whimsical", "suspenseful", "heartwarming", "satirical", "dreamy",
    "playful", "raw",
)  # fmt: skip

THEMES: Final[dict[str, tuple[str, str]]] = {
    "small town": (
        "Everybody here knows everybody, and nobody says so",
        "In a town of nine streets, a secret has few places to go",
    ),
    "found family": (
        "Strangers at first, they become the family none of them had",
        "Nobody here is related, and all of them stay",
    ),
    "heist": (
        "The plan has eleven steps, and the first one fails",
        "The vault is the easy part",
    ),
    "coming of age": (
        "One summer is enough to grow up",
        "At sixteen, everything happens for the first time",
    ),
    "courtroom": (
        "In court, the truth is only one of the versions",
        "Twelve people have until Monday to agree",
    ),
    "journalism": (
        "Some stories are only printed once",
        "The newspaper folds on Friday, and the story breaks on Thursday",
    ),
    "undercover": (
        "Living somebody else's life has a price",
        "The longer the lie holds, the more true it gets",
    ),
    "revenge": (
        "An old debt comes due, with interest",
        "There was a list, and one name is left on it",
    ),
    "road trip": (
        "The road is longer than the map had promised",
        "One car, four opinions, two thousand kilometres",
    ),
    "cooking": (
        "In the kitchen, every quarrel ends at the table",
        "The recipe was never written down",
    ),
    "space": (
        "Four light minutes from home, there is nobody to ask",
        "The station turns, and with it the sky",
    ),
    "artificial minds": (
        "The machine answers a question that nobody asked",
        "It learned everything from them, the lies too",
    ),
    "time loops": (
        "The same day comes again, but never quite the same",
        "Every morning the same song is on the radio",
    ),
    "haunted house": (
        "The house remembers who lived in it",
        "There is one more door than there are rooms",
    ),
    "folklore": (
        "What the old people sang about was no song",
        "Nobody goes to the stones after midsummer",
    ),
    "survival": (
        "The cold does not negotiate",
        "There is water for four days",
    ),
    "sea voyage": (
        "Beyond the breakwater, other rules hold",
        "The crew counts thirteen, the list says twelve",
    ),
    "mountains": (
        "The summit is only half of the way",
        "Above the tree line, everyone is alone",
    ),
    "politics": (
        "A vote can be bought, but it does not stay bought",
        "The minister has a speech, and no majority",
    ),
    "espionage": (
        "Every friend has a second name",
        "The message was meant for somebody else",
    ),
    "war": (
        "When the guns fall silent, the harder part begins",
        "The front is two valleys away, then one",
    ),
    "monarchy": (
        "A crown is worn by one and carried by many",
        "The heir would rather be a gardener",
    ),
    "medicine": (
        "The night shift decides who sees the morning",
        "There is one bed left, and two ambulances",
    ),
    "school": (
        "Twelve weeks, one class, and a teacher who stays",
        "The last bell rings differently this year",
    ),
    "siblings": (
        "Two siblings share everything but the truth",
        "The elder left, the younger kept the key",
    ),
    "motherhood": (
        "A mother keeps a promise for twenty years",
        "She knows three of her children by their footsteps",
    ),
    "fathers and sons": (
        "A father and a son learn to talk, one repair at a time",
        "The boat must be finished before the autumn",
    ),
    "second chances": (
        "Not everything that broke must stay broken",
        "The letter arrives eleven years late",
    ),
    "forbidden love": (
        "They were told not to meet, so they wrote",
        "Between their houses there is a river and a feud",
    ),
    "marriage": (
        "Thirty years together, and one unanswered letter",
        "They married in haste and repent at leisure, fondly",
    ),
    "friendship": (
        "Some friends are closer than blood",
        "They swore to meet again, and one of them forgot",
    ),
    "grief": (
        "What is missing fills the rooms",
        "A year after the funeral, the telephone rings",
    ),
    "migration": (
        "Between two countries, one suitcase",
        "Home is a word that needs translating",
    ),
    "labour": (
        "The factory closes on Friday; on Thursday they meet",
        "Forty women sit down and do not get up",
    ),
    "rivalry": (
        "Only one of them can win, and both know whom it would suit",
        "Each taught the other everything",
    ),
    "underdogs": (
        "Nobody bet on them, not even themselves",
        "They have one ball, and it is flat",
    ),
    "dance": (
        "The body says what the words would not",
        "The last tram leaves before the last dance",
    ),
    "choir": (
        "Twenty voices, and one that does not fit",
        "On Wednesdays, the whole street sings",
    ),
    "jazz": (
        "After midnight, the wrong notes are the right ones",
        "The trumpet was pawned twice, and came back",
    ),
    "animals": (
        "An animal finds the way that the people lost",
        "The herd knows before anybody else",
    ),
    "wilderness": (
        "Out here, help is two days away",
        "The forest gives back what it likes",
    ),
    "climate": (
        "The water rises a little every year, and then at once",
        "The well is dry for the first time in a century",
    ),
    "inventions": (
        "It worked, and that was the trouble",
        "The patent was filed an hour too late",
    ),
    "magic": (
        "Magic has rules, and somebody must break them",
        "Every spell takes something in return",
    ),
    "dragons": (
        "The last one of its kind has been seen",
        "Something large sleeps under the village",
    ),
    "treasure": (
        "The map is true, but it was drawn from memory",
        "What was buried was never gold",
    ),
    "trains": (
        "The next station is not on the timetable",
        "Eleven passengers, and nobody got on",
    ),
    "winter": (
        "The snow keeps everyone where they are",
        "When the thaw comes, so will the questions",
    ),
    "summer": (
        "The heat makes everyone say what they mean",
        "The holidays are six weeks long, and then they are over",
    ),
    "seaside": (
        "The season is over, and somebody has stayed",
        "The beach huts are locked, all but one",
    ),
    "city nights": (
        "The city never sleeps, and neither do they",
        "Between two and four, the taxis know everything",
    ),
    "village life": (
        "The village decides at the well, as ever",
        "Nobody locks a door here, until now",
    ),
    "cold case": (
        "The file had been closed for nineteen years",
        "One witness was never asked",
    ),
    "amnesia": (
        "Everybody remembers but one",
        "The photograph shows a stranger with her face",
    ),
    "double life": (
        "On Tuesdays, somebody else has that name",
        "Two breakfasts, two families, one watch",
    ),
    "conspiracy": (
        "The pieces fit too well",
        "Whoever asked has been promoted, or is gone",
    ),
}
"""Tags that say what a title is about, each with sentences that it puts into a synopsis."""

NOUNS: Final[dict[str, str]] = {
    "Drama": "harbour letter orchard silence window daughter inheritance threshold river season portrait promise",
    "Comedy": "neighbour wedding parrot landlord sofa honeymoon recipe cousin umbrella reunion accordion lottery",
    "Crime": "witness ledger alibi evidence verdict suspect bridge warrant informer debt confession quarry",
    "Thriller": "cipher signal corridor hostage passenger shadow deadline envelope frequency basement lie checkpoint",
    "Documentary": "glacier archive reef atlas workshop harvest observatory migration forest stadium library coast",
    "Romance": "letter terrace ballroom violinist lighthouse postcard stranger garden rain waltz bakery balcony",
    "Action": "strike pursuit convoy fuse rebel extraction rooftop storm engine ambush outlaw avalanche",
    "Science Fiction": "orbit colony signal horizon relay android eclipse cargo paradox beacon satellite archive",
    "Horror": "cellar whisper well lullaby chapel mirror guest fog attic scarecrow hollow threshold",
    "History": "crown regiment treaty cathedral expedition uprising court shipyard telegraph frontier queen mint",
    "Mystery": "key clockmaker manuscript guesthouse footprint stairway photograph island trunk lantern riddle heir",
    "Fantasy": "oath kingdom raven tower ember dragon loom crown gate sorcerer forest blade",
    "Adventure": "compass expedition river canyon caravan island treasure pass monsoon map summit delta",
    "Music": "chorus encore rhythm record stage refrain orchestra melody vinyl rehearsal anthem trumpet",
    "Sport": "final whistle relay pitch champion record coach sprint season keeper regatta ring",
    "Reality": "kitchen auction farm workshop makeover village challenge market boat renovation garden table",
    "Family": "treehouse puppy lantern circus kite holiday grandmother balloon tram secret hedgehog bicycle",
    "Animation": "robot fox moon lighthouse dragon penguin balloon submarine acorn comet otter clockwork",
}
ADJECTIVES: Final[dict[str, str]] = {
    "Drama": "quiet last unsent open borrowed broken distant patient",
    "Comedy": "perfect terrible accidental borrowed unlikely honest loud unfortunate",
    "Crime": "cold silent missing false final crooked buried second",
    "Thriller": "hidden seventh black burning blind wrong vanishing locked",
    "Documentary": "hidden living great last unknown wild silent forgotten",
    "Romance": "late blue secret first tender second unspoken golden",
    "Action": "iron reckless burning final fast lethal lawless rising",
    "Science Fiction": "distant silver outer synthetic last infinite quiet second",
    "Horror": "hungry pale hollow buried seventh weeping red nameless",
    "History": "lost iron golden great divided forgotten royal last",
    "Mystery": "missing crooked thirteenth locked painted silent hidden vanished",
    "Fantasy": "ancient silver cursed last sleeping hidden broken winter",
    "Adventure": "lost golden uncharted wild hidden roaring northern forbidden",
    "Music": "electric blue endless broken golden midnight silent second",
    "Sport": "fearless golden impossible home final unbeaten long second",
    "Reality": "great honest open big secret hungry brave messy",
    "Family": "brave tiny magic flying curious golden lost giant",
    "Animation": "little brave curious upside-down flying tiny clever sleepy",
}
PLACES: Final[tuple[str, str]] = (
    "Alder Marl Fenn Hollo Brack Thorn Cald Wether Ash Ravens Lind Stave Mirk Oster Vald Ulver Soren Brenn Cor Ell "
    "Tarn Quill Hald Norr Sel Lum Var Dun Isk Amber",
    "mere wick holm ford stead haven moor dale bridge by sund fell gate marsh mouth bay crest port hurst vik",
)
"""Beginnings and ends of places that are on no map."""
