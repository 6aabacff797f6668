from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        from accounts.actions import entitlements, workspaces
        from accounts.banners import tellers
        from billing import (
            banners,
            checks,  # noqa: F401  it registers system checks
            events,
            metering,
            parting,
        )
        from billing.actions import beginning, promising, seats
        from livechat import ending

        workspaces.begun.append(beginning.on_workspace_begun)
        entitlements.seats_changed.append(seats.on_seats_changed)
        events.subscribe(promising.on_settled)
        # how somebody pays is more urgent than what they use
        for teller in (banners.tell, metering.banners):
            if teller not in tellers:
                tellers.append(teller)
        ending.closers.append(parting.stop_renewing)
        ending.busy.append(parting.is_still_known)
