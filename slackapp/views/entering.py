"""Logging somebody in whom Slack vouches for."""

from functools import partial

from accounts import entering

enter = partial(entering.enter, method="slack")
