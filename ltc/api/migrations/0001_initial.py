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
            name='IdempotencyKey',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('key', models.CharField(db_collation='C', max_length=255)),
                ('actor', models.UUIDField()),
                ('request', models.CharField(max_length=600)),
                ('digest', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('body', models.TextField(blank=True, max_length=2000000)),
                ('headers', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['tenant', 'created_at'], name='idempotency_keys_by_age')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='api_idempotencykey_tenant_key'), models.UniqueConstraint(fields=('tenant', 'key'), name='idempotency_key_is_unique'), ltc.tenancy.constraints.RowLevelSecurity(name='api_idempotencykey_own_tenant_only')],
            },
        ),
    ]
