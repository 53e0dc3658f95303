"""What the demo's shop gives its members, written through the services like everything else.

`offers.load` is named in `DEMO_OFFERS`; `coupons`, `rewards` and `gifts` are its parts.
"""
