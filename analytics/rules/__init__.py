"""Arithmetic of analytics: lifetime models, bands and weeks, without database and clock."""
