"""How languages write numbers, where Django's own habit is another."""
