"""Every error of Stripe, sorted: what comes right by waiting, what does not, and what a person can mend."""


class BillingError(Exception):
    """`problem` is for the log and the operator: Stripe's type, code and request id, never a body."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Later(BillingError):
    """The same call may go through later, with the same key if it wrote something: its outcome is not known.

    `is_answer`: Stripe has said itself that something broke, and says so again under the same key for a day.
    """

    def __init__(self, problem: str, *, is_answer: bool = False) -> None:
        super().__init__(problem)
        self.is_answer = is_answer


class TooOften(Later):
    """Stripe was not even asked: this workspace has asked for too much in a short time."""


class Refused(BillingError):
    """Stripe has understood and will not; the same call never goes through."""


class Declined(BillingError):
    """The bank said no. `sentence` is Stripe's, written for the owner of the card."""

    def __init__(self, problem: str, sentence: str) -> None:
        super().__init__(problem)
        self.sentence = sentence


class Shut(BillingError):
    """Our own key is wrong or may not do this: the operator has to look."""
