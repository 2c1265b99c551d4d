"""Who stories are about and what happens to them, by genre.

Heroes that are many begin with `+`; a turn says `one~many` where its verb must agree.
"""

from __future__ import annotations

from typing import Final

HEROES: Final[dict[str, str]] = {
    "Drama": "a retired ferry captain|a piano teacher|+two estranged sisters|a young widow|a night nurse|a stonemason|"
    "a school cook|a translator|a surgeon on leave|the last tenant of a tower block",
    "Comedy": "a failed magician|+three flatmates|a nervous groom|a village mayor|a family of bakers|a tax inspector|"
    "a wedding planner|the world's second-best waiter|+two rival plumbers|a substitute vicar",
    "Crime": "a tired detective|a forensic accountant|a disgraced prosecutor|a getaway driver|a young constable|"
    "a locksmith|a prison chaplain|an undertaker|a customs officer",
    "Thriller": "an air traffic controller|a court interpreter|a hostage negotiator|a journalist|a train driver|"
    "a pharmacist|an election observer|a sound archivist|a bank clerk",
    "Documentary": "a crew of divers|+four generations of farmers|a team of restorers|a night photographer|a midwife|"
    "a beekeeper|+two field recordists|a retired meteorologist",
    "Romance": "a bookbinder|a widowed gardener|+two rival chefs|a violinist|a postman who reads too much|an architect|"
    "a ferry pilot|a piano tuner|+two strangers on a night train",
    "Action": "a former paratrooper|a smuggler|a bomb disposal expert|a bodyguard|a stunt rider|a rogue pilot|"
    "an ice-road trucker|a coastguard diver",
    "Science Fiction": "a lone engineer|a colony's judge|a cartographer of stars|a cargo crew|a memory designer|"
    "a terraformer|an android on probation|a botanist in orbit",
    "Horror": "a caretaker|a family of four|a young priest|a sleep researcher|+three students|a radio host|"
    "a bell founder|an estate agent",
    "History": "a royal seamstress|a deserter|a shipbuilder's daughter|a young telegraphist|a rebel printer|"
    "a court physician|a bridge builder|a governess",
    "Mystery": "a librarian|a lighthouse keeper|an amateur sleuth|a forgotten novelist|a hotel detective|"
    "a crossword setter|a stamp dealer|+two retired spies",
    "Fantasy": "a runaway apprentice|a blind swordswoman|a king without a name|+two sworn brothers|a bell-ringer|"
    "a ferryman of the dead|a hedge witch|an exiled mapmaker",
    "Adventure": "a mapmaker|+a botanist and her guide|a river pilot|a band of climbers|a stubborn geologist|"
    "a balloonist|a salvage diver|+two cousins with one compass",
    "Music": "a wedding band|a deaf drummer|a choirmaster|an ageing singer|+two street musicians|a sound engineer|"
    "a conductor without an orchestra|a girl with a borrowed cello",
    "Sport": "a village football club|a boxer past her best|a rowing crew|a substitute keeper|a young cyclist|"
    "a hurdler|a women's ice hockey team|a coach nobody wanted",
    "Reality": "+twelve home cooks|+six families|+ten amateur builders|+eight restorers|+a dozen market gardeners|"
    "+nine potters|+seven dance couples",
    "Family": "+two cousins|+a lonely grandfather and a puppy|a class of nine-year-olds|+a girl and her kite|"
    "+three friends|a boy who talks to hedgehogs|a travelling circus|+the twins next door",
    "Animation": "a shy robot|a fox who fears the dark|an otter family|a small cloud|a clockwork bird|+two penguins|"
    "a dragon with a cold|a very old acorn",
}
_GRAVE = (
    "must choose between a promise and a future", "finds~find something that was meant to stay hidden",
    "returns~return after years away and is~are not welcome", "meets~meet the one person who knows the whole story",
    "is~are asked to do what nobody else will", "learns~learn that the past keeps its own accounts",
    "takes~take a job that is not what it seems", "loses~lose everything in one night",
    "follows~follow a trail that leads back home", "has~have until the thaw to set it right",
    "sees~see what was never meant for them", "stays~stay when everybody else leaves",
    "answers~answer a call that was not for them", "makes~make a bargain that cannot be undone",
)  # fmt: skip
_LIGHT = (
    "gets~get one week to put everything right", "stands~stand up when it would be easier to leave",
    "says~say yes to the wrong invitation", "loses~lose a bet and gains~gain a season",
    "tells~tell one small lie, and then another", "inherits~inherit a place that nobody else wanted",
    "starts~start again with very little and a lot of help", "misses~miss the last ferry and stays~stay",
    "meets~meet the one rival worth having", "takes~take over what others gave up",
)  # fmt: skip
_CHILD = (
    "finds~find a door that was not there yesterday", "must be home before the street lamps go on",
    "sets~set out to bring back the first snow", "promises~promise to look after something very small",
    "builds~build a boat that everybody says will not float", "keeps~keep a secret that is hard to keep",
    "learns~learn that being brave can be quiet", "follows~follow a map drawn by somebody's grandmother",
    "has~have one night to save the town fair", "makes~make a friend whom nobody else can see",
)  # fmt: skip
_WILD = (
    "sets~set out for a place that is on no map", "carries~carry a message that must not be read",
    "wakes~wake what should have slept", "makes~make a bargain that cannot be undone",
    "has~have until the thaw to cross the pass", "steals~steal a crown and cannot give it back",
    "follows~follow a river to where it begins", "leads~lead a caravan that nobody expects to return",
)  # fmt: skip
_FACTS = (
    "follows~follow what most people pass by", "spends~spend a year where few have looked",
    "opens~open an archive that was thought lost", "asks~ask who pays for what we love",
    "returns~return to where it all began", "shows~show what a single winter can change",
    "counts~count what is left, and finds~find more than was hoped",
)  # fmt: skip
_CONTEST = (
    "has~have ten weeks and one prize", "starts~start from nothing, again",
    "is~are judged by those who know it best", "swaps~swap lives for a month", "shares~share one house and one oven",
    "restores~restore what others threw away",
)  # fmt: skip
TURNS: Final[dict[str, tuple[str, ...]]] = {
    "Comedy": _LIGHT, "Romance": _LIGHT, "Music": _LIGHT, "Sport": _LIGHT, "Family": _CHILD, "Animation": _CHILD,
    "Fantasy": _WILD, "Adventure": _WILD, "Documentary": _FACTS, "Reality": _CONTEST,
}  # fmt: skip
OTHER_TURNS: Final = _GRAVE
"""Of every genre that has none of its own."""
