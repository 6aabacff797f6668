"""Finding what was said: `words` takes text apart, `language` reads what somebody typed, `finding` looks it up.

The index (`rows`) is behind the messages by a moment: triggers (`triggers`) write what is due beside each change, and
`livechat.actions.searching` works it.
"""
