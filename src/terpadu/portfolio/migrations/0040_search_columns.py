"""Columns that make every search quick: stems of the words, codes with all above them, the whole cost."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.search import SearchVector
from django.db import migrations, models

from terpadu.portfolio.rules.records import code_paths
from terpadu.portfolio.rules.stems import stems

CHUNK = 1000
FIELDS = ["code_paths", "cost_total", "name_stems", "text_stems"]


def fill(apps, schema_editor):
    application, cost = apps.get_model("portfolio", "Application"), apps.get_model("portfolio", "Cost")
    totals = dict(
        cost.objects.order_by().values("application").annotate(whole=models.Sum("rupiah")).values_list("application", "whole")
    )
    rows = []
    for row in application.objects.iterator(chunk_size=CHUNK):
        row.code_paths = list(code_paths(vars(row)))
        row.cost_total = totals.get(row.id)
        row.name_stems = stems(f"{row.name} {row.short_name}")
        row.text_stems = stems(f"{row.function} {row.description}")
        rows.append(row)
        if len(rows) == CHUNK:
            application.objects.bulk_update(rows, FIELDS)
            rows = []
    application.objects.bulk_update(rows, FIELDS)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0030_clearance")]

    operations = [
        migrations.RemoveIndex(model_name="application", name="application_search"),
        migrations.RemoveIndex(model_name="application", name="application_short_trgm"),
        migrations.RemoveIndex(model_name="application", name="application_ral"),
        migrations.RemoveIndex(model_name="application", name="application_rad"),
        migrations.RemoveField(model_name="application", name="search"),
        migrations.AddField(
            model_name="application",
            name="code_paths",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="cost_total",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="application", name="name_stems", field=models.TextField(blank=True, db_default="")
        ),
        migrations.AddField(
            model_name="application", name="text_stems", field=models.TextField(blank=True, db_default="")
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AddField(
            model_name="application",
            name="search",
            field=models.GeneratedField(
                db_persist=True,
                expression=SearchVector("name", "short_name", "name_stems", config="simple", weight="A")
                + SearchVector("function", "text_stems", config="simple", weight="B")
                + SearchVector("description", config="simple", weight="C"),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="application_search"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["code_paths"], name="application_code_paths"
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["cost_total"], name="application_by_cost"),
        ),
    ]
