"""What made-up members need beside the ordinary ways in, for measuring."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Member


def was_always_there(member: Member, days: int = 1460) -> None:
    """They joined before the first chat: what came since is read or unread to them, and not from before their time."""
    began = timezone.now() - timedelta(days=days)
    Member.objects.in_workspace(member.workspace).filter(pk=member.pk).update(created_at=began)
