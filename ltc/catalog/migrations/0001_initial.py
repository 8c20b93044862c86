import django.core.validators
import django.db.models.deletion
import ltc.money.fields
import ltc.tenancy.constraints
import ltc.tenancy.fields
import ltc.tenancy.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('money', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('sku', models.CharField(max_length=60, verbose_name='SKU')),
                ('name', models.CharField(max_length=200, verbose_name='Name')),
                ('name_en', models.CharField(blank=True, max_length=200, verbose_name='English name')),
                ('spec', models.CharField(blank=True, max_length=300, verbose_name='Specification')),
                ('uom', models.CharField(max_length=20, verbose_name='Unit')),
                ('kind', models.CharField(choices=[('goods', 'Goods'), ('service', 'Service'), ('subscription', 'Subscription'), ('project', 'Project')], default='goods', max_length=12, verbose_name='Kind')),
                ('tax_code', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='money.taxcode', verbose_name='Tax code')),
                ('list_price', ltc.money.fields.UnitPriceField(help_text='Per unit, without tax.', validators=[django.core.validators.MinValueValidator(0)], verbose_name='List price')),
                ('currency', ltc.money.fields.CurrencyField(verbose_name='Currency')),
                ('standard_cost', ltc.money.fields.UnitPriceField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='Standard cost')),
                ('lead_time_days', models.PositiveIntegerField(default=0, verbose_name='Lead time in days')),
                ('active', models.BooleanField(default=True, verbose_name='On sale')),
                ('source_system', models.CharField(blank=True, max_length=40)),
                ('external_ref', models.CharField(blank=True, max_length=100)),
            ],
            options={
                'ordering': ['sku'],
                'indexes': [models.Index(fields=['tenant', 'name'], name='product_by_name'), models.Index(fields=['tenant', 'tax_code'], name='catalog_product_e4be09_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='catalog_product_tenant_key'), models.UniqueConstraint(fields=('tenant', 'sku'), name='product_sku_is_unique', violation_error_message='There is a product with this SKU.'), models.UniqueConstraint(condition=models.Q(('external_ref', ''), _negated=True), fields=('tenant', 'source_system', 'external_ref'), name='product_external_ref_is_unique'), models.CheckConstraint(condition=models.Q(('list_price__gte', 0)), name='product_list_price_is_not_negative'), models.CheckConstraint(condition=models.Q(('standard_cost__isnull', True), ('standard_cost__gte', 0), _connector='OR'), name='product_cost_is_not_negative'), ltc.tenancy.constraints.TenantFK('tax_code', name='catalog_product_tax_code_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='catalog_product_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='catalog_product_change_logged')],
            },
        ),
    ]
