from django.db import migrations

from terpadu.kernel.clock import now


def arm(apps, schema_editor):
    """Set the daily timer for the first time; its handler sets it anew each day."""
    timers = apps.get_model("kernel", "Timer").objects
    timers.get_or_create(kind="identity.tries_purge", key="daily", defaults={"due_at": now()})


class Migration(migrations.Migration):

    dependencies = [("identity", "0001_initial"), ("kernel", "0001_initial")]

    operations = [migrations.RunPython(arm, migrations.RunPython.noop)]
