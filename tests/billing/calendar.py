"""Days go by in a test of billing, and the mails of each are read."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from billing import mailing
from billing.actions import mirroring
from tests.billing.test_keeping_in_step_with_stripe import catch_up
from tests.billing.till import Till


class Calendar:
    """Days go by for us, and for the till if there is one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead, real = timedelta(), timezone.now
        self.till: Till | None = None
        monkeypatch.setattr(timezone, "now", lambda: real() + self.ahead)

    def pass_by(self, days: float) -> None:
        self.ahead += timedelta(days=days)
        if self.till is not None:
            self.till.advance(days)

    def go(self, days: float) -> list[str]:
        self.pass_by(days)
        return self.told()

    def told(self) -> list[str]:
        """Whatever is waiting anywhere is worked: the subjects of the mails that went out."""
        mail.outbox.clear()
        if self.till is not None:
            catch_up(self.till)
        mirroring.settle_those_due()
        while mailing.send_due():
            pass
        return [str(message.subject) for message in mail.outbox]
