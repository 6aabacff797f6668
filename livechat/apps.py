from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_delete, post_migrate

if TYPE_CHECKING:
    from livechat.models import Attachment, Export


class LivechatConfig(AppConfig):
    name = "livechat"
    verbose_name = "Chats"

    def ready(self) -> None:
        from accounts import actions, sentences
        from accounts.actions import members
        from livechat import doorbell, events, replaying
        from livechat.actions import exports, faces, releasing
        from livechat.naming import NAMING

        events.subscribe(events.MessagePosted, after_commit=doorbell.on_message_posted)
        events.subscribe(events.MessageChanged, after_commit=doorbell.on_message_changed)
        events.subscribe(events.FilesChanged, after_commit=doorbell.on_files_changed)
        events.subscribe(events.ChatChanged, after_commit=doorbell.on_chat_changed)
        events.subscribe(events.ReadMoved, after_commit=doorbell.on_read_moved)
        events.subscribe(events.AvailabilityChanged, after_commit=doorbell.on_availability_changed)
        events.subscribe(events.FacesChanged, after_commit=doorbell.on_faces_changed)
        events.subscribe(events.VisitorErased, after_commit=doorbell.on_visitor_erased)
        events.subscribe(events.VisitorJoined, after_commit=doorbell.on_visitor_joined)
        events.subscribe(events.SocketsStale, after_commit=doorbell.on_sockets_stale)
        events.subscribe(events.VisitorErased, after_commit=replaying.on_visitor_erased)
        events.subscribe(events.VisitorErased, promise=exports.on_visitor_erased)
        if faces.show_anew not in actions.face_changed:
            actions.face_changed.append(faces.show_anew)
        if releasing.release_chats not in members.leaving:
            members.leaving.append(releasing.release_chats)
            members.rights_changed.append(doorbell.on_rights_changed)
        sentences.naming.update(NAMING)
        post_delete.connect(_note_orphans, sender="livechat.Attachment")
        post_delete.connect(_note_orphan_export, sender="livechat.Export")
        post_migrate.connect(_look_after_triggers, sender=self)


def _note_orphans(instance: "Attachment", **about: object) -> None:
    """Whatever deletes the row of a file, be it its whole site, its bytes are to be removed as well."""
    from livechat.actions import files

    files.note_orphans(instance)


def _note_orphan_export(instance: "Export", **about: object) -> None:
    from livechat.actions import exports

    exports.note_orphan(instance)


def _look_after_triggers(using: str, **about: object) -> None:
    from livechat.search import triggers

    triggers.look_after(connections[using])
