import django.core.validators
import django.db.models.deletion
import ltc.tenancy.constraints
import ltc.tenancy.fields
import ltc.tenancy.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('automation', '0001_initial'), ('automation', '0002_saved_views')]

    initial = True

    dependencies = [
        ('tenancy', '0001_initial'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CustomField',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('entity', models.CharField(default='leads.lead', editable=False, max_length=60, verbose_name='of')),
                ('code', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('^[^\\W_][\\w-]*$', 'Use letters, digits, - and _, beginning with a letter or digit.')], verbose_name='code')),
                ('label', models.CharField(max_length=120, verbose_name='label')),
                ('kind', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('choice', 'Choice'), ('flag', 'Yes or no'), ('date', 'Date')], default='text', max_length=6, verbose_name='kind')),
                ('options', models.JSONField(blank=True, default=list, verbose_name='options')),
                ('is_feature', models.BooleanField(default=False, help_text='The learned score may look at it from the next training on.', verbose_name='used to learn from')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'attribute',
                'verbose_name_plural': 'attributes',
                'ordering': ('label', 'id'),
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='automation_customfield_tenant_key'), models.UniqueConstraint(fields=('tenant', 'entity', 'code'), name='custom_field_code_is_unique', violation_error_message='There is an attribute with this code.'), ltc.tenancy.constraints.RowLevelSecurity(name='automation_customfield_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='automation_customfield_change_logged')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('place', models.CharField(editable=False, max_length=60)),
                ('query', models.CharField(blank=True, editable=False, max_length=2000)),
                ('owner', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='users.membership')),
                ('shared', models.BooleanField(default=False, verbose_name='for everyone')),
            ],
            options={
                'verbose_name': 'saved view',
                'verbose_name_plural': 'saved views',
                'indexes': [models.Index(fields=['tenant', 'place', 'name'], name='saved_views_of_a_list'), models.Index(fields=['tenant', 'owner'], name='automation_savedview_3a4488_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='automation_savedview_tenant_key'), models.UniqueConstraint(fields=('tenant', 'owner', 'place', 'name'), name='saved_view_name_is_unique'), ltc.tenancy.constraints.TenantFK('owner', name='automation_savedview_owner_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='automation_savedview_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='automation_savedview_change_logged')],
            },
        ),
    ]
