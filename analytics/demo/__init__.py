"""The demo's figures: what members did in the portal, and the nights that would have seen it.

`visits` draws and records the portal's days, `care` runs the nights of past weeks and acts on what
they found, `wishes` writes what operators want: weights, targets, segments, an announcement.
"""
