"""Chats by the thousand, for measuring: what they say (`vocabulary`) and how they went (`story`)."""
