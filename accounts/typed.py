"""What somebody had typed when they were asked who they are: once they have shown it, it stands in the form again.

Nothing of it was done, and nothing is done before they press the button anew. It lies in their own session, for one
page and a quarter of an hour; what proves who somebody is, and files, never do.
"""

import time
from typing import Any

from django.http import HttpRequest

KEPT = "typed"
LASTS = 15 * 60
MOST = 16_000
# parts of the names of fields
NEVER = ("csrf", "password", "code", "secret", "token", "credential")


def keep(request: HttpRequest, page: str) -> None:
    """`page` is the path to which they come back; what was kept for another is forgotten."""
    request.session.pop(KEPT, None)
    values = {
        name: said for name, said in request.POST.lists() if not any(one in name.lower() for one in NEVER)
    }
    if values and sum(len(one) for said in values.values() for one in said) <= MOST:
        kept = {"page": page.partition("?")[0], "action": request.path, "values": values, "at": time.time()}
        request.session[KEPT] = kept


def come_back(request: HttpRequest) -> dict[str, Any] | None:
    """`action`, the path of the form, and `values`, lists by the names of its fields; once, on the page of the form."""
    kept = request.session.get(KEPT)
    if kept is None or request.method != "GET" or kept["page"] != request.path:
        return None
    del request.session[KEPT]
    return {name: kept[name] for name in ("action", "values")} if time.time() - kept["at"] < LASTS else None
