"""Every way a call to Slack can end, and the one table of Slack's error codes and what each asks of us."""

from enum import Enum


class Do(Enum):
    """What an `ok:false` asks for (docs/slack.md has the sentence each owner sees)."""

    REFRESH = "refresh"
    REAUTHORISE = "reauthorise"
    FIX_TEAM = "fix_team"
    FIX_CHANNEL = "fix_channel"
    FIX_SERVER = "fix_server"
    NEW_THREAD = "new_thread"
    SPLIT = "split"
    DONE = "done"
    WAIT = "wait"
    LOOK = "look"
    TELL = "tell"
    GIVE_UP = "give_up"
    TRY_AGAIN = "try_again"


# Held against every code that Slack's pages and specifications name (test_every_code_of_slack_has_its_meaning).
_TABLE: dict[Do, str] = {
    # the access token has had its time: refreshed, and the call repeated once (rotation.py)
    Do.REFRESH: "token_expired",
    # the key is dead or may not: the team's queues stop until somebody connects again
    Do.REAUTHORISE: """invalid_auth not_authed account_inactive token_revoked missing_scope no_permission
        org_login_required not_allowed_token_type access_denied ekm_access_denied enterprise_is_restricted accesslimited
        two_factor_setup_required app_access_restricted invalid_refresh_token authorization_not_found
        token_already_exchanged invalid_token client_id_token_mismatch""",
    # one workspace of an organisation is closed to the app, the others go on
    Do.FIX_TEAM: "team_access_not_granted team_not_found org_not_found team_not_on_enterprise enterprise_not_found",
    Do.FIX_CHANNEL: """channel_not_found not_in_channel is_archived restricted_action
        restricted_action_read_only_channel restricted_action_thread_only_channel
        restricted_action_non_threadable_channel restricted_action_thread_locked channel_is_limited_access
        posting_to_channel_denied invalid_channel""",
    # the server's own Slack app is set up wrongly: its operator mends it
    Do.FIX_SERVER: """invalid_client_id bad_client_secret invalid_client bad_redirect_uri
        oauth_authorization_url_mismatch pkce_not_allowed token_rotation_not_enabled no_scopes
        preview_feature_not_available insecure_request forbidden_team unsupported_grant_type invalid_grant_type""",
    Do.NEW_THREAD: "thread_not_found cannot_reply_to_message message_not_found",
    Do.SPLIT: "msg_too_long msg_blocks_too_long",
    # somebody was quicker, or it was our own repeat: what was wanted is so
    Do.DONE: """already_reacted no_reaction already_pinned already_archived not_archived already_in_channel
        file_deleted file_is_deleted""",
    Do.WAIT: "ratelimited rate_limited message_limit_exceeded too_many_requests",
    Do.LOOK: "fatal_error internal_error service_unavailable request_timeout team_added_to_org",
    # Slack's rules or the moment do not allow it; whoever asked is told, and repeating does not help
    Do.TELL: """name_taken invalid_name invalid_name_maxlength invalid_name_punctuation invalid_name_required
        invalid_name_specials cannot_create_channel no_external_invite_permission user_is_restricted ura_max_channels
        org_user_not_in_team app_cannot_join_channel invitee_cant_see_channel cant_invite cant_invite_self
        too_many_members too_many_users user_not_found users_not_found user_not_visible user_disabled
        user_not_in_channel no_user not_enough_users users_list_not_supplied
        fail_to_get_teams_for_restricted_user cant_archive_general cant_archive_required
        cant_leave_general last_member cant_kick_self cant_kick_from_general not_authorized permission_denied
        method_not_supported_for_channel_type messages_tab_disabled send_on_behalf_not_allowed
        cant_update_message cant_delete_message cant_broadcast_message edit_window_closed is_inactive thread_locked
        no_access not_reactable not_pinnable too_many_emoji too_many_reactions too_many_pins too_long
        file_not_found file_not_shared not_visible cant_delete_file delete_not_allowed file_deleting_disabled
        file_uploads_disabled file_uploads_except_images_disabled file_upload_size_restricted file_type_not_allowed
        blocked_file_type storage_limit_reached snippet_too_large max_file_sharing_exceeded file_share_limit_reached
        channels_limit_exceeded unable_to_share_files template_not_visible alt_txt_too_large
        canvas_disabled_file_team canvas_disabled_user_team canvas_globally_disabled
        slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked slack_connect_clip_sharing_blocked
        slack_connect_file_link_sharing_blocked slack_connect_file_upload_sharing_blocked
        slack_connect_lists_sharing_blocked cannot_unfurl_message cannot_unfurl_url cannot_find_message
        cannot_find_channel cannot_prompt cannot_auth_user app_not_eligible app_not_owned_by_manager_app
        cannot_bookmark_from_external_org cannot_bookmark_restricted_sharing_enabled file_already_added
        failed_adding_collaborator failed_creating_app file_comment_not_found parent_bookmark_disabled
        too_many_bookmarks too_many_tabs compliance_exports_prevent_deletion user_is_ultra_restricted
        expired_trigger_id exchanged_trigger_id not_enabled
        push_limit_reached hash_conflict not_found bot_not_found bots_not_found
        invalid_code invalid_grant cannot_install_an_org_installed_app user_email_unverified""",
    # a mistake of ours: told loudly in the log
    Do.GIVE_UP: """invalid_blocks invalid_blocks_format no_text too_many_attachments
        invalid_arguments invalid_arg_name invalid_array_arg invalid_charset invalid_form_data invalid_json
        json_not_object invalid_post_type missing_post_type missing_argument unknown_method method_deprecated
        deprecated_endpoint metadata_too_large invalid_metadata_format invalid_metadata_schema
        markdown_text_conflict is_bot as_user_not_supported attachment_payload_limit_exceeded bad_timestamp
        block_mismatch draft_already_deleted draft_already_sent draft_has_conflict draft_not_found
        duplicate_channel_not_found duplicate_message_not_found duplicate_external_id cannot_find_service
        cannot_parse_attachment invalid_attachments invalid_code_verifier invalid_cursor invalid_limit
        limit_required invalid_metadata_filter_keys invalid_request invalid_source invalid_trigger_id invalid_ts_latest
        invalid_ts_oldest invalid_types invalid_unfurl_id invalid_unfurls_format invalid_user_combination
        metadata_must_be_sent_from_app missing_args missing_channel missing_file_data missing_profile_id missing_source
        missing_ts missing_unfurl_id missing_unfurls missing_user no_channel no_dual_broadcast_content_update
        no_item_specified not_bearer_token not_implemented not_supported too_many_contact_cards unknown_snippet_type
        unknown_subtype view_too_large auth_mismatch invalid_event_context invalid_app invalid_app_id invalid_manifest
        invalid_message invalid_view invalid_app_action_type invalid_bookmark_type invalid_child_type invalid_emoji
        invalid_entity_id invalid_link invalid_parent_type invalid_shortcut_type parent_with_link missing_charset
        superfluous_charset user_is_bot""",
    # passes by itself: a few tries, then a person decides. So does every code that is not in this table
    Do.TRY_AGAIN: """external_channel_migrating fetch_members_failed unable_to_fetch_custom_emojis
        list_record_comment_fetch_failed update_failed file_update_failed streaming_state_conflict
        timezone_count_failed upgrade_required""",
}
DO_BY_CODE: dict[str, Do] = {code: do for do, codes in _TABLE.items() for code in codes.split()}

