"""Certificates of authorities other than the platform's own."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0070_external_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='certificate',
            name='authority',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
    ]
