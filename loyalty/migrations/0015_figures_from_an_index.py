from django.db import migrations, models

from common.operations import AddIndexConcurrently


class Migration(migrations.Migration):
    # The new index is built beside those who write; the old one stays until it is there.
    atomic = False

    dependencies = [("loyalty", "0014_member_multipliers")]

    operations = [
        AddIndexConcurrently(
            model_name="purchase",
            index=models.Index(fields=["member", "at", "amount"], name="purchase_member_at_amount"),
        ),
        migrations.RemoveIndex(model_name="purchase", name="purchase_member_at"),
    ]
