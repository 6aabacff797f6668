from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and workspaces"

    def ready(self) -> None:
        from accounts import (  # noqa: F401  they register receivers and system checks
            actions,
            adapters,
            checks,
            receivers,
            session_store,
        )
