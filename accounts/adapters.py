"""What signing up and in means here, on top of allauth's flows."""

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import email_confirmed
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import actions
from accounts.limits import behind_proxies
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
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

    def get_client_ip(self, request: HttpRequest) -> str:
        return behind_proxies(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))


@receiver(email_confirmed)
def keep_verified_email(email_address: Any, **_: Any) -> None:
    """Runs on every way of proving an address: the link, and a password reset."""
    if email_address.primary:
        actions.note_email_verified(email_address.user, email_address.email)
