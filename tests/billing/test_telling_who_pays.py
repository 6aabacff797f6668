"""B6: those who pay are told what has happened, each once, and never what has passed meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from accounts import actions
from accounts.actions.ending import begin_ending
from accounts.models import Member, Role, Workspace
from billing import banners, mail_words, mailing
from billing.actions import beginning, mirroring, promising
from billing.models import BillingMail, Customer, Invoice, Subscription
from billing.owed import Case
from billing.standing import standing
from tests.billing.calendar import Calendar
from tests.billing.test_keeping_in_step_with_stripe import catch_up
from tests.billing.till import ASKS_AT_RENEWALS, FAILS_LATER, PAYS, Till
from tests.conftest import person

ASKS_ALWAYS = "4000002760003184"
FREE = "1 site, 2 agents and 100 chats a month"


@pytest.fixture
def trying(paid_for: object, calendar: Calendar, alice: Member) -> Customer:
    """Acme tries everything for two weeks."""
    return beginning.begin(alice.workspace_id)


Subscribe = Callable[..., None]


@pytest.fixture
def subscribe(till: Till, calendar: Calendar, trying: Customer, prices: dict[str, str]) -> Subscribe:
    """Acme begins to pay for a plan, and has read the mail about it."""
    calendar.till = till
    found = till.v1.customers.create({"name": "Acme"})
    Customer.unscoped.filter(pk=trying.pk).update(stripe_customer_id=found.id)
    trying.refresh_from_db()

    def subscribe(plan: str = "team", card: str = PAYS) -> None:
        till.subscribe(trying, prices[plan], card=card)
        calendar.told()

    return subscribe


def letter() -> EmailMultiAlternatives:
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    return sent


def live(till: Till) -> str:
    return Subscription.objects.exclude(status="canceled").get().pk


# --- the trial ----------------------------------------------------------------------------------------------------


def test_a_trial_is_told_of_three_days_before_it_ends_and_when_it_has(
    trying: Customer, calendar: Calendar, alice: Member
) -> None:
    assert calendar.go(10.9) == []
    ends = trying.trial_ends_at
    assert ends is not None
    assert calendar.go(0.2) == [f"The trial of Acme ends on {ends:%-d %B %Y}"]
    assert letter().to == [alice.user.email]
    assert FREE in letter().body
    assert letter().body.count("http") == 1
    assert calendar.go(2) == []
    assert calendar.go(1) == ["The trial of Acme has ended"]
    assert calendar.go(1) == calendar.go(30) == []


def test_of_a_trial_that_ended_in_a_plan_nobody_is_told(subscribe: Subscribe, calendar: Calendar) -> None:
    subscribe("business")
    assert calendar.go(12) == calendar.go(3) == []


def test_a_mail_says_the_same_as_text_and_as_a_page_and_a_name_is_no_markup(
    trying: Customer, calendar: Calendar
) -> None:
    Workspace.objects.update(name="Acme <b>&</b>")
    calendar.go(11.5)
    ((page, kind),) = letter().alternatives
    assert (kind, "<b>" in str(page)) == ("text/html", False)
    assert "Acme &lt;b&gt;&amp;&lt;/b&gt;" in str(page)
    assert "Acme <b>&</b>" in str(letter().body)
    assert "/console/settings/billing" in str(page)


# --- payments -----------------------------------------------------------------------------------------------------


def test_a_renewal_that_the_bank_asks_about_leads_to_its_page_and_recovers(
    till: Till, subscribe: Subscribe, calendar: Calendar
) -> None:
    subscribe(card=ASKS_AT_RENEWALS)
    assert calendar.go(31.2) == ["Please confirm a payment for Acme"]
    assert "Confirm payment: http://localhost:8000/console/settings/billing/pay" in letter().body
    assert "€30" in letter().body
    assert till.url not in letter().body
    assert calendar.told() == []
    bill = Invoice.objects.get(status="open")
    till.act("pay_invoice", invoice=bill.pk, challenge="pass")
    assert calendar.told() == ["The payment for Acme has arrived"]
    assert calendar.go(1) == []


def test_a_card_that_fails_is_told_of_at_once_and_twice_more_before_grace_ends(
    till: Till, subscribe: Subscribe, calendar: Calendar, trying: Customer
) -> None:
    till.act("end_state", state="past_due")
    subscribe()
    till.act("card", customer=trying.stripe_customer_id, card=FAILS_LATER)
    assert calendar.go(31.2) == ["A payment for Acme did not go through"]
    again = Invoice.objects.get(status="open").next_attempt_at
    assert again is not None
    assert f"It is tried again on {again:%-d %B %Y}." in letter().body
    told = [subject for _ in range(20) for subject in calendar.go(1)]
    assert told[:2] == ["A payment for Acme is still not paid"] * 2
    assert told[2].startswith("Team stops for Acme on ")
    assert told[3:] == ["Team has stopped for Acme"]
    assert "what visitors write goes on arriving" in mail_of("grace_over")


def mail_of(kind: str) -> str:
    customer = Customer.unscoped.get()
    subscription, now = mirroring.live_subscription(customer), timezone.now()
    case = Case(customer, subscription, standing(customer, subscription, now), now)
    return " ".join(mail_words.letter(BillingMail.objects.get(kind=kind), case).lines)


def test_what_was_paid_before_the_mail_went_is_not_told(
    till: Till, subscribe: Subscribe, calendar: Calendar
) -> None:
    subscribe(card=ASKS_AT_RENEWALS)
    till.advance(31.2)
    catch_up(till)
    assert BillingMail.objects.filter(kind="action_required", sent_at=None).exists()
    till.act("pay_invoice", invoice=Invoice.objects.get(status="open").pk, challenge="pass")
    assert calendar.told() == []


def test_who_never_pays_is_told_that_the_plan_has_ended(
    till: Till, subscribe: Subscribe, calendar: Calendar
) -> None:
    subscribe(card=ASKS_AT_RENEWALS)
    told = [subject for _ in range(55) for subject in calendar.go(1)]
    assert told[0] == "Please confirm a payment for Acme"
    assert told[-1] == "Team for Acme has ended"
    assert len(told) == len(set(told)) + 1, "only the reminder comes twice"


# --- plans --------------------------------------------------------------------------------------------------------


def test_who_begins_to_pay_is_told_so(till: Till, subscribe: Subscribe, calendar: Calendar) -> None:
    subscribe()
    assert [sent.subject for sent in mail.outbox] == ["Acme has Team now"]


def test_cancelled_taken_back_and_cancelled_again_are_three_mails(
    till: Till, subscribe: Subscribe, calendar: Calendar
) -> None:
    subscribe()
    change = till.v1.subscriptions.update
    row = live(till)
    change(row, {"cancel_at_period_end": True})
    (cancelled,) = calendar.told()
    assert cancelled.startswith("Team for Acme is cancelled and ends on ")
    assert calendar.told() == []
    change(row, {"cancel_at_period_end": False})
    assert calendar.told() == ["Team for Acme goes on"]
    change(row, {"cancel_at_period_end": True})
    assert calendar.told() == [cancelled]
    assert calendar.go(32) == ["Team for Acme has ended"]
    assert FREE in letter().body


def test_what_was_cancelled_and_taken_back_before_a_mail_went_is_not_told(
    till: Till, subscribe: Subscribe, calendar: Calendar
) -> None:
    subscribe()
    for word in (True, False):
        till.v1.subscriptions.update(live(till), {"cancel_at_period_end": word})
        catch_up(till)
    assert calendar.told() == []


def test_a_larger_plan_and_a_smaller_one_are_told_each_in_its_words(
    till: Till, subscribe: Subscribe, calendar: Calendar, prices: dict[str, str]
) -> None:
    subscribe()
    for plan, words in (("business", "stands in the console"), ("team", "As you have chosen")):
        item = Subscription.objects.get().item_id
        asked = {"items": [{"id": item, "price": prices[plan], "quantity": 2}]}
        till.v1.subscriptions.update(live(till), asked)
        assert calendar.told() == [f"Acme has {plan.title()} now"]
        assert words in letter().body


def test_of_a_plan_that_waits_for_the_bank_the_banner_tells_and_the_mail_comes_with_the_plan(
    till: Till, subscribe: Subscribe, calendar: Calendar, prices: dict[str, str]
) -> None:
    subscribe(card=ASKS_AT_RENEWALS)
    item = Subscription.objects.get().item_id
    asked = {"items": [{"id": item, "price": prices["business"], "quantity": 2}]}
    how = {"payment_behavior": "pending_if_incomplete", "proration_behavior": "always_invoice"}
    till.v1.subscriptions.update(live(till), asked | how)
    assert calendar.told() == []
    customer = Customer.unscoped.get()
    banner = banners.of(customer, timezone.now())
    assert (customer.why, banner is not None and banner.link) == ("paid", "Confirm payment")
    till.act("pay_invoice", invoice=customer.bill_id, challenge="pass")
    assert calendar.told() == ["Acme has Business now"]
    assert banners.of(Customer.unscoped.get(), timezone.now()) is None


def test_who_left_the_bank_at_the_first_payment_is_not_dunned(
    till: Till, calendar: Calendar, trying: Customer, prices: dict[str, str]
) -> None:
    calendar.till = till
    trying.stripe_customer_id = till.v1.customers.create({"name": "Acme"}).id
    trying.save()
    asked = {
        "mode": "subscription",
        "customer": trying.stripe_customer_id,
        "line_items": [{"price": prices["team"], "quantity": 2}],
        "success_url": "http://localhost:8000/done",
        "cancel_url": "http://localhost:8000/",
    }
    session = till.v1.checkout.sessions.create(asked)
    till.act("pay", session=session.id, card=ASKS_ALWAYS, challenge="abandon")
    assert calendar.told() == calendar.go(2) == []
    assert banners.of(Customer.unscoped.get(), timezone.now()) is None


# --- to whom, and how ---------------------------------------------------------------------------------------------


def test_every_owner_is_told_and_nobody_else(
    trying: Customer, calendar: Calendar, alice: Member, bob: Member, mallory: Member
) -> None:
    second = person("Carol", "carol@acme.example")
    actions.add_member(alice.workspace, second, Role.OWNER)
    unproved = person("Dora", "dora@acme.example")
    actions.add_member(alice.workspace, unproved, Role.OWNER)
    type(unproved).objects.filter(pk=unproved.pk).update(email=None)
    calendar.go(11.5)
    about_acme = [sent for sent in mail.outbox if "Acme" in sent.subject]
    assert sorted(sent.to[0] for sent in about_acme) == ["alice@acme.example", "carol@acme.example"]
    assert {sent.to[0] for sent in mail.outbox if sent not in about_acme} == {"mallory@globex.example"}


def test_a_workspace_about_to_go_is_not_asked_to_buy(
    trying: Customer, calendar: Calendar, alice: Member
) -> None:
    begin_ending(alice)
    assert calendar.go(11.5) == []


REFUSED = SMTPRecipientsRefused({"alice@acme.example": (550, b"no such user alice@acme.example")})
BUSY = SMTPRecipientsRefused({"alice@acme.example": (451, b"alice@acme.example later")})


@pytest.mark.parametrize(
    "error", [BUSY, SMTPServerDisconnected("alice@acme.example"), OSError("alice@acme.example")]
)
def test_a_mail_server_that_is_away_is_asked_again_and_no_address_is_logged(
    trying: Customer,
    calendar: Calendar,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(EmailMultiAlternatives, "send", raising(error))
        assert calendar.go(11.1) == []
    row = BillingMail.objects.get(attempts=1)
    assert row.due_at is not None
    assert row.due_at > timezone.now()
    assert calendar.go(0.01) != []
    assert type(error).__name__ in caplog.text
    assert "acme.example" not in caplog.text + str(BillingMail.objects.values_list("problem"))


@pytest.mark.parametrize("error", [REFUSED, SMTPDataError(554, b"spam of alice@acme.example")])
def test_an_address_that_is_refused_for_good_is_not_tried_again(
    trying: Customer,
    calendar: Calendar,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(EmailMultiAlternatives, "send", raising(error))
        calendar.go(11.1)
    row = BillingMail.objects.get(attempts=1)
    assert (row.due_at, row.sent_at) == (None, None)
    assert row.problem.startswith(type(error).__name__)
    assert calendar.go(0.1) == []
    assert "acme.example" not in caplog.text + row.problem


def test_a_mail_server_that_is_away_is_not_asked_for_each_of_many(
    trying: Customer, calendar: Calendar, mallory: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def away(message: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        tried.append(message)
        raise TimeoutError

    calendar.ahead += timedelta(days=11.1)
    with monkeypatch.context() as broken:
        broken.setattr(EmailMultiAlternatives, "send", away)
        mailing.send_due()
    assert len(tried) == 1
    assert len(calendar.go(0.01)) == 2


def test_who_was_told_is_not_told_again_when_another_could_not_be(
    trying: Customer, calendar: Calendar, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.add_member(alice.workspace, person("Carol", "carol@acme.example"), Role.OWNER)
    send = EmailMultiAlternatives.send

    def only_alice(message: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        if message.to != ["alice@acme.example"]:
            raise SMTPRecipientsRefused({message.to[0]: (451, b"later")})
        return send(message, fail_silently)

    with monkeypatch.context() as broken:
        broken.setattr(EmailMultiAlternatives, "send", only_alice)
        calendar.go(11.1)
    assert [sent.to for sent in mail.outbox] == [["alice@acme.example"]]
    calendar.go(0.01)
    assert [sent.to for sent in mail.outbox] == [["carol@acme.example"]]


def test_a_worker_that_dies_at_the_mail_server_leaves_a_mail_that_others_know_again(
    trying: Customer, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendar.go(10.9)
    calendar.ahead += timedelta(days=0.2)
    with monkeypatch.context() as dies:
        dies.setattr(promising, "note_told", raising(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            mailing.send_due()
    (first,) = mail.outbox
    assert calendar.told() == [], "somebody else may have it in hand"
    calendar.go(0.01)
    (second,) = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert calendar.go(0.1) == []


def raising(error: BaseException) -> Callable[..., None]:
    def fails(*args: object, **more: object) -> None:
        raise error

    return fails
