from django.apps import AppConfig


class SlackappConfig(AppConfig):
    name = "slackapp"
    verbose_name = "Slack"

    def ready(self) -> None:
        from livechat import doors, events, presence
        from slackapp import promises, readiness

        presence.carriers.append(readiness.carries)

        events.subscribe(events.MessagePosted, promise=promises.promise_copy)
        doors.ready_checks.append(readiness.missing)
