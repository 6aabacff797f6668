"""Files that travel in chats: what may come in, how pictures are made harmless, where bytes lie, who may fetch them."""
