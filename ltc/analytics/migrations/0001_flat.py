import django.db.models.deletion
import ltc.tenancy.constraints
import ltc.tenancy.fields
import ltc.tenancy.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('analytics', '0001_initial'), ('analytics', '0002_roll_up_state_and_snapshots'), ('analytics', '0003_figures')]

    initial = True

    dependencies = [
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='FunnelDay',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('day', models.DateField()),
                ('channel', models.CharField(max_length=60)),
                ('step', models.CharField(max_length=30)),
                ('count', models.PositiveIntegerField()),
                ('amount', models.DecimalField(decimal_places=4, default=0, max_digits=20)),
                ('days', models.DecimalField(decimal_places=4, default=0, max_digits=14)),
                ('counted_at', models.DateTimeField()),
            ],
            options={
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='analytics_funnelday_tenant_key'), models.UniqueConstraint(fields=('tenant', 'day', 'channel', 'step'), name='one_funnel_row_per_day_channel_and_step'), ltc.tenancy.constraints.RowLevelSecurity(name='analytics_funnelday_own_tenant_only')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='RollUp',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('name', models.CharField(max_length=30)),
                ('seen_until', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='analytics_rollup_tenant_key'), models.UniqueConstraint(fields=('tenant', 'name'), name='one_state_per_roll_up'), ltc.tenancy.constraints.RowLevelSecurity(name='analytics_rollup_own_tenant_only')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='MetricSnapshot',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('code', models.CharField(max_length=60)),
                ('first', models.DateField()),
                ('last', models.DateField()),
                ('dims', models.JSONField(default=dict)),
                ('dims_hash', models.CharField(max_length=16)),
                ('value', models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                ('numerator', models.DecimalField(decimal_places=6, max_digits=30, null=True)),
                ('denominator', models.DecimalField(decimal_places=6, max_digits=30, null=True)),
                ('table', models.JSONField(null=True)),
                ('flags', models.JSONField(default=list)),
                ('as_of', models.DateTimeField()),
                ('as_of_date', models.DateField()),
                ('written_at', models.DateTimeField()),
            ],
            options={
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='analytics_metricsnapshot_tenant_key'), models.UniqueConstraint(fields=('tenant', 'code', 'first', 'last', 'dims_hash', 'as_of_date'), name='one_snapshot_per_metric_and_close'), models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='a_snapshots_period_ends_after_it_starts'), ltc.tenancy.constraints.RowLevelSecurity(name='analytics_metricsnapshot_own_tenant_only'), ltc.tenancy.constraints.AppendOnly(name='analytics_metricsnapshot_append_only')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Figure',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('code', models.CharField(max_length=60)),
                ('first', models.DateField()),
                ('last', models.DateField()),
                ('value', models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                ('numerator', models.DecimalField(decimal_places=6, max_digits=30, null=True)),
                ('denominator', models.DecimalField(decimal_places=6, max_digits=30, null=True)),
                ('table', models.JSONField(null=True)),
                ('flags', models.JSONField(default=list)),
                ('slices', models.JSONField(default=dict)),
                ('counted', models.PositiveIntegerField(default=0)),
                ('counted_at', models.DateTimeField()),
            ],
            options={
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='analytics_figure_tenant_key'), models.UniqueConstraint(fields=('tenant', 'code', 'first', 'last'), name='one_figure_per_metric_and_period'), models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='a_figures_period_ends_after_it_starts'), ltc.tenancy.constraints.RowLevelSecurity(name='analytics_figure_own_tenant_only')],
                'indexes': [],
            },
        ),
    ]
