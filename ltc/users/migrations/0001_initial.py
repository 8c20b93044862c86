import django.contrib.postgres.fields
import django.db.models.deletion
import ltc.tenancy.constraints
import ltc.tenancy.fields
import ltc.tenancy.identifiers
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('is_active', models.BooleanField(default=True)),
                ('is_operator', models.BooleanField(default=False)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('theme', models.CharField(choices=[('system', 'As the device'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=6)),
                ('density', models.CharField(choices=[('compact', 'Compact'), ('default', 'Default'), ('roomy', 'Roomy')], default='default', max_length=8)),
                ('date_joined', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [ltc.tenancy.constraints.ReferenceTable(name='users_user_reference')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=120)),
                ('parent', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='users.team')),
                ('path', models.CharField(editable=False, max_length=600)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant', 'parent'], name='users_team_9abc0c_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='users_team_tenant_key'), models.UniqueConstraint(fields=('tenant', 'name'), name='team_name_is_unique'), ltc.tenancy.constraints.TenantFK('parent', name='users_team_parent_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='users_team_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='users_team_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='tenancy.tenant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'workspace'), name='one_seat_per_user_and_workspace'), ltc.tenancy.constraints.ReferenceTable(name='users_seat_reference')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(max_length=120)),
                ('email', models.EmailField(max_length=254)),
                ('role', models.CharField(choices=[('rep', 'Sales representative'), ('mgr', 'Sales manager'), ('pre', 'Presales engineer'), ('dm', 'Delivery manager'), ('fin', 'Finance'), ('mkt', 'Marketing'), ('adm', 'Administrator'), ('api', 'Integration'), ('exec', 'Executive (read only)')], max_length=4)),
                ('capabilities', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('gate_reviewer', 'Gate reviewer'), ('finance_approver', 'Finance approver'), ('service_agent', 'Service agent'), ('export_pii', 'Export personal data'), ('pool_admin', 'Pool administrator')], max_length=20), blank=True, default=list, size=None)),
                ('team', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='users.team')),
                ('manager', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reports', to='users.membership')),
                ('state', models.CharField(choices=[('active', 'Active'), ('inactive', 'Inactive')], default='active', max_length=8)),
                ('capacity', models.PositiveIntegerField(default=200)),
                ('on_leave_from', models.DateField(blank=True, null=True)),
                ('on_leave_to', models.DateField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant', 'team'], name='users_membership_a2a187_fk'), models.Index(fields=['tenant', 'manager'], name='users_membership_3efc2f_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='users_membership_tenant_key'), models.UniqueConstraint(fields=('tenant', 'user'), name='one_membership_per_user'), ltc.tenancy.constraints.TenantFK('team', name='users_membership_team_same_tenant'), ltc.tenancy.constraints.TenantFK('manager', name='users_membership_manager_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='users_membership_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='users_membership_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=120)),
                ('digest', models.CharField(editable=False, max_length=64)),
                ('hint', models.CharField(editable=False, max_length=12)),
                ('role', models.CharField(choices=[('rep', 'Sales representative'), ('mgr', 'Sales manager'), ('pre', 'Presales engineer'), ('dm', 'Delivery manager'), ('fin', 'Finance'), ('mkt', 'Marketing'), ('adm', 'Administrator'), ('api', 'Integration'), ('exec', 'Executive (read only)')], default='api', max_length=4)),
                ('access', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None)),
                ('created_by', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='users.membership')),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant', 'created_by'], name='users_apikey_50f4a9_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='users_apikey_tenant_key'), models.UniqueConstraint(fields=('tenant', 'digest'), name='api_key_digest_is_unique'), ltc.tenancy.constraints.TenantFK('created_by', name='users_apikey_created_by_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='users_apikey_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='users_apikey_change_logged')],
            },
        ),
    ]
