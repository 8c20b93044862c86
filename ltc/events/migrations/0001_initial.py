import django.db.models.deletion
import ltc.tenancy.constraints
import ltc.tenancy.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Work',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('kind', models.CharField(max_length=60)),
                ('key', models.CharField(max_length=200)),
                ('payload', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('done', 'Done'), ('dead', 'Given up'), ('cancelled', 'Cancelled')], default='pending', max_length=9)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('available_at', models.DateTimeField()),
                ('nudged_at', models.DateTimeField(null=True)),
                ('nudges', models.PositiveIntegerField(default=0)),
                ('last_error', models.TextField(blank=True, max_length=2000)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['tenant', 'available_at'], name='work_pending'), models.Index(fields=['tenant', 'kind', 'done_at'], name='work_history')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='events_work_tenant_key'), models.UniqueConstraint(fields=('tenant', 'kind', 'key'), name='work_once_per_kind_and_key'), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'done', 'dead', 'cancelled'])), name='work_state_is_legal'), ltc.tenancy.constraints.RowLevelSecurity(name='events_work_own_tenant_only')],
            },
        ),
        migrations.CreateModel(
            name='Clockwork',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('ticked_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='there_is_one_clockwork')],
                'indexes': [],
            },
        ),
    ]
