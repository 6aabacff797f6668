"""Forms of signing up and in."""

from typing import Any

from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest

from accounts.models import Role, User
from accounts.names import clean_name


class _SaysEMail:
    """allauth writes *Email*, twice: as the label and within the field; Django where it is none."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.EmailField):
                field.label = "E-mail address"
                field.error_messages["invalid"] = (
                    "This is no e-mail address. Write one such as name@company.com."
                )
                field.widget.attrs.pop("placeholder", None)


class LoginForm(_SaysEMail, AllauthLoginForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(_SaysEMail, AllauthResetPasswordForm):  # type: ignore[misc]
    pass


class AddEmailForm(_SaysEMail, AllauthAddEmailForm):  # type: ignore[misc]
    pass


class SignupForm(_SaysEMail, AllauthSignupForm):  # type: ignore[misc]
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


def _code(label: str) -> forms.CharField:
    """Digits on a phone's keyboard would lock recovery codes with letters out; ours are digits too."""
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
    return forms.CharField(label=label, max_length=32, widget=forms.TextInput(attrs=attrs))


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    code = _code("Code of your app, or a recovery code")


class CodeAgainForm(ReauthenticateForm):  # type: ignore[misc]
    code = _code("Code of your app, or a recovery code")


class FirstCodeForm(ActivateTOTPForm):  # type: ignore[misc]
    code = _code("Code")


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(
        label="Name", max_length=60, required=False, help_text="So that you know it among others."
    )
    passwordless = forms.BooleanField(
        label="Log in with it alone, without password and code", required=False, initial=True
    )


class InviteForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    role = forms.ChoiceField(label="Role")

    def __init__(self, data: Any = None, *, roles: list[Role]) -> None:
        first = Role.AGENT if Role.AGENT in roles else roles[-1]
        super().__init__(data, initial={"role": first}, label_suffix="")
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = [(one.value, one.label) for one in roles]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="Role")

    def __init__(self, data: Any = None, *, roles: list[Role], role: str) -> None:
        super().__init__(data, initial={"role": role}, label_suffix="")
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.value, one.label) for one in roles]


class WorkspaceForm(forms.Form):
    name = forms.CharField(
        label="Name of the workspace",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class JoinForm(forms.Form):
    """A new account by an invitation, whose address is known."""

    name = forms.CharField(
        label="Your name",
        max_length=80,
        help_text="Visitors see it beside your answers.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=128,
        help_text="At least 12 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: Any = None, *, email: str = "") -> None:
        super().__init__(data, label_suffix="")
        self.email = email

    def clean_name(self) -> str:
        name = clean_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Please type a name that people can read.")
        return name

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, User(email=self.email, name=self.data.get("name", "")[:80]))
        return password
