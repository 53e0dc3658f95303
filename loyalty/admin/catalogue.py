"""What purchases are sorted by, as operators keep it: channels, partners, product categories."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.admin import LastingModelAdmin, display
from loyalty.models import Channel, Partner, ProductCategory


class CatalogueAdmin(LastingModelAdmin):
    """Names change as operators like; the code is what tills and files write, and stays."""

    list_display = ("shown", "code")
    fields = (("name_en", "name_zh"), "code")
    search_fields = ("code", "name_en", "name_zh")
    search_help_text = _("Code or name")

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    @display(description=pgettext_lazy("of a thing", "name"))
    def shown(self, row: Channel | Partner | ProductCategory) -> str:
        return row.name


@admin.register(Channel)
class ChannelAdmin(CatalogueAdmin):
    pass


@admin.register(Partner)
class PartnerAdmin(CatalogueAdmin):
    pass


@admin.register(ProductCategory)
class ProductCategoryAdmin(CatalogueAdmin):
    pass
