"""Asks for each page of a seeded database and prints how many milliseconds each took: {"page": [1.5, …]}, as JSON.

A process of its own, on the database that the environment names. The server time of a page is from the call of the
product's own WSGI handler, middleware and session included, to the last byte of its body; web server and network are
measured elsewhere. Code 3 says that nothing has been seeded.
"""

import itertools
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit

import django

NOT_SEEDED = 3
# the first dozen answers of a process are slower: templates, plans and caches are made by them
AT_LEAST, AT_FIRST = 40, 15
# of a download what comes before the first rows have been sent
FIRST_PIECES = 3
COMMON = [
    "the",
    "order delivery",
    "is",
    "deliv",
    '"the order"',
    '"blue lamp"',
    "refund",
    "parcel",
    "lamp -the",
]
NARROWED = [
    "lamp from:agent", 'order site:"Shop 1"', "refund is:open", "the before:2025-06", "the from:note",
    "parcel tag:Refund", "gift from:visitor is:closed", "jacket after:2026-01",
]  # fmt: skip


class Asker:
    """Somebody who is logged in."""

    def __init__(self, user: Any) -> None:
        from django.conf import settings
        from django.test import Client

        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        self._cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        self._where = urlsplit(settings.CONSOLE_URL)

    def took(self, address: str) -> float:
        """Milliseconds; of a table only until its first rows are there."""
        from config.asgi import pages

        told: list[str] = []

        def begin(status: str, headers: Any, error: Any = None, /) -> Callable[[bytes], object]:
            told.append(status)
            return bytes

        environ, begun = self._environ(address), time.perf_counter()
        answer = pages(environ, begin)
        pieces = FIRST_PIECES if ".csv" in address else None
        size = sum(len(piece) for piece in itertools.islice(answer, pieces))
        spent = (time.perf_counter() - begun) * 1000
        answer.close()
        if told != ["200 OK"] or not size:
            raise AssertionError(f"{address} was answered {told}")
        return spent

    def _environ(self, address: str) -> dict[str, Any]:
        path, _, query = address.partition("?")
        return {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": self._where.netloc,
            "HTTP_COOKIE": f"{self._cookie}; tz=Europe/Vilnius",
            "SERVER_NAME": self._where.hostname,
            "SERVER_PORT": str(self._where.port or 443),
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": self._where.scheme,
            "wsgi.input": BytesIO(),
        }


class Addresses:
    """Of each page the addresses that are asked for, each with others of chats, words and days."""

    def __init__(self, owner: Any) -> None:
        from livechat.models import ChatSession, Message

        self.owner, self.workspace = owner, owner.workspace
        self.chats = ChatSession.objects.in_workspace(self.workspace)
        self.lines = Message.objects.in_workspace(self.workspace)

    def by_page(self) -> dict[str, Iterable[str]]:
        return {
            "list, open": ["/console/chats?tab=open", "/console/chats?tab=waiting"],
            "list, closed": ["/console/chats?tab=closed"],
            "list, filtered": self._filtered(),
            "list, page 20": self._page_20(),
            "search, seldom word": (_search(word) for word in self._seldom_words()),
            "search, common word": (_search(words) for words in COMMON),
            "search, narrowed": (_search(words) for words in NARROWED),
            "transcript, 20 lines": (f"/console/chats/{pk}" for pk in self._with_lines(20)),
            "transcript, 2,000 lines": [f"/console/chats/{self._longest()}"],
            "transcript, an old line": self._old_lines(),
            "reports, 30 days": self._reports("period=30"),
            "reports, 12 months": self._months(),
            "CSV of chats, first rows": (
                f"{one}".replace("reports?", "reports/chats.csv?") for one in self._months()
            ),
        }

    def _filtered(self) -> Iterator[str]:
        from accounts.models import Agent
        from livechat.models import Site, Tag

        ways = [
            [
                (name, str(pk))
                for pk in model.objects.in_workspace(self.workspace).values_list("pk", flat=True)
            ]
            for name, model in (("site", Site), ("agent", Agent), ("tag", Tag))
        ]
        days = [("since", "2026-01-01"), ("until", "2025-06-30")]
        for one in (*itertools.chain(*ways), *days, *itertools.product(ways[0], ways[2])):
            pairs = one if isinstance(one[0], tuple) else (one,)
            yield f"/console/chats?{urlencode([('tab', 'closed'), *pairs])}"

    def _page_20(self) -> Iterator[str]:
        from livechat.chat_lists import CHATS_AT_ONCE, Choice, in_order

        first = CHATS_AT_ONCE * 19
        for pk, moment in in_order(self.owner, Choice("closed"))[first : first + AT_LEAST]:
            cursor = urlencode({"after": f"{moment.isoformat()}~{pk.hex}"})
            yield f"/console/chats?tab=closed&{cursor}"

    def _seldom_words(self) -> Iterator[str]:
        from livechat.seeding.vocabulary import PLAIN

        for body in self.lines.order_by("pk").values_list("body", flat=True)[: AT_LEAST * 20]:
            yield from sorted(set(body.lower().split()) - set(PLAIN))[:1]

    def _with_lines(self, count: int) -> list[Any]:
        return list(self.chats.filter(last_seq=count).values_list("pk", flat=True)[:AT_LEAST])

    def _longest(self) -> Any:
        return self.chats.order_by("-last_seq").values_list("pk", flat=True)[0]

    def _old_lines(self) -> Iterator[str]:
        longest = self._longest()
        lines = self.lines.filter(chat=longest, seq__in=range(10, 1500, 37))
        return (f"/console/chats/{longest}?at={pk}" for pk in lines.values_list("pk", flat=True))

    def _reports(self, days: str) -> Iterator[str]:
        from livechat.models import Site

        yield f"/console/reports?{days}"
        for pk in Site.objects.in_workspace(self.workspace).values_list("pk", flat=True):
            yield f"/console/reports?{days}&site={pk}"

    def _months(self) -> Iterator[str]:
        from django.utils import timezone

        for back in range(2, 300, 13):
            last = timezone.localdate() - timedelta(days=back)
            first = last - timedelta(days=364)
            yield f"/console/reports?period=custom&from={first}&to={last}"


def _search(words: str) -> str:
    return f"/console/search?{urlencode({'q': words})}"


def measure(rounds: int) -> dict[str, list[float]]:
    from accounts.models import Member

    people = Member.unscoped.select_related("user", "workspace").filter(workspace__name="Load")
    owner = people.filter(role="owner").first()
    if owner is None:
        sys.exit(NOT_SEEDED)
    asker, of_agent = Asker(owner.user), Asker(people.filter(role="agent").order_by("pk")[0].user)
    found = {name: timed(asker, asked, rounds) for name, asked in Addresses(owner).by_page().items()}
    mine = timed(of_agent, ["/console/chats?tab=mine"], rounds)
    return {"list, mine": mine, **found}


def timed(asker: Asker, asked: Iterable[str], rounds: int) -> list[float]:
    """The addresses in turn, `rounds` in all; before that the first ones once, for templates and connection."""
    addresses = list(itertools.islice(asked, rounds))
    for address in addresses[:AT_FIRST]:
        asker.took(address)
    return [asker.took(address) for address in itertools.islice(itertools.cycle(addresses), rounds)]


if __name__ == "__main__":
    django.setup()
    from django.conf import settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    print(json.dumps(measure(max(AT_LEAST, int(sys.argv[1])))))
