"""What made-up people say: a few hundred plain words, used as often as people use them, and thousands of rare ones."""

import itertools
import random

PLAIN = """
the i to you a is my and it for can please have of in order we on with your this not when that me thank do help
hello delivery be are if but how was there what no yes will size from still so get just at sorry which day week today
tomorrow arrived parcel refund return shipping invoice address change blue green red black white jacket boots shirt
lamp chair table price discount code payment card account email password login website page link photo colour
stock available sold out again soon sure great good bad broken missing wrong late early morning evening tonight
monday tuesday wednesday thursday friday saturday sunday number name street city country postcode phone call wait
minute hour month year new old big small long short left right front back open closed cancel confirm check send
sent received waiting working trying need want would could should like love prefer exchange replace repair warranty
manual battery charger cable screen button light warm cold heavy soft leather cotton wool wood metal glass plastic
summer winter spring autumn gift birthday wedding child adult dog cat garden kitchen office travel hotel booking
ticket train flight car bike museum exhibition guide tour map language english german french spanish question answer
problem solution update version install download upload file document picture video sound music game team member
agent colleague manager company customer visitor support chat message reply note tag report list search filter
""".split()
NAMES = """
Ana Ben Carla David Elif Femi Greta Hugo Ines Jonas Kofi Lena Marta Nils Olga Pavel Quinn Rosa Samir Tessa Umar Vera
Wanda Ximena Yusuf Zoe
""".split()
FAMILIES = """
Adler Brandt Castro Dahl Eriksen Fischer Garcia Hansen Ivanov Jensen Keller Lopez Moreau Novak Okafor Petit Rossi
Schmidt Tanaka Vargas Weber Yilmaz
""".split()
PAGES = [
    "",
    "products",
    "products/boots",
    "products/lamps",
    "checkout",
    "delivery",
    "returns",
    "account",
    "help",
]
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu bra cle dri flo gru".split()
RARE = 20_000


def rare_words(dice: random.Random) -> list[str]:
    """Words that nobody knows, each used a few dozen times in a million lines."""
    return ["".join(dice.choices(SYLLABLES, k=dice.randint(3, 5))) for _ in range(RARE)]


class Speaker:
    """Says lines. The n-th word of the plain ones is said about 1/n as often as the first."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        rare = rare_words(dice)
        weights = [1 / (rank + 3) for rank in range(len(PLAIN))] + [0.1 / RARE] * RARE
        self._words, self._weights = PLAIN + rare, list(itertools.accumulate(weights))

    def line(self) -> str:
        """Between two and thirty words, without a sign that any format would have to escape."""
        count = min(30, 2 + int(self._dice.expovariate(0.11)))
        return " ".join(self._dice.choices(self._words, cum_weights=self._weights, k=count)).capitalize()

    def name(self) -> str:
        """Half of the visitors never say theirs."""
        if self._dice.random() < 0.5:
            return ""
        return f"{self._dice.choice(NAMES)} {self._dice.choice(FAMILIES)}"

    def page(self) -> str:
        return self._dice.choice(PAGES)
