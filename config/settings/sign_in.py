"""Who people are and how they sign in."""

from datetime import timedelta

from django.urls import reverse_lazy

from config.environment import env

from .programme import PROGRAMME_NAME

# --- People and sign-in ------------------------------------------------------------------

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "members.adapters.LoginBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "members.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email", "phone", "username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = reverse_lazy("account_login")
ACCOUNT_SESSION_REMEMBER = True
# allauth counts in the cache, by reading and then writing. Ours are rows: members.services.limits.
ACCOUNT_RATE_LIMITS = False
# For so many seconds whoever signed in or confirmed it is believed to be the same person still.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600

# Codes that are sent to one phone number or e-mail address, and asked for from one address, on a
# business day.
CODES_PER_CONTACT = env.int("CODES_PER_CONTACT", 10)
CODES_PER_ADDRESS = env.int("CODES_PER_ADDRESS", 100)

# Wrong passwords for one login from one address until a pause of so many minutes, which codes of
# the second step share; and from one address for whomever.
PASSWORD_TRIES = 8
PASSWORD_PAUSE_MINUTES = 15
PASSWORD_TRIES_PER_MINUTE = 30
SECOND_STEP_TRIES = 8

# Whether operators sign in with a second step; the others may.
OPERATOR_SECOND_STEP = env.bool("OPERATOR_SECOND_STEP", False)
MFA_ADAPTER = "members.second_step.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = PROGRAMME_NAME
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "members.forms.second_step.AuthenticateForm",
    "reauthenticate": "members.forms.second_step.ReauthenticateForm",
    "activate_totp": "members.forms.second_step.ActivateForm",
}

# WeChat signs people in where the programme has an app of its own there.
WEIXIN_APP_ID = env.str("WEIXIN_APP_ID", "")
WEIXIN_APP_SECRET = env.str("WEIXIN_APP_SECRET", "")
# Inside WeChat (an official account) rather than by scanning a code on a website.
WEIXIN_IN_APP = env.bool("WEIXIN_IN_APP", False)
SOCIALACCOUNT_ADAPTER = "members.wechat.SocialAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "weixin": {
        "APPS": [{"client_id": WEIXIN_APP_ID, "secret": WEIXIN_APP_SECRET, "key": ""}]
        if WEIXIN_APP_ID
        else [],
        "AUTHORIZE_URL": (
            "https://open.weixin.qq.com/connect/oauth2/authorize"
            if WEIXIN_IN_APP
            else "https://open.weixin.qq.com/connect/qrconnect"
        ),
        "SCOPE": ["snsapi_userinfo" if WEIXIN_IN_APP else "snsapi_login"],
    }
}
PHONENUMBER_DEFAULT_REGION = env.str("PHONENUMBER_DEFAULT_REGION", "CN")
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = PASSWORD_TRIES
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_COOLOFF_TIME = timedelta(minutes=PASSWORD_PAUSE_MINUTES)
AXES_RESET_ON_SUCCESS = True
# Knocking during the pause does not make it longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "members.views.locked_out"
AXES_SENSITIVE_PARAMETERS = ["login", "username", "ip_address"]
# Behind a proxy every address would be the proxy's.
AXES_CLIENT_IP_CALLABLE = "config.attempts.client_address"
