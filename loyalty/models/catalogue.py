"""What purchases are sorted by: categories of articles, channels and partners."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import Named


class ProductCategory(Named):
    """A kind of article, named by the lines of purchases."""

    code = models.SlugField(_("code"), max_length=40, unique=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("product category")
        verbose_name_plural = _("product categories")


class Channel(Named):
    """A way in which members shop: in a store, in the app, by telephone."""

    code = models.SlugField(_("code"), max_length=40, unique=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("channel")
        verbose_name_plural = _("channels")


class Partner(Named):
    """Another firm at whose tills members earn."""

    code = models.SlugField(_("code"), max_length=40, unique=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
