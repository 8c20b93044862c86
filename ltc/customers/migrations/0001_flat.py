import django.core.validators
import django.db.models.deletion
import ltc.customers.models.customers
import ltc.money.fields
import ltc.tenancy.constraints
import ltc.tenancy.fields
import ltc.tenancy.identifiers
import ltc.workflow.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('customers', '0001_initial'), ('customers', '0002_likeness'), ('customers', '0003_pools'), ('customers', '0004_colleagues')]

    initial = True

    dependencies = [
        ('tenancy', '0001_initial'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            sql='CREATE EXTENSION IF NOT EXISTS pg_trgm',
            reverse_sql='',
        ),
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200, verbose_name='Name')),
                ('name_en', models.CharField(blank=True, max_length=200, verbose_name='English name')),
                ('normalized_name', models.CharField(db_collation='C', editable=False, max_length=200)),
                ('likeness_name', models.CharField(editable=False, max_length=200)),
                ('sort_key', models.CharField(db_collation='C', editable=False, max_length=1400)),
                ('initials', models.CharField(db_collation='C', editable=False, max_length=200)),
                ('state', ltc.workflow.fields.StateField(choices=[('prospect', 'Prospect'), ('active', 'Active'), ('dormant', 'Dormant'), ('blacklisted', 'Blacklisted'), ('merged', 'Merged')], default='prospect', max_length=30, verbose_name='State')),
                ('state_before_blacklist', models.CharField(blank=True, editable=False, max_length=30)),
                ('kind', models.CharField(choices=[('company', 'Company'), ('person', 'Individual'), ('government', 'Authority'), ('institution', 'Institution')], default='company', max_length=12, verbose_name='Kind')),
                ('uscc', models.CharField(blank=True, max_length=18, verbose_name='Unified social credit code')),
                ('tax_id', models.CharField(blank=True, max_length=40, verbose_name='Tax number')),
                ('industry', models.CharField(blank=True, max_length=60, verbose_name='Industry')),
                ('size_employees', models.PositiveIntegerField(blank=True, null=True, verbose_name='Employees')),
                ('enterprise_class', models.CharField(choices=[('large', 'Large enterprise'), ('medium', 'Medium-sized enterprise'), ('small', 'Small enterprise'), ('micro', 'Micro enterprise'), ('government', 'Public sector'), ('unknown', 'Unknown')], default='unknown', max_length=12, verbose_name='Size class')),
                ('region', models.CharField(blank=True, max_length=80, verbose_name='Region')),
                ('country', models.CharField(blank=True, max_length=2, validators=[django.core.validators.RegexValidator('^[A-Z]{2}$', 'Give the country by two letters, such as CN.')], verbose_name='Country')),
                ('time_zone', models.CharField(blank=True, max_length=64, validators=[ltc.customers.models.customers.validate_time_zone], verbose_name='Time zone')),
                ('language', models.CharField(blank=True, max_length=10, verbose_name='Language')),
                ('currency_default', ltc.money.fields.CurrencyField(blank=True, verbose_name='Currency')),
                ('owner', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.membership', verbose_name='Owner')),
                ('team', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.team', verbose_name='Team')),
                ('source_channel_code', models.CharField(blank=True, max_length=40, verbose_name='Channel')),
                ('origin', models.CharField(blank=True, max_length=40, verbose_name='Origin')),
                ('credit_limit', ltc.money.fields.AmountField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='Credit limit')),
                ('credit_hold', models.BooleanField(default=False, editable=False, verbose_name='Credit hold')),
                ('credit_hold_reason', models.CharField(blank=True, editable=False, max_length=300, verbose_name='Reason of the hold')),
                ('blacklist_reason', models.CharField(blank=True, editable=False, max_length=300, verbose_name='Reason of the blacklisting')),
                ('invoice_title', models.CharField(blank=True, max_length=200, verbose_name='Invoice title')),
                ('merged_into', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_from', to='customers.customer')),
                ('last_activity_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Last activity')),
                ('first_order_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='First order')),
                ('owned_since', models.DateTimeField(editable=False, null=True)),
                ('state_changed_at', models.DateTimeField(editable=False, null=True)),
                ('protected_until', models.DateField(editable=False, null=True, verbose_name='Protected until')),
                ('source_system', models.CharField(blank=True, max_length=40)),
                ('external_ref', models.CharField(blank=True, max_length=100)),
            ],
            options={
                'ordering': ['sort_key', 'id'],
                'indexes': [models.Index(fields=['tenant', 'sort_key', 'id'], name='customers_in_order'), models.Index(fields=['tenant', 'initials'], name='customers_by_initials'), models.Index(fields=['tenant', 'normalized_name'], name='customers_by_name'), models.Index(fields=['tenant', 'owner'], name='customers_customer_48d70e_fk'), models.Index(fields=['tenant', 'team'], name='customers_customer_4ced9d_fk'), models.Index(fields=['tenant', 'merged_into'], name='customers_customer_1ea744_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='customers_customer_tenant_key'), models.UniqueConstraint(condition=models.Q(models.Q(('uscc', ''), _negated=True), models.Q(('state', 'merged'), _negated=True)), fields=('tenant', 'uscc'), name='customer_uscc_is_unique', violation_error_message='There is a customer with this credit code.'), models.UniqueConstraint(condition=models.Q(('external_ref', ''), _negated=True), fields=('tenant', 'source_system', 'external_ref'), name='customer_external_ref_is_unique'), models.CheckConstraint(condition=models.Q(('credit_limit__isnull', True), ('credit_limit__gte', 0), _connector='OR'), name='credit_limit_is_not_negative'), models.CheckConstraint(condition=models.Q(('credit_hold', False), models.Q(('credit_hold_reason', ''), _negated=True), _connector='OR'), name='a_credit_hold_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('merged_into__isnull', False), ('state', 'merged')), models.Q(models.Q(('state', 'merged'), _negated=True), ('merged_into__isnull', True)), _connector='OR'), name='a_merged_customer_has_a_survivor'), models.CheckConstraint(condition=models.Q(('state__in', ['prospect', 'active', 'dormant', 'blacklisted', 'merged'])), name='customers_customer_state_is_legal'), ltc.tenancy.constraints.TenantFK('owner', name='customers_customer_owner_same_tenant'), ltc.tenancy.constraints.TenantFK('team', name='customers_customer_team_same_tenant'), ltc.tenancy.constraints.TenantFK('merged_into', name='customers_customer_merged_into_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='customers_customer_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='customers_customer_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='CustomerTeamMember',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('customer', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='team_members', to='customers.customer', verbose_name='Customer')),
                ('member', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='users.membership', verbose_name='Member')),
            ],
            options={
                'indexes': [models.Index(fields=['tenant', 'customer'], name='customers_customerte_5ca3b8_fk'), models.Index(fields=['tenant', 'member'], name='customers_customerte_da7294_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='customers_customerteammember_tenant_key'), models.UniqueConstraint(fields=('tenant', 'customer', 'member'), name='colleague_joins_a_customer_once'), ltc.tenancy.constraints.TenantFK('customer', name='customers_customerteammember_customer_same_tenant'), ltc.tenancy.constraints.TenantFK('member', name='customers_customerteammember_member_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='customers_customerteammember_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='customers_customerteammember_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('customer', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='customers.customer', verbose_name='Customer')),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('title', models.CharField(blank=True, max_length=120, verbose_name='Job title')),
                ('seniority', models.CharField(choices=[('decision_maker', 'Decision maker'), ('manager', 'Manager'), ('engineer', 'Engineer'), ('other', 'Other')], default='other', max_length=14, verbose_name='Seniority')),
                ('phone', models.CharField(blank=True, max_length=30, verbose_name='Phone')),
                ('email', models.CharField(blank=True, max_length=254, verbose_name='E-mail')),
                ('is_billing', models.BooleanField(default=False, verbose_name='Gets invoices')),
                ('is_dunning', models.BooleanField(default=False, verbose_name='Gets reminders')),
                ('language', models.CharField(blank=True, max_length=10, verbose_name='Language')),
                ('consent_marketing', models.CharField(choices=[('unknown', 'Unknown'), ('given', 'Consented'), ('withdrawn', 'Consent withdrawn')], default='unknown', max_length=9, verbose_name='Marketing consent')),
                ('consent_at', models.DateTimeField(blank=True, null=True, verbose_name='Consent changed')),
                ('email_status', models.CharField(choices=[('ok', 'Reachable'), ('soft_bounce', 'Not reachable for now'), ('hard_bounce', 'Does not exist')], default='ok', max_length=11, verbose_name='E-mail works')),
            ],
            options={
                'ordering': ['created_at', 'id'],
                'indexes': [models.Index(condition=models.Q(('phone', ''), _negated=True), fields=['tenant', 'phone'], name='contacts_by_phone'), models.Index(condition=models.Q(('email', ''), _negated=True), fields=['tenant', 'email'], name='contacts_by_email'), models.Index(fields=['tenant', 'customer'], name='customers_contact_09f7aa_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='customers_contact_tenant_key'), models.CheckConstraint(condition=models.Q(('phone', ''), ('phone__startswith', '+'), _connector='OR'), name='contact_phone_is_international'), ltc.tenancy.constraints.TenantFK('customer', name='customers_contact_customer_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='customers_contact_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='customers_contact_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='CustomerAddress',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('customer', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='addresses', to='customers.customer', verbose_name='Customer')),
                ('kind', models.CharField(choices=[('bill', 'Billing address'), ('ship', 'Shipping address'), ('site', 'Site')], max_length=4, verbose_name='Kind')),
                ('lines', models.TextField(max_length=500, verbose_name='Address')),
                ('region', models.CharField(blank=True, max_length=80, verbose_name='Region')),
                ('receiver', models.CharField(blank=True, max_length=120, verbose_name='Receiver')),
                ('phone', models.CharField(blank=True, max_length=30, verbose_name='Phone')),
            ],
            options={
                'verbose_name_plural': 'customer addresses',
                'ordering': ['kind', 'id'],
                'indexes': [models.Index(fields=['tenant', 'customer'], name='customers_customerad_683496_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='customers_customeraddress_tenant_key'), ltc.tenancy.constraints.TenantFK('customer', name='customers_customeraddress_customer_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='customers_customeraddress_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='customers_customeraddress_change_logged')],
            },
        ),
    ]
