"""Slack's request signature, v0 (docs.slack.dev/authentication/verifying-requests-from-slack)."""

import functools
import hmac
import re
import time
from collections.abc import Mapping, Sequence

WINDOW_SECONDS = 300
TIMESTAMP = re.compile(rb"[0-9]{1,12}")
SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}")


def sign(secret: str, timestamp: bytes, raw: bytes) -> bytes:
    begun = _begun(secret).copy()
    begun.update(timestamp + b":" + raw)
    return b"v0=" + begun.hexdigest().encode()


@functools.lru_cache(8)
def _begun(secret: str) -> hmac.HMAC:
    """Of a key that is already mixed in: finding SHA-256 and mixing it takes longer than the body of an event."""
    return hmac.new(secret.encode(), b"v0:", "sha256")


def is_authentic(
    secrets: Sequence[str], headers: Mapping[bytes, bytes], raw: bytes, now: float | None = None
) -> bool:
    """`headers` as ASGI gives them (lower-case bytes), `raw` the body as received. Junk is False, never an error."""
    timestamp = headers.get(b"x-slack-request-timestamp", b"")
    signature = headers.get(b"x-slack-signature", b"")
    if not TIMESTAMP.fullmatch(timestamp) or not SIGNATURE.fullmatch(signature):
        return False
    if abs((time.time() if now is None else now) - int(timestamp)) > WINDOW_SECONDS:
        return False
    # every secret is compared, so that the time taken does not tell which one matched
    matches = [hmac.compare_digest(sign(secret, timestamp, raw), signature) for secret in secrets if secret]
    return any(matches)
