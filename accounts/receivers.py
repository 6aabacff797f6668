"""What follows from a change of how somebody logs in: their other sessions end, and their workspaces' trails say so."""

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import seeing
from accounts.actions import entrances, operating, own_account
from accounts.models import User


@receiver(account.user_signed_up)
def on_sign_up(request: HttpRequest, user: User, **_: Any) -> None:
    """A password that was chosen a moment ago is as good a proof as one that was typed; allauth notes only the latter.
    It stays in the session that signed up, which is logged in once the address is proved."""
    if user.has_usable_password():
        record_authentication(request, user, method="password")


@receiver(account.user_logged_in)
def on_login(user: User, **_: Any) -> None:
    entrances.note_login(user)


@receiver(user_login_failed)
def on_failed_login(credentials: dict[str, Any], **_: Any) -> None:
    entrances.note_failure(str(credentials.get("email") or ""))


@receiver(user_logged_out)
def on_logout(request: HttpRequest, user: User | None, **_: Any) -> None:
    """Whoever saw what somebody sees has stopped. The windows in this browser's other tabs find that they are out."""
    if user is None:
        return
    seen = seeing.seeing_in(request.session, user)
    # Django ends the session after its signal: a window that comes back before would be let in once more
    request.session.flush()
    if seen is not None and seen.user is not None:
        operating.end_seeing(seen.operator, seen.user)
    own_account.tell_windows(user.pk)


@receiver((account.password_changed, account.password_set, account.password_reset))
def on_password(request: HttpRequest, user: User, **_: Any) -> None:
    _changed(request, user, own_account.PASSWORD_CHANGED)


@receiver(account.email_changed)
def on_email(request: HttpRequest, user: User, from_email_address: Any, **_: Any) -> None:
    """A first address is none that changed."""
    if from_email_address is None:
        return
    _changed(request, user, own_account.EMAIL_CHANGED)


@receiver((mfa.authenticator_added, mfa.authenticator_reset))
def on_factor(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    _changed(request, user, own_account.FACTOR_ADDED[authenticator.type])


@receiver(mfa.authenticator_removed)
def on_factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type in own_account.FACTOR_REMOVED:
        _changed(request, user, own_account.FACTOR_REMOVED[authenticator.type])


@receiver(post_delete, sender=UserSession)
def on_session_ended(instance: UserSession, **_: Any) -> None:
    """Its windows find that they are logged out; those of other browsers come back."""
    own_account.tell_windows(instance.user_id)


def _changed(request: HttpRequest, user: User, verb: str) -> None:
    own_account.note(user, verb)
    end_other_sessions(request, user)
