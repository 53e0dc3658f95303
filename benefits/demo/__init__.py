"""What the demo's shop gives its members, written through the services like everything else.

Each function of `DEMO_OFFERS` lays its part over the shop, once; `coupons`, `rewards` and `gifts`
are parts of `offers`.
"""
