"""A Stripe on the wire: another program, which knows nothing of ours."""
