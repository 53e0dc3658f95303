"""Changing the ladder: drafted, previewed over all members, applied in ranges by any workers."""
