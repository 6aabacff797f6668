"""`settings`: the form for owners and admins. Others read who they are."""

from slackapp import modals
from slackapp.asked import Asked
from slackapp.commands.verb import Answer
from slackapp.modals.settings import SETTINGS, managed

FORM = "settings.edit"


def edit(asked: Asked) -> Answer | None:
    """Refused with whom to ask, before any form is shown."""
    managed(asked)
    modals.show(asked, modals.built(FORM, SETTINGS.open, asked))
    return None
