"""Re-date runs: previewed, confirmed, applied in ranges by any number of workers."""
