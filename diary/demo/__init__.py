"""Made-up people and diaries, the same for the same seed. Nobody here is real, and nothing here is advice."""
