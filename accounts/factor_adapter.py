"""What second factors mean here, on top of allauth's flows."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken

from accounts import keyring, second_factors
from accounts.fields import SealBroken
from accounts.models import User
from accounts.names import clean_name

# sealed with every secret, so that a ciphertext of another column opens nothing here
PLACE = "mfa.authenticator"


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": "Your workspace asks for a second factor, and this is your last one. "
        "Add another one first.",
        "incorrect_code": "This code is not right, or it was used already. Wait for the next one.",
    }

    def encrypt(self, text: str) -> str:
        return keyring.seal(f"{PLACE}\n{text}")

    def decrypt(self, encrypted_text: str) -> str:
        """Fails closed: what no key opens, or was sealed for something else, is no secret of ours."""
        try:
            place, _, text = keyring.unseal(encrypted_text).partition("\n")
        except InvalidToken:
            raise SealBroken(f"No key of FIELD_ENCRYPTION_KEY opens a secret of {PLACE}.") from None
        if place != PLACE:
            raise SealBroken(f"{PLACE} holds a secret that was sealed for something else.")
        return text

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = [one for one in second_factors.of(authenticator.user) if one.pk != authenticator.pk]
        return bool(others) or not second_factors.is_asked_for(authenticator.user)

    def generate_authenticator_name(self, user: User, kind: Authenticator.Type) -> str:
        return f"Passkey {Authenticator.objects.filter(user=user, type=kind).count() + 1}"

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**entity, "display_name": clean_name(str(user)) or "Somebody"}

    def _get_site_name(self) -> str:
        return "Threadbell"
