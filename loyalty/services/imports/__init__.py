"""Files of purchases: read and staged whole, checked set-wise, applied in order."""
