"""When persons see exchanges about them, the supervisor's looks, and joining with four eyes."""

import django.contrib.postgres.fields
import django.db.models.deletion
import terpadu.kernel.clock
import terpadu.kernel.ids
from django.db import migrations, models


SHOWN_AT_ONCE = """
update exchange_trailrow set disclosed_from = at;
update exchange_trailrow set disclosed_from = null, disclosure = 'supervisor'
  where grant_hash in (select grant_hash from exchange_grant where properties ? 'disclosure');
"""
"""Rules of an earlier form are not understood any more, and what is not understood shows nothing."""
FINAL = """
create function exchange_row_is_final() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;
create trigger exchange_grant_final before update or delete on exchange_grant
  for each row execute function exchange_row_is_final();
create trigger exchange_closed_case_final before update or delete on exchange_closedcase
  for each row execute function exchange_row_is_final();
create trigger exchange_look_final before update or delete on exchange_supervisorlook
  for each row execute function exchange_row_is_final();
"""
NOT_FINAL = """
drop trigger exchange_grant_final on exchange_grant;
drop trigger exchange_closed_case_final on exchange_closedcase;
drop trigger exchange_look_final on exchange_supervisorlook;
drop function exchange_row_is_final();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0070_external_keys'),
        ('exchange', '0070_traffic'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClosedCase',
            fields=[
                ('id', models.UUIDField(default=terpadu.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('reader', models.CharField(max_length=20)),
                ('reference', models.CharField(max_length=200)),
                ('closed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='JoiningRequest',
            fields=[
                ('id', models.UUIDField(default=terpadu.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('certificate_request', models.TextField(blank=True)),
                ('state', models.CharField(choices=[('waiting', 'Waits for a second person'), ('approved', 'Approved'), ('refused', 'Refused')], default='waiting', max_length=10)),
                ('asked_by', models.UUIDField()),
                ('asked_at', models.DateTimeField(default=terpadu.kernel.clock.now)),
                ('decided_by', models.UUIDField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('certificate', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='SupervisorLook',
            fields=[
                ('id', models.UUIDField(default=terpadu.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=terpadu.kernel.clock.now)),
                ('scope', models.CharField(choices=[('overview', 'The overview'), ('agreement', 'The readings of an agreement, without persons'), ('person', "A person's readings")], max_length=10)),
                ('person_id', models.UUIDField()),
                ('position', models.CharField(max_length=64)),
                ('agency', models.CharField(max_length=60)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('subject', models.CharField(blank=True, max_length=64)),
                ('transactions', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
            ],
        ),
        migrations.AddField(
            model_name='trailrow',
            name='disclosed_from',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='trailrow',
            name='disclosure',
            field=models.CharField(choices=[('now', 'At once'), ('delayed', 'From a later date'), ('closed', 'When the case is closed'), ('supervisor', 'Never; only the data protection supervisor sees it')], default='now', max_length=10),
        ),
        migrations.AddIndex(
            model_name='trailrow',
            index=models.Index(condition=models.Q(('disclosure', 'now'), _negated=True), fields=['grant_hash', '-at', '-id'], name='trail_kept_back'),
        ),
        migrations.AddConstraint(
            model_name='closedcase',
            constraint=models.UniqueConstraint(fields=('reader', 'reference'), name='closed_case_once'),
        ),
        migrations.AddField(
            model_name='joiningrequest',
            name='agency',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.agency'),
        ),
        migrations.AddIndex(
            model_name='supervisorlook',
            index=models.Index(fields=['-at', '-id'], name='supervisor_look_newest'),
        ),
        migrations.AddIndex(
            model_name='supervisorlook',
            index=models.Index(condition=models.Q(('subject', ''), _negated=True), fields=['subject'], name='supervisor_look_at'),
        ),
        migrations.AddConstraint(
            model_name='supervisorlook',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('scope', 'person'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='supervisor_look_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='joiningrequest',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='joining_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='joiningrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('agency',), name='joining_waits_once'),
        ),
        migrations.RunSQL(SHOWN_AT_ONCE, migrations.RunSQL.noop),
        migrations.RunSQL(FINAL, NOT_FINAL),
    ]
