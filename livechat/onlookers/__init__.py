"""Visitors who have a page of a site open now (C7). Nothing of them is in the database unless they write."""
