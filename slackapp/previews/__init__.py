"""Links to the console that somebody posts in Slack, and what is shown below them (S24)."""
