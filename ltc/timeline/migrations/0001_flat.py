import django.db.models.deletion
import ltc.tenancy.constraints
import ltc.tenancy.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('timeline', '0001_initial'), ('timeline', '0002_entries_of_a_kind_in_time')]

    initial = True

    dependencies = [
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('at', models.DateTimeField()),
                ('written_at', models.DateTimeField(auto_now_add=True)),
                ('subject_type', models.CharField(max_length=60)),
                ('subject', models.UUIDField()),
                ('kind', models.CharField(choices=[('transition', 'Change of state'), ('note', 'Note'), ('activity', 'Activity'), ('system', 'System')], max_length=10)),
                ('name', models.CharField(blank=True, max_length=60)),
                ('from_state', models.CharField(blank=True, max_length=30)),
                ('to_state', models.CharField(blank=True, max_length=30)),
                ('actor_kind', models.CharField(max_length=6)),
                ('actor', models.UUIDField(null=True)),
                ('actor_name', models.CharField(max_length=120)),
                ('body', models.TextField(blank=True, max_length=20000)),
                ('data', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name_plural': 'entries',
                'indexes': [models.Index(fields=['tenant', 'subject', '-at', '-id'], name='timeline_of_a_record'), models.Index(fields=['tenant', 'subject_type', 'name', 'at'], name='timeline_of_a_step'), models.Index(fields=['tenant', 'subject_type', 'at'], name='timeline_of_a_kind')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='timeline_entry_tenant_key'), ltc.tenancy.constraints.RowLevelSecurity(name='timeline_entry_own_tenant_only'), ltc.tenancy.constraints.AppendOnly(name='timeline_entry_append_only')],
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('at', models.DateTimeField()),
                ('actor', models.CharField(blank=True, max_length=60)),
                ('request', models.CharField(blank=True, max_length=60)),
                ('table_name', models.CharField(max_length=63)),
                ('row', models.CharField(max_length=40)),
                ('operation', models.CharField(max_length=6)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant', 'row', '-id'], name='changes_of_a_row'), models.Index(fields=['tenant', 'at'], name='changes_by_time')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='timeline_change_tenant_key'), ltc.tenancy.constraints.RowLevelSecurity(name='timeline_change_own_tenant_only'), ltc.tenancy.constraints.AppendOnly(name='timeline_change_append_only')],
            },
        ),
    ]
