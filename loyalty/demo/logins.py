"""How to sign in to the demo. Known to everyone: the demo is no place for anything real."""

OPERATOR = "operator"
MEMBER_PHONE = "138 0000 2468"
MEMBER_EMAIL = "lin.xiaowen@example.com"
PASSWORD = "tea-at-four"  # noqa: S105
