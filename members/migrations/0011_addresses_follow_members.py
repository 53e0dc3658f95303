"""Logins from before get their member's address, which allauth keeps a copy of."""

from django.db import migrations


def follow(apps, schema_editor):
    member_model = apps.get_model("members", "Member")
    address_model = apps.get_model("account", "EmailAddress")
    with_login = member_model.objects.filter(user__isnull=False, email__isnull=False)
    known = set(address_model.objects.values_list("email", flat=True))
    rows = (
        address_model(user_id=user_id, email=email, verified=True, primary=True)
        for user_id, email in with_login.values_list("user_id", "email").iterator(2_000)
        if email not in known
    )
    address_model.objects.bulk_create(rows, batch_size=1_000)


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0010_codes_and_consent_texts"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(follow, migrations.RunPython.noop)]
