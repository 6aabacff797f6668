"""A Slack on the wire for development, demo, tests and benchmarks. It speaks only HTTP; see README.md."""