SENTENCES: dict[str, str] = {
    "not_in_channel": "The app is not in the channel. Invite it there with /invite, then press Try again.",
    "channel_not_found": "The channel is gone, or private and closed to the app. Choose another channel.",
    "is_archived": "The channel is archived. Unarchive it in Slack or choose another channel.",
    "missing_scope": "The app lacks a permission it needs. Connect Slack again to grant it.",
    "token_revoked": "The app was removed from Slack. Connect Slack again.",
    "account_inactive": "The app was removed from Slack. Connect Slack again.",
    "invalid_auth": "Slack no longer accepts the app's key. Connect Slack again.",
    "name_taken": "A channel of that name exists already, perhaps an archived one. Choose another name.",
    "messages_tab_disabled": "Slack does not let this app send direct messages.",
    "cannot_install_an_org_installed_app": "Your organisation has installed the app for all its workspaces already.",
    "user_email_unverified": "Confirm your e-mail address in Slack first, then connect again.",
}
_BY_TODO: dict[Do, str] = {
    Do.REFRESH: "Slack no longer accepts the app's key. Connect Slack again.",
    Do.REAUTHORISE: "Slack refused the app ({code}). Connect Slack again.",
    Do.FIX_TEAM: "This Slack workspace is closed to the app ({code}). Ask an admin of your organisation to allow it.",
    Do.FIX_CHANNEL: (
        "Slack does not let the app post in the channel ({code}). Choose another channel or ask a Slack admin."
    ),
    Do.FIX_SERVER: "This server's Slack app is not set up as Slack expects ({code}). Tell whoever runs the server.",
    Do.DONE: "It was so already ({code}).",
    Do.TELL: "Slack does not allow it ({code}).",
}


def sentence(code: str) -> str:
    """What happened and what to do, for the owner."""
    if code in SENTENCES:
        return SENTENCES[code]
    shape = _BY_TODO.get(DO_BY_CODE.get(code, Do.TRY_AGAIN), "Slack did not take the message ({code}).")
    return shape.format(code=code)


class SlackError(Exception):
    """A call that did not succeed. The subclasses say what is known about its effect."""


class NotSent(SlackError):
    """Slack was never reached: nothing happened there."""


class Limited(SlackError):
    """HTTP 429: nothing happened; `seconds` is Slack's own Retry-After. `cursor`: the page that a look did not get."""

    cursor: str | None = None

    def __init__(self, method: str, seconds: float) -> None:
        super().__init__(f"{method}: rate limited for {seconds:g} s")
        self.seconds = seconds


class Unknown(SlackError):
    """It may have happened: time-out after sending, dropped connection, 5xx, an answer that is not Slack's."""


class Answered(SlackError):
    """Slack said no, with a code: nothing happened."""

    def __init__(self, method: str, code: str, detail: str = "") -> None:
        super().__init__(f"{method}: {code} {detail}".rstrip())
        self.code = code
        self.detail = detail

    @property
    def todo(self) -> Do:
        return DO_BY_CODE.get(self.code, Do.TRY_AGAIN)

    @property
    def stops_team(self) -> bool:
        """Nothing of this Slack team will be taken until a person mends it."""
        return self.todo in (Do.REAUTHORISE, Do.REFRESH, Do.FIX_TEAM, Do.FIX_SERVER)
