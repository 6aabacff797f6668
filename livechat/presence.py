"""Whether a visitor who writes now reaches anybody: a console is open, or an app above says that it carries chats."""

from collections.abc import Callable

from livechat.models import Site

# apps above this one add theirs in `ready()`
carriers: list[Callable[[Site], bool]] = []
_consoles: dict[str, int] = {}


def console_opened(workspace_id: object) -> None:
    _consoles[str(workspace_id)] = _consoles.get(str(workspace_id), 0) + 1


def console_closed(workspace_id: object) -> None:
    left = _consoles.get(str(workspace_id), 0) - 1
    _consoles.pop(str(workspace_id), None) if left <= 0 else _consoles.update({str(workspace_id): left})


def is_online(site: Site) -> bool:
    """Consoles of other processes are not seen; Slack is."""
    return str(site.workspace_id) in _consoles or any(carries(site) for carries in carriers)
