"""Stripe's pages as a person sees them: plain forms, no script."""
