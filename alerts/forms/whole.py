"""Whole numbers that a link or a hidden field of ours sends back."""


def whole(text: str) -> int | None:
    """The number; None for anything else. Python itself refuses to read thousands of digits, with an error."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
