"""What Slack sends, as small functions that make it; and the published samples, where they are at hand."""
