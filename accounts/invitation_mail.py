"""The mail by which somebody is asked to join a workspace."""

from django.conf import settings
from django.urls import reverse

from accounts.mails import tell
from accounts.models import Invitation
from accounts.names import clean_name

TEXT = """{who} asks you to join the workspace “{workspace}” on Threadbell as {role},
where the visitors of a website are answered.

Follow this link to join. It is for this address alone, works once, and is good until {until} (UTC).

{link}

If you do not know {who}, do nothing: without the link nobody can join in your name.
"""


def send(invitation: Invitation, secret: str) -> bool:
    """Outside of transactions. Whether the mail server took it. Names are cut: nobody writes a letter in them."""
    who = clean_name(str(invitation.invited_by), 60) if invitation.invited_by else "Somebody"
    body = TEXT.format(
        who=who,
        workspace=clean_name(invitation.workspace.name, 60),
        role=invitation.get_role_display().lower(),
        until=invitation.expires_at.strftime("%-d %B %Y, %H:%M"),
        link=f"{settings.CONSOLE_URL}{reverse('invitation_link', args=[secret])}",
    )
    return tell(invitation.email, f"Join {clean_name(invitation.workspace.name, 60)} on Threadbell", body)
