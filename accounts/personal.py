"""Of whom each column of words tells something: one table, which exports go by and a test holds against the models.

Numbers, moments, choices and relations tell nothing without the words that they stand beside, and are not listed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models

OURS = ("accounts", "livechat", "slackapp", "billing")
WORDS = (
    models.CharField, models.TextField, models.JSONField, models.BinaryField, models.GenericIPAddressField,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """`visitor`, `team`: personal, of whoever visits or works here. `secret` never leaves. `*`: every other column."""

    visitor: str = ""
    team: str = ""
    secret: str = ""
    other: str = ""

    @property
    def known(self) -> set[str]:
        return set(f"{self.visitor} {self.team} {self.secret} {self.other}".split())

    @property
    def personal(self) -> set[str]:
        return set(f"{self.visitor} {self.team}".split())

    @property
    def secrets(self) -> set[str]:
        return set(self.secret.split())


TECHNICAL = Words(other="*")
TABLE: dict[str, Words] = {
    "accounts.User": Words(team="email name", secret="password"),
    "accounts.Workspace": Words(other="name plan_name"),
    "accounts.Member": TECHNICAL,
    "accounts.Agent": Words(team="external_id name title avatar_url picture alias alias_title"),
    "accounts.AuditEntry": Words(team="actor_name address session changes", other="verb subject seal"),
    "accounts.AuditChain": TECHNICAL,
    "accounts.Invitation": Words(team="email", secret="link_hash"),
    "billing.BillingMail": TECHNICAL,
    "billing.Customer": Words(other="stripe_customer_id plan why bill_id"),
    "billing.Invoice": Words(other="id subscription_id number status reason currency"),
    "billing.StripeEvent": Words(other="id type object_id stripe_customer_id problem"),
    "billing.Subscription": Words(other="id status plan price_id item_id schedule_id next_plan latest_invoice_id"),
    "billing.UsagePeriod": TECHNICAL,
    "livechat.Availability": TECHNICAL,
    "livechat.ChatFigures": TECHNICAL,
    "livechat.ChatRead": TECHNICAL,
    "livechat.ChatSession": Words(
        visitor="page_url page_title referrer department locale timezone rating_comment"
    ),
    "livechat.ChatTag": TECHNICAL,
    "livechat.ConsoleVisit": TECHNICAL,
    "livechat.Desk": Words(other="chosen"),
    "livechat.Erasure": Words(other="visitor_hash"),
    "livechat.Export": Words(secret="storage_key", other="problem"),
    "livechat.IdentityKey": Words(secret="secret", other="kid"),
    "livechat.Message": Words(visitor="body segments", other="mirror_problem"),
    "livechat.MessageVersion": Words(visitor="body segments"),
    "livechat.Attachment": Words(
        visitor="name external_id",
        secret="uploader storage_key thumbnail_key",
        other="content_type problem",
    ),
    "livechat.Picture": TECHNICAL,
    "livechat.SavedReply": Words(other="name title body"),
    "livechat.Site": Words(
        other="name public_token allowed_origins colour title greeting schedule form away look texts "
        "refused_origin"
    ),
    "livechat.StorageOrphan": TECHNICAL,
    # made of the words of messages, visitors and pages, and told with these
    "livechat.SearchLine": Words(other="words"),
    "livechat.Tag": Words(other="name"),
    "livechat.MailStop": Words(secret="address_hash"),
    "livechat.TranscriptMail": Words(visitor="address"),
    "livechat.Visit": TECHNICAL,
    "livechat.Visitor": Words(
        visitor="name email answers consent external_id attributes", secret="token_hash"
    ),
    "slackapp.ChannelBudget": TECHNICAL,
    "slackapp.ChatLink": TECHNICAL,
    "slackapp.Connection": Words(
        team="responders",
        other="channel_id channel_name name conditions rooms_problem problem slack_team_id channel_sought",
    ),
    "slackapp.Delivery": TECHNICAL,
    "slackapp.EmojiList": TECHNICAL,
    "slackapp.ErasedCopy": TECHNICAL,
    "slackapp.FormerThread": TECHNICAL,
    "slackapp.Heartbeat": TECHNICAL,
    "slackapp.HomeTab": Words(team="slack_user_id", other="slack_team_id shown hash notice"),
    "slackapp.InboundEvent": Words(team="payload", other="event_id kind lane_key problem"),
    "slackapp.Installation": Words(
        team="installed_by_slack_user_id", secret="bot_token refresh_token",
        other="slack_team_id enterprise_id app_id team_name team_url bot_user_id bot_id scopes problem",
    ),
    "slackapp.Lane": TECHNICAL,
    "slackapp.LeftCopy": TECHNICAL,
    "slackapp.LinkPreview": Words(
        team="slack_user_id", other="slack_team_id channel_id ts unfurl_id source urls"
    ),
    "slackapp.MessageLink": Words(team="slack_user_id", other="channel_id ts edition receipt"),
    "slackapp.Notice": Words(other="text"),
    "slackapp.OAuthState": Words(secret="state_hash browser_hash", other="purpose leads_to"),
    "slackapp.PastPlace": TECHNICAL,
    "slackapp.PreviewedChat": TECHNICAL,
    "slackapp.Reminder": Words(team="mailed"),
    "slackapp.ReminderPlan": Words(team="people members"),
    "slackapp.Roster": Words(team="user_ids"),
    "slackapp.ShownCard": Words(visitor="words", other="lobby"),
    "slackapp.SlackIdentity": Words(
        team="slack_user_id name title avatar_url picture timezone seen_from presence",
        other="slack_team_id"
    ),
}  # fmt: skip
# what is personal and in no export of a workspace, each with its reason
NOT_A_WORKSPACES: dict[str, str] = {
    "livechat.TranscriptMail": "where a transcript goes; gone within minutes",
    "slackapp.HomeTab": "of a Slack team, which several workspaces may share",
    "slackapp.InboundEvent": "what Slack sent, as it came; gone within days",
    "slackapp.Installation": "of a Slack team, which several workspaces may share",
    "slackapp.LinkPreview": "of a Slack team, which several workspaces may share",
    "slackapp.Roster": "whom Slack names as people of a channel, asked anew all the time",
    "slackapp.ShownCard": "a copy of what the chat itself says",
    "slackapp.SlackIdentity": "of a Slack team; as visitors see them, people are in the agents' table",
}


def columns_of_words() -> Iterator[tuple[str, str]]:
    """Each column of ours that may hold words: model and name."""
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, WORDS) and not field.choices:
                    yield model._meta.label, field.name


def unknown() -> list[str]:
    """Columns of which the table does not say of whom they tell."""
    return [
        f"{label}.{name}"
        for label, name in columns_of_words()
        if not {name, "*"} & TABLE.get(label, Words()).known
    ]


def stale() -> list[str]:
    """What the table names and no model has."""
    there = {f"{label}.{name}" for label, name in columns_of_words()}
    labels = {model._meta.label for app in OURS for model in apps.get_app_config(app).get_models()}
    named = {f"{label}.{name}" for label, words in TABLE.items() for name in words.known - {"*"}}
    return sorted(named - there) + sorted(set(TABLE) - labels)
