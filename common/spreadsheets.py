"""Text for files that people open in a spreadsheet."""

# What a spreadsheet takes for the beginning of a formula, in full width too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(text: str) -> str:
    """A cell that is read as text whatever it begins with, by an apostrophe before a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
