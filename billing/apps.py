from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        from accounts.actions import workspaces
        from billing import checks  # noqa: F401  it registers system checks
        from billing.actions import beginning

        workspaces.begun.append(beginning.on_workspace_begun)
