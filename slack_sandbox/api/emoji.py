"""emoji.list: a company's own emoji, by name, as addresses or as aliases of others."""

from slack_sandbox.api.registry import Call, method
from slack_sandbox.model import Json


@method("emoji.list", tier="t2", scopes=("emoji:read",), args={"include_categories": bool})
def emoji_list(call: Call) -> Json:
    return {"emoji": call.team.emoji, "cache_ts": f"{call.box.now():.6f}"}
