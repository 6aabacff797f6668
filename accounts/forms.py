"""Forms of signing up."""

from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest

from accounts.models import User


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    name = forms.CharField(
        label="Your name",
        max_length=80,
        required=False,
        help_text="Visitors see it beside your answers.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("name", "email", "password1")

    def save(self, request: HttpRequest) -> User:
        """The address is written in the transaction of its user."""
        with transaction.atomic():
            user: User = super().save(request)
        return user

    def try_save(self, request: HttpRequest) -> Any:
        """A known address costs as much time as a new one, so that the clock tells nobody who has an account."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)
