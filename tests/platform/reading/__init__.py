"""How easy a text is to read: a small measure of our own, and where the patients' texts are found (decision 57)."""
