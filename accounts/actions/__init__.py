"""Every write of people, workspaces and what they look like, by noun."""

from accounts.actions.auditing import audit, audited, forget_entries, let_entries_go, seal_entries
from accounts.actions.faces import (
    MAX_AVATAR_URL,
    disguise_agent,
    face_changed,
    forget_outside_faces,
    safe_avatar,
    update_agent,
    upsert_external_agent,
)
from accounts.actions.members import add_member, know_agent_as
from accounts.actions.workspaces import create_workspace, note_email_verified, sign_up, sign_up_by_identity

__all__ = [
    "MAX_AVATAR_URL",
    "add_member",
    "audit",
    "audited",
    "create_workspace",
    "disguise_agent",
    "face_changed",
    "forget_entries",
    "forget_outside_faces",
    "know_agent_as",
    "let_entries_go",
    "note_email_verified",
    "safe_avatar",
    "seal_entries",
    "sign_up",
    "sign_up_by_identity",
    "update_agent",
    "upsert_external_agent",
]
