"""Every way a call to Slack can end, and the one table of Slack's error codes and what each asks of us."""

from enum import Enum


class Do(Enum):
    """What an `ok:false` asks for (docs/slack.md has the sentence each owner sees)."""

    REAUTHORISE = "reauthorise"
    FIX_CHANNEL = "fix_channel"
    NEW_THREAD = "new_thread"
    WAIT = "wait"
    LOOK = "look"
    GIVE_UP = "give_up"
    TRY_AGAIN = "try_again"


_TABLE: dict[Do, str] = {
    Do.REAUTHORISE: """invalid_auth not_authed account_inactive token_revoked token_expired missing_scope no_permission
        org_login_required not_allowed_token_type access_denied ekm_access_denied enterprise_is_restricted accesslimited
        two_factor_setup_required team_access_not_granted""",
    Do.FIX_CHANNEL: """channel_not_found not_in_channel is_archived restricted_action
        restricted_action_read_only_channel restricted_action_thread_only_channel
        restricted_action_non_threadable_channel restricted_action_thread_locked channel_is_limited_access""",
    Do.NEW_THREAD: "thread_not_found cannot_reply_to_message message_not_found",
    Do.WAIT: "ratelimited rate_limited message_limit_exceeded",
    Do.LOOK: "fatal_error internal_error service_unavailable request_timeout team_added_to_org",
    Do.GIVE_UP: """msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format no_text too_many_attachments
        invalid_arguments invalid_arg_name invalid_array_arg invalid_charset invalid_form_data invalid_json
        json_not_object invalid_post_type missing_post_type missing_argument unknown_method method_deprecated
        deprecated_endpoint metadata_too_large invalid_metadata_format invalid_metadata_schema
        markdown_text_conflict""",
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
}


def sentence(code: str) -> str:
    """What happened and what to do, for the owner."""
    todo = DO_BY_CODE.get(code)
    if code in SENTENCES:
        return SENTENCES[code]
    if todo is Do.REAUTHORISE:
        return f"Slack refused the app ({code}). Connect Slack again."
    if todo is Do.FIX_CHANNEL:
        return f"Slack does not let the app post in the channel ({code}). Choose another channel or ask a Slack admin."
    return f"Slack did not take the message ({code})."


class SlackError(Exception):
    """A call that did not succeed. The subclasses say what is known about its effect."""


class NotSent(SlackError):
    """Slack was never reached: nothing happened there."""


class Limited(SlackError):
    """HTTP 429: nothing happened; `seconds` is Slack's own Retry-After."""

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
