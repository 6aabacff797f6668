from django.apps import AppConfig


class SlackappConfig(AppConfig):
    name = "slackapp"
    verbose_name = "Slack"

    def ready(self) -> None:
        from livechat import doors, events
        from slackapp import promises, readiness

        events.subscribe(events.MessagePosted, promise=promises.promise_copy)
        doors.ready_checks.append(readiness.missing)
