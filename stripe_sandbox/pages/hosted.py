"""Which page lies where."""

from starlette.routing import BaseRoute, Route

from stripe_sandbox.pages.bank import BankPage
from stripe_sandbox.pages.invoice import InvoicePage
from stripe_sandbox.pages.pay import PayPage
from stripe_sandbox.pages.portal import Portal
from stripe_sandbox.pages.start import Start
from stripe_sandbox.sandbox import Sandbox

BOTH = ["GET", "POST"]


def routes(box: Sandbox) -> list[BaseRoute]:
    invoices, portal = InvoicePage(box), Portal(box)
    return [
        Route("/c/pay/{id}", PayPage(box).__call__, methods=BOTH),
        Route("/3ds/{id}", BankPage(box).__call__, methods=BOTH),
        Route("/i/{id}", invoices.__call__, methods=BOTH),
        Route("/i/{id}/pdf", invoices.printed),
        Route("/p/session/{id}", portal.__call__),
        Route("/p/session/{id}/{part}", portal.__call__, methods=BOTH),
        *Start(box).routes(),
    ]
