from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        from accounts.actions import workspaces
        from accounts.banners import tellers
        from billing import (
            checks,  # noqa: F401  it registers system checks
            metering,
            parting,
        )
        from billing.actions import beginning
        from livechat import ending

        workspaces.begun.append(beginning.on_workspace_begun)
        if metering.banners not in tellers:
            tellers.append(metering.banners)
        ending.closers.append(parting.stop_renewing)
        ending.busy.append(parting.is_still_known)
