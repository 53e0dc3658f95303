"""The demo: a shop of five towns, its members and a year of what they did, drawn from a seed.

`people` and `shopping` say who and what there may be, `story` what is told of single members,
`history` draws it all without looking at database or clock, `loading` takes it through the
services.
"""
