"""The operators' pages, asked for over HTTP."""
