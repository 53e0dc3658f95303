"""Bases that rows of every floor share."""

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class AppendOnly(models.Model):
    """A row that is written once: the database refuses UPDATE and DELETE by trigger."""

    is_append_only: ClassVar[bool] = True

    class Meta:
        abstract = True


def in_active_language(english: str, chinese: str) -> str:
    """The Chinese text where Chinese is read and there is one, else the English."""
    is_chinese = (get_language() or "").startswith("zh")
    return chinese if is_chinese and chinese else english


class Named(models.Model):
    """A row that operators name in both languages of the programme."""

    name_en = models.CharField(_("name in English"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        """The name in the active language, English where there is no Chinese one."""
        return in_active_language(self.name_en, self.name_zh)

    def __str__(self) -> str:
        return self.name
