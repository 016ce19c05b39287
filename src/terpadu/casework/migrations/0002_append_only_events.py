"""Refuse changes of case events in the database itself."""

from django.db import migrations

FORWARD = """
create function casework_event_is_final() returns trigger language plpgsql as $$
begin
  raise exception 'case events are append-only' using errcode = 'integrity_constraint_violation';
end $$;
create trigger casework_event_final before update or delete on casework_caseevent
  for each row execute function casework_event_is_final();
"""
BACKWARD = """
drop trigger casework_event_final on casework_caseevent;
drop function casework_event_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
