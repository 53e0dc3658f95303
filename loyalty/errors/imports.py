"""Refusals about files and the members that they name."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class UnreadableFile(DomainError):
    code = "unreadable_file"
    status = 422
    message = _("%(file)s cannot be read: %(reason)s Nothing was applied.")


class MemberNotFound(DomainError):
    code = "member_not_found"
    status = 422
    message = _("No member is found for “%(text)s”.")


class SeveralMembersFound(DomainError):
    code = "several_members_found"
    status = 422
    message = _("Several members are found for “%(text)s”: write the card number.")


class ImportUnderWay(DomainError):
    code = "import_under_way"
    message = _("%(file)s is being imported by another process now.")


class ErrorFileUnusable(DomainError):
    code = "error_file_unusable"
    status = 422
    message = _("Refused invoices cannot be written to %(file)s: %(reason)s")


class UnknownFormat(DomainError):
    code = "unknown_format"
    status = 422
    message = _("There is no format called “%(name)s”. Known: %(known)s.")


class ActivationReasonMissing(DomainError):
    code = "activation_reason_missing"
    status = 422
    message = _("Say why: letting points be spent early needs a reason.")
