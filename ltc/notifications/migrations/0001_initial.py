import django.db.models.deletion
import ltc.tenancy.constraints
import ltc.tenancy.fields
import ltc.tenancy.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_initial'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('recipient', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='users.membership')),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField(blank=True, max_length=4000)),
                ('icon', models.CharField(default='bell', max_length=40)),
                ('subject_type', models.CharField(blank=True, max_length=60)),
                ('subject', models.UUIDField(blank=True, null=True)),
                ('url', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant', 'recipient', '-id'], name='notifications_of_a_member'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['tenant', 'recipient'], name='notifications_unread'), models.Index(fields=['tenant', 'recipient'], name='notifications_notifi_1f5b2e_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='notifications_notification_tenant_key'), ltc.tenancy.constraints.TenantFK('recipient', name='notifications_notification_recipient_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='notifications_notification_own_tenant_only')],
            },
        ),
    ]
