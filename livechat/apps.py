from django.apps import AppConfig


class LivechatConfig(AppConfig):
    name = "livechat"
    verbose_name = "Chats"

    def ready(self) -> None:
        from livechat import doorbell, events

        events.subscribe(events.MessagePosted, after_commit=doorbell.on_message_posted)
        events.subscribe(events.ChatChanged, after_commit=doorbell.on_chat_changed)
