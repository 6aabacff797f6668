"""Speaking to the person at the terminal."""

import sys
from typing import NoReturn


def say(line: str = "") -> None:
    print(line, flush=True)


def give_up(sentence: str) -> NoReturn:
    """Ends the command with a sentence that tells the mend."""
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(1)
