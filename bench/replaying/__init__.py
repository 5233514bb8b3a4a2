"""A clinic with as many stored entries as one likes, and the limit that a replay of them is held against."""
