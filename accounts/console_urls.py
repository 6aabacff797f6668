"""Pages of people and their workspace. Names are unique across the console."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.views import (
    auditing,
    invitations,
    members,
    own,
    own_data,
    passwords,
    roles,
    security,
    settings,
    switching,
)

urlpatterns = [
    path("console/settings", settings.workspace, name="settings"),
    path("console/settings/name", settings.rename, name="workspace_rename"),
    path("console/settings/delete", settings.delete, name="workspace_delete"),
    path("console/settings/undo", settings.undo, name="workspace_undo"),
    path("console/settings/audit", auditing.audit_log, name="audit_log"),
    path("console/settings/audit.csv", auditing.audit_sheet, name="audit_sheet"),
    path("console/settings/security", security.security, name="settings_security"),
    path(
        "console/settings/security/second-factor",
        security.require_second_factor,
        name="settings_second_factor",
    ),
    path("console/account", own.profile, name="own_account"),
    path("console/account/security", own.security, name="own_security"),
    path("console/account/data", own_data.page, name="own_data"),
    path("console/account/data/file", own_data.file, name="own_data_file"),
    path("console/account/data/delete", own_data.delete, name="own_delete"),
    path("console/account/sessions", own.places, name="own_sessions"),
    path("console/account/sessions/others/end", own.end_others, name="own_sessions_end_others"),
    path("console/account/sessions/<int:session_id>/end", own.end_one, name="own_session_end"),
    # our pages in place of those that allauth would show
    path("accounts/2fa/", RedirectView.as_view(pattern_name="own_security")),
    path("accounts/2fa/webauthn/", RedirectView.as_view(pattern_name="own_security")),
    path("accounts/2fa/webauthn/keys/<int:pk>/remove/", own.remove_passkey, name="own_passkey_remove"),
    path("accounts/password/set/", passwords.set_password, name="own_password_set"),
    path("accounts/sessions/", RedirectView.as_view(pattern_name="own_sessions")),
    path("console/settings/roles", roles.roles, name="settings_roles"),
    path("console/workspaces", switching.workspaces, name="workspaces"),
    path("console/workspaces/menu", switching.workspaces_menu, name="workspaces_menu"),
    path("console/workspaces/new", switching.workspace_new, name="workspace_new"),
    path("console/workspaces/<uuid:workspace_id>/enter", switching.workspace_enter, name="workspace_enter"),
    path("console/team/invite", invitations.team_invite, name="team_invite"),
    path(
        "console/team/invitations/<uuid:invitation_id>/resend",
        invitations.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "console/team/invitations/<uuid:invitation_id>/withdraw",
        invitations.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path("console/team/leave", members.team_leave, name="team_leave"),
    path("console/team/people/<uuid:member_id>", members.member, name="member"),
    path("console/team/people/<uuid:member_id>/role", members.member_role, name="member_role"),
    path("console/team/people/<uuid:member_id>/remove", members.member_remove, name="member_remove"),
    path("console/team/people/<uuid:member_id>/transfer", members.member_transfer, name="member_transfer"),
    path("accounts/invitation", invitations.invitation, name="invitation"),
    path("accounts/invitation/<str:secret>", invitations.invitation_link, name="invitation_link"),
]
