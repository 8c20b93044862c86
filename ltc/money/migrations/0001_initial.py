import django.db.models.deletion
import ltc.money.fields
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
            name='ExchangeRate',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('from_currency', ltc.money.fields.CurrencyField(verbose_name='From currency')),
                ('to_currency', ltc.money.fields.CurrencyField(verbose_name='To currency')),
                ('rate_date', models.DateField(verbose_name='Date')),
                ('rate', ltc.money.fields.ExchangeRateField(verbose_name='Exchange rate')),
                ('source', models.CharField(default='manual', max_length=40, verbose_name='Source')),
            ],
            options={
                'ordering': ['-rate_date', 'from_currency', 'to_currency'],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='money_exchangerate_tenant_key'), models.UniqueConstraint(fields=('tenant', 'from_currency', 'to_currency', 'rate_date', 'source'), name='one_exchange_rate_per_day_and_source'), models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='exchange_rate_is_positive'), models.CheckConstraint(condition=models.Q(('from_currency', models.F('to_currency')), _negated=True), name='exchange_rate_joins_two_currencies'), ltc.tenancy.constraints.RowLevelSecurity(name='money_exchangerate_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='money_exchangerate_change_logged')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='TaxCode',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('code', models.CharField(max_length=20, verbose_name='Code')),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('rate', ltc.money.fields.RateField(help_text='As a part of one: 13 % is 0.13.', verbose_name='Tax rate')),
                ('kind', models.CharField(choices=[('special', 'Special invoice'), ('general', 'General invoice'), ('zero', 'Zero rate'), ('exempt', 'Exempt'), ('out_of_scope', 'Outside the tax')], default='general', max_length=12, verbose_name='Kind')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='Valid from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='Valid to')),
                ('is_default', models.BooleanField(default=False, verbose_name='Default')),
            ],
            options={
                'ordering': ['-rate', 'code'],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='money_taxcode_tenant_key'), models.UniqueConstraint(fields=('tenant', 'code'), name='tax_code_is_unique'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('tenant',), name='one_default_tax_code'), models.CheckConstraint(condition=models.Q(('rate__gte', 0), ('rate__lt', 1)), name='tax_rate_in_range'), models.CheckConstraint(condition=models.Q(('rate', 0), ('kind__in', ['special', 'general']), _connector='OR'), name='only_a_taxed_kind_has_a_tax_rate'), models.CheckConstraint(condition=models.Q(('valid_from__isnull', True), ('valid_to__isnull', True), ('valid_from__lte', models.F('valid_to')), _connector='OR'), name='tax_code_ends_after_it_starts'), ltc.tenancy.constraints.RowLevelSecurity(name='money_taxcode_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='money_taxcode_change_logged')],
                'indexes': [],
            },
        ),
    ]
