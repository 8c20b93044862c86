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
            name='NumberSequence',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('series', models.CharField(blank=True, max_length=20, verbose_name='Series')),
                ('doc_type', models.CharField(max_length=30, verbose_name='Document type')),
                ('period_key', models.CharField(max_length=10, verbose_name='Period')),
                ('prefix', models.CharField(max_length=10, verbose_name='Prefix')),
                ('pattern', models.CharField(default='{prefix}-{yyyy}-{seq:06d}', max_length=60, verbose_name='Pattern')),
                ('gap_free', models.BooleanField(verbose_name='Without gaps')),
                ('next_value', models.PositiveBigIntegerField(default=1, verbose_name='Next number')),
            ],
            options={
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='numbering_numbersequence_tenant_key'), models.UniqueConstraint(fields=('tenant', 'series', 'doc_type', 'period_key'), name='one_number_sequence_per_period'), models.CheckConstraint(condition=models.Q(('next_value__gte', 1)), name='numbers_start_at_one'), ltc.tenancy.constraints.RowLevelSecurity(name='numbering_numbersequence_own_tenant_only')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='NumberBlock',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('series', models.CharField(blank=True, max_length=20)),
                ('doc_type', models.CharField(max_length=30)),
                ('period_key', models.CharField(max_length=10)),
                ('next_value', models.PositiveBigIntegerField()),
                ('last_value', models.PositiveBigIntegerField()),
            ],
            options={
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='numbering_numberblock_tenant_key'), models.UniqueConstraint(fields=('tenant', 'series', 'doc_type', 'period_key', 'last_value'), name='number_blocks_do_not_repeat'), models.CheckConstraint(condition=models.Q(('next_value__lte', models.F('last_value'))), name='a_number_block_is_not_used_up'), ltc.tenancy.constraints.RowLevelSecurity(name='numbering_numberblock_own_tenant_only')],
                'indexes': [],
            },
        ),
    ]
