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

    replaces = [('orders', '0001_initial'), ('orders', '0002_imported')]

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('customers', '0001_flat'),
        ('leads', '0001_flat'),
        ('money', '0001_initial'),
        ('opportunities', '0001_flat'),
        ('tenancy', '0001_initial'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PaymentTerm',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('code', models.CharField(max_length=40, verbose_name='Code')),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('is_default', models.BooleanField(default=False, verbose_name='Default')),
                ('active', models.BooleanField(default=True, verbose_name='In use')),
            ],
            options={
                'verbose_name': 'Payment term',
                'verbose_name_plural': 'Payment terms',
                'ordering': ['name'],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='orders_paymentterm_tenant_key'), models.UniqueConstraint(fields=('tenant', 'code'), name='payment_term_code_is_unique'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('tenant',), name='one_default_payment_term'), ltc.tenancy.constraints.RowLevelSecurity(name='orders_paymentterm_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='orders_paymentterm_change_logged')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='PaymentTermLine',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('seq', models.PositiveSmallIntegerField(verbose_name='No.')),
                ('pct', ltc.money.fields.RateField(help_text='As a part of one: 30 % is 0.3.', verbose_name='Share')),
                ('trigger', models.CharField(choices=[('contract_signed', 'Contract signed'), ('order_confirmed', 'Order confirmed'), ('goods_ready', 'Goods ready'), ('shipped', 'Shipped'), ('delivered', 'Delivered'), ('preliminary_accepted', 'Preliminary acceptance'), ('final_accepted', 'Final acceptance'), ('invoice_issued', 'Invoice issued'), ('warranty_end', 'End of warranty'), ('fixed_date', 'Fixed date')], max_length=20, verbose_name='Trigger')),
                ('offset_days', models.PositiveSmallIntegerField(default=0, verbose_name='Days to pay')),
                ('day_type', models.CharField(choices=[('calendar', 'Calendar days'), ('business', 'Business days')], default='calendar', max_length=8, verbose_name='Counted in')),
                ('eom', models.BooleanField(default=False, verbose_name='From the end of the month')),
                ('is_retention', models.BooleanField(default=False, verbose_name='Retention')),
                ('gate', models.CharField(choices=[('none', 'Nothing'), ('before_production', 'Production'), ('before_shipment', 'Shipment')], default='none', max_length=17, verbose_name='Holds back')),
                ('term', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.paymentterm')),
            ],
            options={
                'ordering': ['seq'],
                'indexes': [models.Index(fields=['tenant', 'term'], name='orders_paymenttermli_911146_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='orders_paymenttermline_tenant_key'), models.UniqueConstraint(fields=('tenant', 'term', 'seq'), name='payment_term_seq_is_unique'), models.CheckConstraint(condition=models.Q(('pct__gt', 0), ('pct__lte', 1)), name='payment_term_share_is_a_part_of_one'), ltc.tenancy.constraints.TenantFK('term', name='orders_paymenttermline_term_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='orders_paymenttermline_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='orders_paymenttermline_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.CharField(max_length=40, verbose_name='Document number')),
                ('customer', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='customers.customer', verbose_name='Customer')),
                ('opportunity', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='opportunities.opportunity', verbose_name='Opportunity')),
                ('lead', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, help_text='For orders that came straight from a lead.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='leads.lead', verbose_name='Lead')),
                ('contract_ref', models.CharField(blank=True, max_length=100, verbose_name='Contract')),
                ('customer_po_no', models.CharField(blank=True, max_length=100, verbose_name="Customer's order number")),
                ('order_date', models.DateField(verbose_name='Order date')),
                ('currency', ltc.money.fields.CurrencyField(verbose_name='Currency')),
                ('fx_rate', ltc.money.fields.ExchangeRateField(blank=True, editable=False, null=True, verbose_name='Exchange rate')),
                ('price_includes_tax', models.BooleanField(default=False, verbose_name='Prices include tax')),
                ('net', ltc.money.fields.AmountField(default=Decimal('0'), editable=False, verbose_name='Net')),
                ('tax', ltc.money.fields.AmountField(default=Decimal('0'), editable=False, verbose_name='Tax')),
                ('gross', ltc.money.fields.AmountField(default=Decimal('0'), editable=False, verbose_name='Total')),
                ('gross_base', ltc.money.fields.AmountField(blank=True, editable=False, null=True, verbose_name='Total in base currency')),
                ('state', ltc.workflow.fields.StateField(choices=[('draft', 'Draft'), ('confirmed', 'Confirmed'), ('in_progress', 'In progress'), ('on_hold', 'On hold'), ('completed', 'Completed'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], default='draft', max_length=30, verbose_name='State')),
                ('held_from', models.CharField(blank=True, choices=[('draft', 'Draft'), ('confirmed', 'Confirmed'), ('in_progress', 'In progress'), ('on_hold', 'On hold'), ('completed', 'Completed'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], default='', editable=False, max_length=12)),
                ('hold_reason', models.CharField(blank=True, editable=False, max_length=300, verbose_name='Reason of the hold')),
                ('owner', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='users.membership', verbose_name='Owner')),
                ('team', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.team', verbose_name='Team')),
                ('payment_term', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='orders.paymentterm', verbose_name='Payment term')),
                ('requested_date', models.DateField(blank=True, null=True, verbose_name='Wanted by')),
                ('billing_policy', models.CharField(choices=[('on_order', 'On order'), ('on_delivery', 'On delivery'), ('on_acceptance', 'On acceptance'), ('milestones', 'By milestones'), ('periodic', 'Periodically')], default='milestones', max_length=13, verbose_name='Billing')),
                ('credit_check', models.CharField(blank=True, choices=[('', 'Not checked'), ('passed', 'Passed'), ('overridden', 'Overridden'), ('failed', 'Failed')], default='', editable=False, max_length=10, verbose_name='Credit check')),
                ('credit_note', models.CharField(blank=True, editable=False, max_length=300, verbose_name='Credit decision')),
                ('delivery_status', models.CharField(choices=[('none', 'None'), ('partial', 'Partial'), ('full', 'Full')], default='none', editable=False, max_length=7, verbose_name='Delivered')),
                ('acceptance_status', models.CharField(choices=[('none', 'None'), ('partial', 'Partial'), ('full', 'Full')], default='none', editable=False, max_length=7, verbose_name='Accepted')),
                ('billing_status', models.CharField(choices=[('none', 'None'), ('partial', 'Partial'), ('full', 'Full')], default='none', editable=False, max_length=7, verbose_name='Billed')),
                ('collection_status', models.CharField(choices=[('none', 'None'), ('partial', 'Partial'), ('full', 'Full')], default='none', editable=False, max_length=7, verbose_name='Collected')),
                ('confirmed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Confirmed')),
                ('completed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Completed')),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Closed')),
                ('notes', models.TextField(blank=True, max_length=4000, verbose_name='Notes')),
                ('source_system', models.CharField(blank=True, max_length=40)),
                ('external_ref', models.CharField(blank=True, max_length=100)),
            ],
            options={
                'verbose_name': 'Order',
                'verbose_name_plural': 'Orders',
                'indexes': [models.Index(fields=['tenant', 'state', '-order_date', '-id'], name='orders_by_state'), models.Index(fields=['tenant', '-order_date', '-id'], name='orders_newest'), models.Index(fields=['tenant', 'customer'], name='orders_order_1ea241_fk'), models.Index(fields=['tenant', 'opportunity'], name='orders_order_8abca8_fk'), models.Index(fields=['tenant', 'lead'], name='orders_order_7c5f24_fk'), models.Index(fields=['tenant', 'owner'], name='orders_order_c6197b_fk'), models.Index(fields=['tenant', 'team'], name='orders_order_5f4c05_fk'), models.Index(fields=['tenant', 'payment_term'], name='orders_order_a7a56f_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='orders_order_tenant_key'), models.UniqueConstraint(fields=('tenant', 'number'), name='order_number_is_unique'), models.UniqueConstraint(condition=models.Q(('opportunity__isnull', False), models.Q(('state', 'cancelled'), _negated=True), models.Q(('source_system', 'import'), _negated=True)), fields=('tenant', 'opportunity'), name='one_standing_order_per_opportunity'), models.UniqueConstraint(condition=models.Q(('lead__isnull', False), models.Q(('source_system', 'import'), _negated=True)), fields=('tenant', 'lead'), name='one_order_per_lead'), models.UniqueConstraint(condition=models.Q(('external_ref', ''), _negated=True), fields=('tenant', 'source_system', 'external_ref'), name='order_external_ref_is_unique'), models.CheckConstraint(condition=models.Q(('gross', django.db.models.expressions.CombinedExpression(models.F('net'), '+', models.F('tax')))), name='order_gross_is_net_and_tax'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'cancelled']), models.Q(('confirmed_at__isnull', False), ('fx_rate__isnull', False), ('gross_base__isnull', False)), _connector='OR'), name='a_confirmed_order_has_a_frozen_rate'), models.CheckConstraint(condition=models.Q(models.Q(('held_from__in', ['confirmed', 'in_progress']), ('state', 'on_hold'), models.Q(('hold_reason', ''), _negated=True)), models.Q(models.Q(('state', 'on_hold'), _negated=True), ('held_from', ''), ('hold_reason', '')), _connector='OR'), name='a_held_order_has_a_reason'), models.CheckConstraint(condition=models.Q(('acceptance_status__in', ['none', 'partial', 'full']), ('billing_status__in', ['none', 'partial', 'full']), ('collection_status__in', ['none', 'partial', 'full']), ('delivery_status__in', ['none', 'partial', 'full'])), name='order_progress_is_legal'), ltc.tenancy.constraints.TenantFK('customer', name='orders_order_customer_same_tenant'), ltc.tenancy.constraints.TenantFK('opportunity', name='orders_order_opportunity_same_tenant'), ltc.tenancy.constraints.TenantFK('lead', name='orders_order_lead_same_tenant'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'confirmed', 'in_progress', 'on_hold', 'completed', 'closed', 'cancelled'])), name='orders_order_state_is_legal'), ltc.tenancy.constraints.TenantFK('owner', name='orders_order_owner_same_tenant'), ltc.tenancy.constraints.TenantFK('team', name='orders_order_team_same_tenant'), ltc.tenancy.constraints.TenantFK('payment_term', name='orders_order_payment_term_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='orders_order_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='orders_order_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('order', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.order')),
                ('line_no', models.PositiveSmallIntegerField(verbose_name='Line')),
                ('product', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='Product')),
                ('description', models.CharField(max_length=400, verbose_name='Description')),
                ('uom', models.CharField(blank=True, max_length=20, verbose_name='Unit')),
                ('qty', ltc.money.fields.QuantityField(verbose_name='Quantity')),
                ('unit_price', ltc.money.fields.UnitPriceField(verbose_name='Unit price')),
                ('discount_rate', ltc.money.fields.RateField(default=Decimal('0'), verbose_name='Discount')),
                ('net', ltc.money.fields.AmountField(verbose_name='Net')),
                ('tax_code', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='money.taxcode', verbose_name='Tax code')),
                ('tax_rate', ltc.money.fields.RateField(default=Decimal('0'), verbose_name='Tax rate')),
                ('tax', ltc.money.fields.AmountField(verbose_name='Tax')),
                ('gross', ltc.money.fields.AmountField(verbose_name='Total')),
                ('promised_on', models.DateField(blank=True, null=True, verbose_name='Promised for')),
                ('baseline_date', models.DateField(blank=True, editable=False, null=True, verbose_name='First promised for')),
                ('qty_delivered', ltc.money.fields.QuantityField(default=Decimal('0'), editable=False, verbose_name='Delivered')),
                ('qty_accepted', ltc.money.fields.QuantityField(default=Decimal('0'), editable=False, verbose_name='Accepted')),
                ('qty_invoiced', ltc.money.fields.QuantityField(default=Decimal('0'), editable=False, verbose_name='Invoiced')),
                ('closed_short', models.BooleanField(default=False, editable=False, verbose_name='Closed short')),
            ],
            options={
                'ordering': ['line_no'],
                'indexes': [models.Index(fields=['tenant', 'order'], name='orders_orderline_f12c07_fk'), models.Index(fields=['tenant', 'product'], name='orders_orderline_911e0b_fk'), models.Index(fields=['tenant', 'tax_code'], name='orders_orderline_0d37b2_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='orders_orderline_tenant_key'), models.UniqueConstraint(fields=('tenant', 'order', 'line_no'), name='order_line_no_is_unique'), models.CheckConstraint(condition=models.Q(('qty__gt', 0)), name='order_line_has_a_quantity'), models.CheckConstraint(condition=models.Q(('discount_rate__range', (0, 1))), name='order_line_discount_is_a_part_of_one'), models.CheckConstraint(condition=models.Q(('gross', django.db.models.expressions.CombinedExpression(models.F('net'), '+', models.F('tax')))), name='order_line_gross_is_net_and_tax'), models.CheckConstraint(condition=models.Q(('qty_accepted__gte', 0), ('qty_accepted__lte', models.F('qty_delivered')), ('qty_delivered__lte', models.F('qty'))), name='accepted_at_most_delivered_at_most_ordered'), models.CheckConstraint(condition=models.Q(('qty_invoiced__gte', 0), ('qty_invoiced__lte', models.F('qty'))), name='invoiced_at_most_ordered'), ltc.tenancy.constraints.TenantFK('order', name='orders_orderline_order_same_tenant'), ltc.tenancy.constraints.TenantFK('product', name='orders_orderline_product_same_tenant'), ltc.tenancy.constraints.TenantFK('tax_code', name='orders_orderline_tax_code_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='orders_orderline_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='orders_orderline_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='CollectionPlanLine',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('seq', models.PositiveSmallIntegerField(verbose_name='No.')),
                ('pct', ltc.money.fields.RateField(help_text='As a part of one: 30 % is 0.3.', verbose_name='Share')),
                ('trigger', models.CharField(choices=[('contract_signed', 'Contract signed'), ('order_confirmed', 'Order confirmed'), ('goods_ready', 'Goods ready'), ('shipped', 'Shipped'), ('delivered', 'Delivered'), ('preliminary_accepted', 'Preliminary acceptance'), ('final_accepted', 'Final acceptance'), ('invoice_issued', 'Invoice issued'), ('warranty_end', 'End of warranty'), ('fixed_date', 'Fixed date')], max_length=20, verbose_name='Trigger')),
                ('offset_days', models.PositiveSmallIntegerField(default=0, verbose_name='Days to pay')),
                ('day_type', models.CharField(choices=[('calendar', 'Calendar days'), ('business', 'Business days')], default='calendar', max_length=8, verbose_name='Counted in')),
                ('eom', models.BooleanField(default=False, verbose_name='From the end of the month')),
                ('is_retention', models.BooleanField(default=False, verbose_name='Retention')),
                ('gate', models.CharField(choices=[('none', 'Nothing'), ('before_production', 'Production'), ('before_shipment', 'Shipment')], default='none', max_length=17, verbose_name='Holds back')),
                ('order', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='plan_lines', to='orders.order')),
                ('kind', models.CharField(choices=[('advance', 'Advance payment'), ('progress', 'Progress'), ('delivery', 'Delivery'), ('acceptance', 'Acceptance'), ('retention', 'Retention'), ('standard', 'Standard'), ('subscription', 'Subscription')], max_length=12, verbose_name='Kind')),
                ('amount', ltc.money.fields.AmountField(verbose_name='Amount')),
                ('expected_date', models.DateField(blank=True, null=True, verbose_name='Expected')),
                ('due_date', models.DateField(blank=True, null=True, verbose_name='Due')),
                ('triggered_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Triggered')),
                ('triggered_on', models.DateField(blank=True, editable=False, null=True, verbose_name='Triggered on')),
                ('collected_on', models.DateField(blank=True, editable=False, null=True, verbose_name='Collected')),
            ],
            options={
                'ordering': ['seq'],
                'indexes': [models.Index(condition=models.Q(('triggered_at__isnull', True)), fields=['tenant', 'trigger', 'expected_date'], name='plan_lines_waiting'), models.Index(fields=['tenant', 'order'], name='orders_collectionpla_5d6273_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='orders_collectionplanline_tenant_key'), models.UniqueConstraint(fields=('tenant', 'order', 'seq'), name='collection_plan_seq_is_unique'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='collection_plan_amount_is_not_negative'), models.CheckConstraint(condition=models.Q(models.Q(('due_date__isnull', True), ('triggered_at__isnull', True), ('triggered_on__isnull', True)), models.Q(('due_date__isnull', False), ('triggered_at__isnull', False), ('triggered_on__isnull', False)), _connector='OR'), name='a_triggered_plan_line_has_its_due_date'), ltc.tenancy.constraints.TenantFK('order', name='orders_collectionplanline_order_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='orders_collectionplanline_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='orders_collectionplanline_change_logged')],
            },
        ),
    ]
