"""What signing up and in means here, on top of allauth's flows."""

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.signals import email_confirmed
from allauth.account.utils import user_pk_to_url_str
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import reverse

from accounts import actions, proof
from accounts.actions import newcomers
from accounts.limits import behind_proxies
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is not right. Check both and try again.",
        "email_taken": "Somebody has an account with this e-mail address already. Log in, or write another one.",
        "duplicate_email": "This e-mail address is yours already. Write another one.",
        "unknown_email": "Nobody here has an account with this e-mail address. Check it and try again.",
    }

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """User, workspace, owner and agent in one transaction (accounts/forms.py holds it open for the address)."""
        super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data.get("name") or ""
        if commit:
            actions.sign_up(
                user, verified=app_settings.EMAIL_VERIFICATION == app_settings.EmailVerificationMethod.NONE
            )
        return user

    def clean_email(self, email: str) -> str:
        """Every form asks here. allauth's own fields take more than the column holds."""
        longest = User._meta.get_field("email").max_length or 0
        if len(email) > longest:
            raise ValidationError(f"An e-mail address has at most {longest} characters.")
        return str(super().clean_email(email))

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        """In the browser that signed up one is in by now. In another one the password may be somebody else's, who gave
        an address that is not theirs and waits for its owner to confirm it: it is chosen anew."""
        user, request = email_address.user, self.request
        if request.user.is_authenticated or not newcomers.distrust_first_password(user):
            return str(super().get_email_verification_redirect_url(email_address))
        messages.info(
            request, "Your address is confirmed. Now choose your password: you signed up in another browser."
        )
        key = default_token_generator.make_token(user)
        return reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Those who came through an outside account alone show it there, rather than not at all."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return ways or (proof.ways_from_outside(user) if isinstance(user, User) else [])

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """allauth would let those pass who have no password, would forget that somebody has just logged in, and would
        keep what they posted in the session to do it later. So the answer is given here."""
        request = context.request
        if proof.is_fresh(request):
            return False
        raise ImmediateHttpResponse(proof.ask(request, self.get_reauthentication_methods(request.user)))

    def get_client_ip(self, request: HttpRequest) -> str:
        return behind_proxies(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))


@receiver(email_confirmed)
def keep_verified_email(email_address: Any, **_: Any) -> None:
    """Runs on every way of proving an address: the link, and a password reset."""
    if email_address.primary:
        actions.note_email_verified(email_address.user, email_address.email)
