"""What a member leaves behind in the workspace: their chats are free for others."""

import uuid

from accounts.models import Agent, Member
from livechat.actions import figures
from livechat.actions.messages import lock_chat
from livechat.actions.waiting import count_anew
from livechat.events import ChatChanged, publish
from livechat.models import ChatSession


def release_chats(member: Member) -> None:
    """Inside the caller's transaction, chat by chat in their order. Their closed chats keep their name."""
    for agent in Agent.objects.in_workspace(member.workspace).filter(member=member):
        open_ones = ChatSession.objects.in_workspace(member.workspace).filter(
            agent=agent, status=ChatSession.Status.OPEN
        )
        for chat_id in list(open_ones.order_by("pk").values_list("pk", flat=True)):
            _release(chat_id, agent)


def _release(chat_id: uuid.UUID, agent: Agent) -> None:
    chat = lock_chat(chat_id)
    if chat.agent_id != agent.pk or not chat.is_open:
        return
    chat.agent = None
    chat.save(update_fields=["agent"])
    count_anew(chat)
    figures.stands(chat)
    publish(ChatChanged(chat, frame={"type": "chat"}))
