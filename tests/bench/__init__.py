"""Measurements against a floor of the same run: `make bench` (docs/performance.md).

One file for each thing measured. `books` builds members with points set-wise, `contest` lets floor
and product run in turn and compares their medians, `report` prints the table and keeps the
figures in results.json, `processes` starts workers and clients. Sizes come from `sizes`.
"""
