"""Rows of people in Slack and of what is their company's own."""

from django.db import models


class SlackIdentity(models.Model):
    """A person in Slack as Slack last told. Identity is (team_id, user_id), never e-mail.

    `is_outsider`: of another company; `is_guest`: invited by ours to some channels. Whose company that is, is
    `seen_from`: the team or organisation whose installation asked. `picture` is the key of our copy.
    """

    id = models.BigAutoField(primary_key=True)
    slack_team_id = models.CharField(max_length=32)
    slack_user_id = models.CharField(max_length=32)
    name = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=120, blank=True)
    avatar_url = models.CharField(max_length=500, blank=True)
    picture = models.CharField(max_length=64, blank=True)
    seen_from = models.CharField(max_length=32, blank=True, default="", db_default="")
    # an IANA name, as their own Slack has it; empty where Slack does not tell
    timezone = models.CharField(max_length=64, blank=True, default="", db_default="")
    is_outsider = models.BooleanField(default=False)
    is_guest = models.BooleanField(default=False)
    is_bot = models.BooleanField(default=False)
    is_gone = models.BooleanField(default=False)
    user = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="slack_identities"
    )
    fetched_at = models.DateTimeField(null=True, blank=True)
    # `active` or `away` as users.getPresence last told, and when; `looked_at` is the last attempt
    presence = models.CharField(max_length=6, blank=True)
    presence_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slack_team_id", "slack_user_id"], name="one_identity_per_slack_user"
            )
        ]
        # mentions and reactions do not tell the team
        indexes = [models.Index(fields=["slack_user_id"], name="slack_identity_by_user")]


class EmojiList(models.Model):
    """A company's own emoji as emoji.list told: name → address, or `alias:<name>`. Stale once `fetched_at` is old."""

    installation = models.OneToOneField(
        "slackapp.Installation", on_delete=models.CASCADE, primary_key=True, related_name="emoji_list"
    )
    names = models.JSONField(default=dict)
    fetched_at = models.DateTimeField(null=True)


class Roster(models.Model):
    """Who might answer the chats of a connection: user ids of Slack's, the likeliest first. Asked for anew at times."""

    connection = models.OneToOneField(
        "slackapp.Connection", on_delete=models.CASCADE, primary_key=True, related_name="roster"
    )
    user_ids = models.JSONField(default=list)
    fetched_at = models.DateTimeField()
