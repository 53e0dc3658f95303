"""Every change to what members get."""
