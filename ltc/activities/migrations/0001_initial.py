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
            name='Activity',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('subject_type', models.CharField(max_length=60)),
                ('subject', models.UUIDField()),
                ('subject_name', models.CharField(blank=True, max_length=200)),
                ('kind', models.CharField(choices=[('call', 'Call'), ('visit', 'Visit'), ('meeting', 'Meeting'), ('email', 'E-mail'), ('wecom', 'WeCom message'), ('note', 'Note'), ('task', 'Task'), ('system', 'System')], max_length=8)),
                ('direction', models.CharField(blank=True, choices=[('in', 'From the customer'), ('out', 'To the customer')], max_length=3)),
                ('occurred_at', models.DateTimeField()),
                ('result', models.TextField(blank=True, max_length=20000)),
                ('next_action', models.CharField(blank=True, max_length=200)),
                ('next_at', models.DateTimeField(blank=True, null=True)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('assignee', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='users.membership')),
                ('owner', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='users.membership')),
                ('team', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='users.team')),
            ],
            options={
                'verbose_name_plural': 'activities',
                'indexes': [models.Index(fields=['tenant', 'subject', '-occurred_at'], name='activities_of_a_record'), models.Index(condition=models.Q(('done_at__isnull', True), ('due_at__isnull', False)), fields=['tenant', 'assignee', 'due_at'], name='activities_open_tasks'), models.Index(fields=['tenant', 'assignee'], name='activities_activity_0bb6b5_fk'), models.Index(fields=['tenant', 'owner'], name='activities_activity_6bf7c6_fk'), models.Index(fields=['tenant', 'team'], name='activities_activity_a384ff_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='activities_activity_tenant_key'), models.CheckConstraint(condition=models.Q(('kind__in', ['call', 'visit', 'meeting', 'email', 'wecom', 'note', 'task', 'system'])), name='activity_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'task'), _negated=True), ('due_at__isnull', False), _connector='OR'), name='activity_task_has_a_due_date'), ltc.tenancy.constraints.TenantFK('assignee', name='activities_activity_assignee_same_tenant'), ltc.tenancy.constraints.TenantFK('owner', name='activities_activity_owner_same_tenant'), ltc.tenancy.constraints.TenantFK('team', name='activities_activity_team_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='activities_activity_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='activities_activity_change_logged')],
            },
        ),
    ]
