import ltc.tenancy.constraints
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Tenant',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('code', models.SlugField(max_length=40, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('sales_motion', models.CharField(choices=[('b2b', 'Leads and opportunities'), ('b2c_direct', 'Leads straight to orders')], default='b2b', max_length=12)),
                ('locale', models.CharField(choices=[('en', 'English'), ('zh-hans', '简体中文')], default='en', max_length=10)),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('base_currency', models.CharField(default='USD', max_length=3)),
                ('fiscal_year_start_month', models.PositiveSmallIntegerField(default=1)),
                ('settings', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('trial', 'Trial'), ('active', 'Active'), ('suspended', 'Suspended'), ('closed', 'Closed')], default='active', max_length=10)),
                ('is_demo', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [ltc.tenancy.constraints.ReferenceTable(name='tenancy_tenant_reference'), ltc.tenancy.constraints.TriggerFunctions(name='tenancy_trigger_functions'), models.CheckConstraint(condition=models.Q(('fiscal_year_start_month__range', (1, 12))), name='tenant_fiscal_year_starts_in_a_month')],
                'indexes': [],
            },
        ),
    ]
