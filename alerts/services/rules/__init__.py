"""What is done to rules: drafting, reviewing, publishing, trying out, replaying."""
