"""Reports (C6): which chats are meant, what is counted of them, and how it is drawn and downloaded."""
