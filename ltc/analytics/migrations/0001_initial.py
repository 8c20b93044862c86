import django.db.models.deletion
import ltc.tenancy.constraints
import ltc.tenancy.fields
import ltc.tenancy.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):

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
    ]
