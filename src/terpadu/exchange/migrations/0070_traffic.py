"""Exchanges counted by hour and day."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0060_events'),
    ]

    operations = [
        migrations.CreateModel(
            name='TrafficCount',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('span', models.CharField(choices=[('hour', 'By hour'), ('day', 'By day')], max_length=4)),
                ('begin_at', models.DateTimeField()),
                ('side', models.CharField(max_length=3)),
                ('consumer', models.CharField(max_length=20)),
                ('reader', models.CharField(max_length=20)),
                ('provider', models.CharField(max_length=20)),
                ('service', models.CharField(max_length=100)),
                ('operation', models.CharField(blank=True, max_length=100)),
                ('outcome', models.CharField(choices=[('asked', 'Asked, no answer yet'), ('answered', 'Answered'), ('refused', 'Refused, no data given'), ('failed', 'Failed, no data given')], max_length=10)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('calls', models.PositiveBigIntegerField()),
                ('timed', models.PositiveBigIntegerField()),
                ('total_ms', models.PositiveBigIntegerField()),
                ('within', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ],
            options={
                'indexes': [models.Index(fields=['provider', 'side', 'span', 'begin_at'], name='traffic_by_provider'), models.Index(fields=['reader', 'side', 'span', 'begin_at'], name='traffic_by_reader')],
                'constraints': [models.UniqueConstraint(fields=('span', 'begin_at', 'side', 'provider', 'service', 'reader', 'consumer', 'operation', 'outcome', 'error_code'), name='traffic_count_once')],
            },
        ),
    ]
