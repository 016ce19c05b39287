"""Verdicts tell whether the national team gave them; what was said before counts as said by those who manage applications."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0040_search_columns")]

    operations = [
        migrations.AddField(
            model_name="verdict", name="by_national", field=models.BooleanField(default=False)
        ),
    ]
