"""Where people sign in, join, change what they sign in with, and read what they are told."""

from django.urls import path

from members import views
from members.views import (
    codes,
    erasure,
    joining,
    me,
    passwords,
    privacy,
    second_step,
    sign_in_settings,
    terms,
)
from members.views import (
    wechat as wechat_views,
)

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="account_login"),
    path("login/code/", codes.request_code, name="request_code"),
    path("login/second-step/", second_step.authenticate, name="mfa_authenticate"),
    path("logout/", views.LogoutView.as_view(), name="account_logout"),
    path("join/", joining.join, name="account_signup"),
    path("join/details/", joining.join_details, name="join_details"),
    path("code/", codes.enter_code, name="enter_code"),
    path("code/again/", codes.send_again, name="send_again"),
    path("password/forgot/", passwords.forgot_password, name="account_reset_password"),
    path("password/new/", passwords.new_password, name="new_password"),
    path("wechat/", wechat_views.wechat_login, name="weixin_login"),
    path("wechat/callback/", wechat_views.wechat_callback, name="weixin_callback"),
    path("account/", sign_in_settings.sign_in_settings, name="sign_in_settings"),
    path(
        "account/phone/",
        sign_in_settings.change_contact,
        {"channel": "sms"},
        name="change_phone",
    ),
    path(
        "account/email/",
        sign_in_settings.change_contact,
        {"channel": "email"},
        name="change_email",
    ),
    path("account/password/", passwords.change_password, name="account_change_password"),
    path("account/confirm/", views.ReauthenticateView.as_view(), name="account_reauthenticate"),
    path("account/confirm/code/", codes.confirm_by_code, name="confirm_by_code"),
    path("account/confirm/second-step/", second_step.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-step/", sign_in_settings.to_settings, name="mfa_index"),
    path("account/second-step/on/", second_step.activate, name="mfa_activate_totp"),
    path("account/second-step/off/", second_step.deactivate, name="mfa_deactivate_totp"),
    path("account/recovery-codes/", second_step.view_codes, name="mfa_view_recovery_codes"),
    path(
        "account/recovery-codes/new/",
        second_step.new_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/recovery-codes/file/",
        second_step.download_codes,
        name="mfa_download_recovery_codes",
    ),
    path("account/wechat/", wechat_views.tie_wechat, name="tie_wechat"),
    path("account/wechat/forget/", sign_in_settings.forget_wechat, name="forget_wechat"),
    path("account/devices/", sign_in_settings.devices, name="devices"),
    path("account/devices/<int:pk>/end/", sign_in_settings.end_device, name="end_device"),
    path(
        "account/devices/end-others/",
        sign_in_settings.end_other_devices,
        name="end_other_devices",
    ),
    path("language/", views.set_language, name="set_language"),
    path("birthday/", views.birthday, name="birthday"),
    path("me/", me.me, name="me"),
    path("me/profile/", me.profile, name="profile"),
    path("me/privacy/", privacy.privacy, name="privacy"),
    path("me/privacy/consent/", privacy.set_consent, name="set_consent"),
    path("me/privacy/data.json", privacy.data_json, name="data_json"),
    path("me/privacy/data.zip", privacy.data_csv, name="data_csv"),
    path("me/terms/", terms.terms, name="terms"),
    path("me/erase/", erasure.erase, name="erase"),
    path("me/erase/keep/", erasure.keep, name="keep"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.read_notices, name="read_notices"),
]
