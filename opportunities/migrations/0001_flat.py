import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import ltc.money.fields
import ltc.tenancy.constraints
import ltc.tenancy.fields
import ltc.tenancy.identifiers
import ltc.workflow.fields
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('opportunities', '0001_initial'), ('opportunities', '0002_targets')]

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('customers', '0001_flat'),
        ('leads', '0001_flat'),
        ('money', '0001_initial'),
        ('tenancy', '0001_initial'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Opportunity',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.CharField(max_length=40, verbose_name='Document number')),
                ('name', models.CharField(max_length=200, verbose_name='Name')),
                ('customer', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='customers.customer', verbose_name='Customer')),
                ('primary_contact', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='customers.contact', verbose_name='Contact')),
                ('lead', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='leads.lead', verbose_name='Lead')),
                ('channel', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='leads.channel', verbose_name='Channel')),
                ('type', models.CharField(choices=[('new_business', 'New business'), ('expansion', 'Expansion'), ('renewal', 'Renewal'), ('repeat', 'Repeat purchase')], default='new_business', max_length=12, verbose_name='Type')),
                ('stage', ltc.workflow.fields.StateField(choices=[('discovery', 'Discovery'), ('solution', 'Solution'), ('bidding', 'Bidding'), ('negotiation', 'Negotiation'), ('signing', 'Signing')], default='discovery', max_length=30, verbose_name='Stage')),
                ('state', ltc.workflow.fields.StateField(choices=[('open', 'Open'), ('suspended', 'Suspended'), ('won', 'Won'), ('lost', 'Lost'), ('cancelled', 'Cancelled')], default='open', max_length=30, verbose_name='State')),
                ('max_stage', models.CharField(choices=[('discovery', 'Discovery'), ('solution', 'Solution'), ('bidding', 'Bidding'), ('negotiation', 'Negotiation'), ('signing', 'Signing')], default='discovery', editable=False, max_length=12, verbose_name='Furthest stage')),
                ('stage_entered_at', models.DateTimeField(editable=False, verbose_name='In this stage since')),
                ('amount', ltc.money.fields.AmountField(default=Decimal('0'), help_text='What the customer would pay, tax included.', verbose_name='Amount')),
                ('currency', ltc.money.fields.CurrencyField(verbose_name='Currency')),
                ('fx_rate', ltc.money.fields.ExchangeRateField(blank=True, editable=False, null=True, verbose_name='Exchange rate')),
                ('amount_base', ltc.money.fields.AmountField(blank=True, editable=False, null=True, verbose_name='Amount in base currency')),
                ('close_date', models.DateField(verbose_name='Expected close')),
                ('probability', ltc.money.fields.RateField(default=Decimal('0.10'), verbose_name='Probability')),
                ('forecast_category', models.CharField(choices=[('omitted', 'Omitted'), ('pipeline', 'Pipeline'), ('best_case', 'Best case'), ('commit', 'Commit'), ('closed', 'Closed')], default='omitted', max_length=9, verbose_name='Forecast')),
                ('owner', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='users.membership', verbose_name='Owner')),
                ('team', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.team', verbose_name='Team')),
                ('ar', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.membership', verbose_name='Account responsible')),
                ('sr', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.membership', verbose_name='Solution responsible')),
                ('fr', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.membership', verbose_name='Fulfilment responsible')),
                ('lost_reason', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.closereason', verbose_name='Why not won')),
                ('lost_to', models.CharField(blank=True, editable=False, max_length=200, verbose_name='Lost to')),
                ('won_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Won')),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Closed')),
                ('reopen_count', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='Reopened')),
                ('suspended_until', models.DateField(blank=True, editable=False, null=True, verbose_name='Suspended until')),
                ('last_activity_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Last activity')),
                ('next_step', models.CharField(blank=True, max_length=200, verbose_name='Next step')),
                ('next_step_on', models.DateField(blank=True, null=True, verbose_name='Next step on')),
                ('source_system', models.CharField(blank=True, max_length=40)),
                ('external_ref', models.CharField(blank=True, max_length=100)),
            ],
            options={
                'verbose_name': 'Opportunity',
                'verbose_name_plural': 'Opportunities',
                'indexes': [models.Index(fields=['tenant', 'state', 'stage', 'close_date'], name='opportunity_board'), models.Index(fields=['tenant', 'owner', 'state'], name='opportunity_of_owner'), models.Index(fields=['tenant', '-created_at', '-id'], name='opportunity_newest'), models.Index(fields=['tenant', 'won_at'], name='opportunity_wins'), models.Index(fields=['tenant', 'customer'], name='opportunities_opport_d3ccf3_fk'), models.Index(fields=['tenant', 'primary_contact'], name='opportunities_opport_d3d9b2_fk'), models.Index(fields=['tenant', 'lead'], name='opportunities_opport_34f490_fk'), models.Index(fields=['tenant', 'channel'], name='opportunities_opport_a18b8f_fk'), models.Index(fields=['tenant', 'owner'], name='opportunities_opport_6a31c0_fk'), models.Index(fields=['tenant', 'team'], name='opportunities_opport_783f83_fk'), models.Index(fields=['tenant', 'ar'], name='opportunities_opport_85d76f_fk'), models.Index(fields=['tenant', 'sr'], name='opportunities_opport_4ab945_fk'), models.Index(fields=['tenant', 'fr'], name='opportunities_opport_a86166_fk'), models.Index(fields=['tenant', 'lost_reason'], name='opportunities_opport_5566a3_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='opportunities_opportunity_tenant_key'), models.UniqueConstraint(fields=('tenant', 'number'), name='opportunity_number_is_unique'), models.UniqueConstraint(condition=models.Q(('source_system', 'import'), _negated=True), fields=('tenant', 'lead'), name='one_opportunity_per_lead'), models.UniqueConstraint(condition=models.Q(('external_ref', ''), _negated=True), fields=('tenant', 'source_system', 'external_ref'), name='opportunity_external_ref_is_unique'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='opportunity_amount_is_not_negative'), models.CheckConstraint(condition=models.Q(('probability__range', (0, 1))), name='opportunity_probability_is_a_part_of_one'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'won'), _negated=True), ('won_at__isnull', False), _connector='OR'), name='a_won_opportunity_has_its_day'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'won'), _negated=True), models.Q(('amount_base__isnull', False), ('fx_rate__isnull', False)), _connector='OR'), name='a_won_opportunity_has_a_frozen_rate'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'lost'), _negated=True), ('lost_reason__isnull', False), _connector='OR'), name='a_lost_opportunity_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state__in', ['won', 'lost', 'cancelled'])), models.Q(('closed_at__isnull', True), ('won_at__isnull', True)), _connector='OR'), name='only_a_closed_opportunity_was_closed'), ltc.tenancy.constraints.TenantFK('customer', name='opportunities_opportunity_customer_same_tenant'), ltc.tenancy.constraints.TenantFK('primary_contact', name='opportunities_opportunity_primary_contact_same_tenant'), ltc.tenancy.constraints.TenantFK('lead', name='opportunities_opportunity_lead_same_tenant'), ltc.tenancy.constraints.TenantFK('channel', name='opportunities_opportunity_channel_same_tenant'), models.CheckConstraint(condition=models.Q(('stage__in', ['discovery', 'solution', 'bidding', 'negotiation', 'signing'])), name='opportunities_opportunity_stage_is_legal'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'suspended', 'won', 'lost', 'cancelled'])), name='opportunities_opportunity_state_is_legal'), ltc.tenancy.constraints.TenantFK('owner', name='opportunities_opportunity_owner_same_tenant'), ltc.tenancy.constraints.TenantFK('team', name='opportunities_opportunity_team_same_tenant'), ltc.tenancy.constraints.TenantFK('ar', name='opportunities_opportunity_ar_same_tenant'), ltc.tenancy.constraints.TenantFK('sr', name='opportunities_opportunity_sr_same_tenant'), ltc.tenancy.constraints.TenantFK('fr', name='opportunities_opportunity_fr_same_tenant'), ltc.tenancy.constraints.TenantFK('lost_reason', name='opportunities_opportunity_lost_reason_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='opportunities_opportunity_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='opportunities_opportunity_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='Quota',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('user', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='quotas', to='users.membership', verbose_name='Person')),
                ('team', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='quotas', to='users.team', verbose_name='Team')),
                ('period', models.CharField(help_text='A year (2026), a quarter (2026-Q3) or a month (2026-07).', max_length=7, validators=[django.core.validators.RegexValidator('^\\d{4}(-(Q[1-4]|0[1-9]|1[0-2]))?$', 'Give a year (2026), a quarter (2026-Q3) or a month (2026-07).')], verbose_name='Period')),
                ('starts_on', models.DateField(editable=False, verbose_name='First day')),
                ('ends_on', models.DateField(editable=False, verbose_name='Last day')),
                ('amount', ltc.money.fields.AmountField(help_text='In the base currency, tax included as in the deals.', verbose_name='Amount')),
            ],
            options={
                'verbose_name': 'Quota',
                'verbose_name_plural': 'Quotas',
                'ordering': ['-starts_on', 'id'],
                'indexes': [models.Index(fields=['tenant', 'starts_on', 'ends_on'], name='quotas_in_time'), models.Index(fields=['tenant', 'user'], name='opportunities_quota_126ae5_fk'), models.Index(fields=['tenant', 'team'], name='opportunities_quota_8dcf6a_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='opportunities_quota_tenant_key'), models.UniqueConstraint(fields=('tenant', 'user', 'period'), name='one_quota_per_person_and_period', violation_error_message='There is a quota for this period already. Change that one.'), models.UniqueConstraint(fields=('tenant', 'team', 'period'), name='one_quota_per_team_and_period', violation_error_message='There is a quota for this period already. Change that one.'), models.CheckConstraint(condition=models.Q(models.Q(('team__isnull', True), ('user__isnull', False)), models.Q(('team__isnull', False), ('user__isnull', True)), _connector='OR'), name='a_quota_is_of_a_person_or_a_team', violation_error_message='Name either a person or a team.'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='quota_is_not_negative', violation_error_message='A quota is not negative.'), models.CheckConstraint(condition=models.Q(('starts_on__lte', models.F('ends_on'))), name='quota_ends_after_it_starts'), ltc.tenancy.constraints.TenantFK('user', name='opportunities_quota_user_same_tenant'), ltc.tenancy.constraints.TenantFK('team', name='opportunities_quota_team_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='opportunities_quota_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='opportunities_quota_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='SalesCost',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('cost_date', models.DateField(verbose_name='Date')),
                ('amount', ltc.money.fields.AmountField(verbose_name='Amount')),
                ('currency', ltc.money.fields.CurrencyField(verbose_name='Currency')),
                ('fx_rate', ltc.money.fields.ExchangeRateField(default=1, editable=False, verbose_name='Exchange rate')),
                ('base_amount', ltc.money.fields.AmountField(editable=False, verbose_name='Amount in base currency')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='Note')),
            ],
            options={
                'verbose_name': 'Sales cost',
                'verbose_name_plural': 'Sales costs',
                'ordering': ['-cost_date', '-id'],
                'indexes': [models.Index(fields=['tenant', '-cost_date', '-id'], name='sales_costs_by_day')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='opportunities_salescost_tenant_key'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('base_amount__gte', 0)), name='sales_cost_is_not_negative'), ltc.tenancy.constraints.RowLevelSecurity(name='opportunities_salescost_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='opportunities_salescost_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='OpportunityLine',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('opportunity', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='opportunities.opportunity')),
                ('line_no', models.PositiveSmallIntegerField(verbose_name='Line')),
                ('product', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='Product')),
                ('description', models.CharField(max_length=400, verbose_name='Description')),
                ('qty', ltc.money.fields.QuantityField(verbose_name='Quantity')),
                ('unit_price', ltc.money.fields.UnitPriceField(verbose_name='Unit price')),
                ('discount_rate', ltc.money.fields.RateField(default=Decimal('0'), verbose_name='Discount')),
                ('tax_code', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='money.taxcode', verbose_name='Tax code')),
                ('net', ltc.money.fields.AmountField(verbose_name='Net')),
                ('tax', ltc.money.fields.AmountField(verbose_name='Tax')),
                ('gross', ltc.money.fields.AmountField(verbose_name='Gross')),
            ],
            options={
                'ordering': ['line_no'],
                'indexes': [models.Index(fields=['tenant', 'opportunity'], name='opportunities_opport_5577b8_fk'), models.Index(fields=['tenant', 'product'], name='opportunities_opport_b1a4ba_fk'), models.Index(fields=['tenant', 'tax_code'], name='opportunities_opport_b6d0f7_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='opportunities_opportunityline_tenant_key'), models.UniqueConstraint(fields=('tenant', 'opportunity', 'line_no'), name='opportunity_line_no_is_unique'), models.CheckConstraint(condition=models.Q(('qty__gt', 0)), name='opportunity_line_has_a_quantity'), models.CheckConstraint(condition=models.Q(('discount_rate__range', (0, 1))), name='opportunity_line_discount_is_a_part_of_one'), models.CheckConstraint(condition=models.Q(('gross', django.db.models.expressions.CombinedExpression(models.F('net'), '+', models.F('tax')))), name='opportunity_line_gross_is_net_and_tax'), ltc.tenancy.constraints.TenantFK('opportunity', name='opportunities_opportunityline_opportunity_same_tenant'), ltc.tenancy.constraints.TenantFK('product', name='opportunities_opportunityline_product_same_tenant'), ltc.tenancy.constraints.TenantFK('tax_code', name='opportunities_opportunityline_tax_code_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='opportunities_opportunityline_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='opportunities_opportunityline_change_logged')],
            },
        ),
    ]
