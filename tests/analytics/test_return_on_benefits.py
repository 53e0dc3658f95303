"""What a benefit brought for what it cost: against a hold-out, else against the same members."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from analytics.reports.roi import coupon_return, reward_return
from analytics.rules.roi import advice_on, return_on
from benefits.models import CouponTemplate, Reward
from benefits.services.checkout import release_coupons, reserve_coupons, use_coupons
from benefits.services.issuing import issue_coupon
from benefits.services.redeeming import redeem_reward
from members.models import Member, Segment, SegmentMembership

from .shopping import buy, noon, programme, shopper
