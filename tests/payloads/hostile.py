"""What a visitor may type, be called or come from to ping, link or format something in Slack, where all is text."""

TEXTS = [
    "<!channel>", "<!here>", "<!everyone>", "<!here|here>", "<!subteam^S012345|@board>", "<@{user}>",
    "<@{user}|Bob>", "<#{channel}>", "<#{channel}|general>", "@here", "@channel @everyone", "@bob", "#general",
    "<!date^1^{date}|now>", "<https://evil.example|https://bank.example>",
    "<https://evil.example|bank.example>", "<mailto:a@b.example|Bank>", "<tel:+1|Bank>",
    "[bank](https://evil.example)", "![x](https://evil.example/a.png)", "<https://evil.example>",
    "&lt;!here&gt;", "&amp;lt;!here&amp;gt;", "&lt;!channel&gt;", "&#60;!here&#62;", "\\u003c!here\\u003e",
    "%3C!here%3E", "*bold* _italic_ ~strike~ `code`", "```\nfence\n```", "> quote", "&gt; quote",
    "• list\n1. list", "---", "# heading", "\u202e>ereh!<", "@\u200bhere", "@\u2060channel",
    "\uff20here \uff1c!here\uff1e",
    "@here\u0301", "<\u200b!here>", "<!he\u00adre>", ":party: :wave::skin-tone-3: :slightly_smiling_face:",
    "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👋🏽 🇱🇹", "https://a.example/<!here>", "http://@here/",
    "https://a.example/@channel?x=<!here>#general", "https://bank.example@evil.example/",
    "HTTPS://EVIL.EXAMPLE", "javascript:alert(1)", "slack://user?team=T1&id=U1",
    "https://acme.slack.com/archives/C1/p1", "a\r\nb\rc\n\n\nd", "\ttabs\tand  spaces  ",
    "'\"`{{7*7}}${7*7}%s%(x)s{0}", "{{user}}", "\ud7ff\ue000\ufffd", "ﷺ" * 30, "Z" + "\u0300" * 60,
    "payload={\"type\":\"block_actions\"}", ";; not a note", "note: not a note", "/threadbell close", "<>", "<",
    "<<!here>>", "<!here", "!here>", "<@U1", "&", "&amp", "<https://a.example|<!here>>", "<|x>", "<!>", "<@>",
    "<#>",
]  # fmt: skip
NAMES = [
    "@channel", "<!here>", "<@{user}>", "Slackbot", "Bob (via Threadbell)", "Alice\nBob", "*Bob*",
    ":tada: <!everyone>", "\u202eeciled", "\u200b", "x" * 80, "https://evil.example", "#general",
    "`a` _b_ ~c~ |d|", "👩‍👩‍👧‍👦", "\u3164", "\u00ad\u2800\u034f",
]  # fmt: skip
URLS = [
    "https://shop.example/?q=<!here>", "https://shop.example/@channel#general", "javascript:alert(1)",
    "data:text/html,x", "https://bank.example@evil.example/", "https://shop.example/|https://bank.example",
    "https://shop.example/" + "x" * 1900, "no address", "https://shop.example/ <!here>", "",
]  # fmt: skip


def filled(text: str, user: str, channel: str) -> str:
    """With ids that exist in the team, so that a mistake would show."""
    return text.replace("{user}", user).replace("{channel}", channel)
