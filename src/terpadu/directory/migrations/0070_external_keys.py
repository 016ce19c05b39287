"""Certificates of keys that an agency keeps itself."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0002_partner_kind'),
    ]

    operations = [
        migrations.AddField(
            model_name='certificate',
            name='is_external',
            field=models.BooleanField(default=False),
        ),
    ]
