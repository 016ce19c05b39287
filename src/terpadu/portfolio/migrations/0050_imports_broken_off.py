"""Lists tell whether the worker does them; one whose program ended halfway is marked as broken off."""

from django.db import migrations, models

from terpadu.kernel.clock import now


def arm(apps, schema_editor):
    """Set the timer for the first time; its handler sets it anew."""
    timers = apps.get_model("kernel", "Timer").objects
    timers.get_or_create(kind="portfolio.imports", key="regular", defaults={"due_at": now()})


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial"), ("portfolio", "0041_verdict_by_national")]

    operations = [
        migrations.AddField(
            model_name="importrun", name="is_queued", field=models.BooleanField(default=False)
        ),
        migrations.AlterField(
            model_name="importrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("uploaded", "Columns to confirm"),
                    ("checking", "Being checked"),
                    ("checked", "Checked, nothing written yet"),
                    ("applying", "Being written"),
                    ("done", "Done"),
                    ("failed", "Refused"),
                    ("broken_off", "Broken off"),
                ],
                default="uploaded",
                max_length=10,
            ),
        ),
        migrations.RunPython(arm, migrations.RunPython.noop),
    ]
