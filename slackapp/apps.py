from django.apps import AppConfig


class SlackappConfig(AppConfig):
    name = "slackapp"
    verbose_name = "Slack"

    def ready(self) -> None:
        from accounts import proof
        from accounts.actions.ending import undone
        from livechat import doors, ending, events, presence, retention
        from slackapp import (
            assigned,
            availability,
            card_looks,
            copies,
            identities,
            promises,
            readiness,
            receipts,
            rooms,
            tasks,
            woken,
        )
        from slackapp.actions import ending as acts_of_ending
        from slackapp.actions import erasure, files, previews
        from slackapp.actions.leaving import release
        from slackapp.home import sweeping

        presence.carriers.append(availability.carries)
        events.subscribe(events.SiteAsked, after_commit=tasks.look_after)

        events.subscribe(events.MessagePosted, promise=promises.promise_copy)
        events.subscribe(events.MessageChanged, promise=copies.promise_change)
        events.subscribe(events.MessageChanged, promise=files.on_message_changed)
        events.subscribe(events.MessageChanged, promise=previews.on_message_changed)
        events.subscribe(events.ChatChanged, promise=rooms.on_chat_changed)
        events.subscribe(events.ChatChanged, after_commit=sweeping.on_chat_changed)
        # while it is known yet where the chats were
        events.subscribe(events.VisitorErased, promise=sweeping.on_erased)
        events.subscribe(events.ChatChanged, promise=card_looks.on_chat_changed)
        events.subscribe(events.VisitorMoved, promise=card_looks.on_visitor_moved)
        events.subscribe(events.ChatAssigned, promise=assigned.promise)
        events.subscribe(events.ChatWoken, promise=woken.promise)
        events.subscribe(events.VisitorErased, promise=erasure.note_copies)
        events.subscribe(events.VisitorReached, promise=receipts.promise)
        ending.closers.append(acts_of_ending.disconnect_all)
        ending.partings.append(acts_of_ending.part_for_good)
        undone.append(release)
        ending.busy.append(acts_of_ending.waits_for_slack)
        retention.busy.append(acts_of_ending.has_enough_to_do)
        doors.ready_checks.append(readiness.missing)
        proof.outside_ways.append(identities.way_to_prove)
