"""Words everybody uses for 'no'."""


class Refused(Exception):
    """A request that is understood and not done. `sentence` is for the person and says what to do next.

    >>> raise Refused("too_long", "Your message is longer than 8,000 characters. Please send it in parts.")
    """

    def __init__(self, code: str, sentence: str, retry_ms: int | None = None) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
        self.retry_ms = retry_ms


class NotFound(Refused):
    """The thing is not there, or not yours: the two look the same from outside."""

    def __init__(self, sentence: str = "There is nothing here, or you may not see it.") -> None:
        super().__init__("not_found", sentence)
