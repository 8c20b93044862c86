import delivery.constraints
import django.db.models.deletion
import ltc.money.fields
import ltc.tenancy.constraints
import ltc.tenancy.fields
import ltc.tenancy.identifiers
import ltc.workflow.fields
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('delivery', '0001_initial'), ('delivery', '0002_aftercare')]

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('customers', '0001_flat'),
        ('orders', '0001_flat'),
        ('tenancy', '0001_initial'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeliveryCommitment',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('order_line', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='commitments', to='orders.orderline', verbose_name='Order line')),
                ('kind', models.CharField(choices=[('shipment', 'Shipment'), ('milestone', 'Milestone')], default='shipment', max_length=9, verbose_name='Kind')),
                ('seq', models.PositiveSmallIntegerField(default=1, verbose_name='Number')),
                ('qty', ltc.money.fields.QuantityField(verbose_name='Quantity')),
                ('qty_delivered', ltc.money.fields.QuantityField(default=Decimal('0'), editable=False, verbose_name='Delivered')),
                ('promised_baseline', models.DateField(editable=False, verbose_name='Promised at first')),
                ('promised_current', models.DateField(verbose_name='Promised for')),
                ('state', ltc.workflow.fields.StateField(choices=[('open', 'Open'), ('partially_delivered', 'Partly delivered'), ('delivered', 'Delivered'), ('closed_short', 'Closed short'), ('cancelled', 'Cancelled'), ('waived', 'Waived')], default='open', max_length=30, verbose_name='State')),
                ('completed_on', models.DateField(blank=True, editable=False, null=True, verbose_name='Completed on')),
            ],
            options={
                'verbose_name': 'Delivery commitment',
                'verbose_name_plural': 'Delivery commitments',
                'ordering': ['promised_current', 'seq'],
                'indexes': [models.Index(condition=models.Q(('completed_on', None)), fields=['tenant', 'promised_current'], name='commitments_to_come'), models.Index(fields=['tenant', 'order_line'], name='delivery_deliverycom_e8f12e_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='delivery_deliverycommitment_tenant_key'), models.UniqueConstraint(fields=('tenant', 'order_line', 'seq'), name='commitment_seq_is_unique'), models.CheckConstraint(condition=models.Q(('qty__gt', 0)), name='commitment_has_a_quantity'), models.CheckConstraint(condition=models.Q(('qty_delivered__gte', 0), ('qty_delivered__lte', models.F('qty'))), name='no_more_is_delivered_than_promised'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'delivered'), _negated=True), ('completed_on__isnull', False), _connector='OR'), name='a_delivered_commitment_has_its_day'), ltc.tenancy.constraints.TenantFK('order_line', name='delivery_deliverycommitment_order_line_same_tenant'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'partially_delivered', 'delivered', 'closed_short', 'cancelled', 'waived'])), name='delivery_deliverycommitment_state_is_legal'), ltc.tenancy.constraints.RowLevelSecurity(name='delivery_deliverycommitment_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='delivery_deliverycommitment_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='Shipment',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.CharField(max_length=40, verbose_name='Number')),
                ('order', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='shipments', to='orders.order', verbose_name='Order')),
                ('carrier', models.CharField(blank=True, max_length=120, verbose_name='Carrier')),
                ('tracking_no', models.CharField(blank=True, max_length=80, verbose_name='Tracking number')),
                ('planned_on', models.DateField(verbose_name='Planned for')),
                ('state', ltc.workflow.fields.StateField(choices=[('planned', 'Planned'), ('released', 'Released'), ('shipped', 'Shipped'), ('arrived', 'Arrived'), ('delivered', 'Delivered'), ('returned', 'Returned'), ('cancelled', 'Cancelled')], default='planned', max_length=30, verbose_name='State')),
                ('released_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Released')),
                ('shipped_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Shipped')),
                ('arrived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Arrived')),
                ('pod_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Signed for')),
                ('pod_signed_by', models.CharField(blank=True, editable=False, max_length=120, verbose_name='Signed for by')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='Note')),
            ],
            options={
                'verbose_name': 'Shipment',
                'verbose_name_plural': 'Shipments',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['tenant', 'state', 'planned_on'], name='shipment_board'), models.Index(fields=['tenant', '-created_at', '-id'], name='shipment_newest'), models.Index(fields=['tenant', 'order'], name='delivery_shipment_2766e9_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='delivery_shipment_tenant_key'), models.UniqueConstraint(fields=('tenant', 'number'), name='shipment_number_is_unique'), models.CheckConstraint(condition=models.Q(('pod_at__isnull', True), models.Q(('pod_at__gte', models.F('shipped_at')), ('shipped_at__isnull', False)), _connector='OR'), name='a_shipment_is_signed_for_after_it_left'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['shipped', 'arrived', 'delivered']), _negated=True), ('shipped_at__isnull', False), _connector='OR'), name='a_shipment_under_way_has_left'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'delivered'), _negated=True), models.Q(('pod_at__isnull', False), models.Q(('pod_signed_by', ''), _negated=True)), _connector='OR'), name='a_delivered_shipment_is_signed_for'), ltc.tenancy.constraints.TenantFK('order', name='delivery_shipment_order_same_tenant'), models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'released', 'shipped', 'arrived', 'delivered', 'returned', 'cancelled'])), name='delivery_shipment_state_is_legal'), ltc.tenancy.constraints.RowLevelSecurity(name='delivery_shipment_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='delivery_shipment_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.CharField(editable=False, max_length=40, verbose_name='Number')),
                ('title', models.CharField(max_length=200, verbose_name='Title')),
                ('description', models.TextField(blank=True, max_length=4000, verbose_name='Description')),
                ('customer', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='customers.customer', verbose_name='Customer')),
                ('contact', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='customers.contact', verbose_name='Contact')),
                ('order', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='orders.order', verbose_name='Order')),
                ('product', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='Product')),
                ('serial', models.CharField(blank=True, max_length=80, verbose_name='Serial number')),
                ('type', models.CharField(choices=[('complaint', 'Complaint'), ('fault', 'Fault'), ('question', 'Question'), ('claim', 'Claim'), ('return', 'Return')], default='question', max_length=9, verbose_name='Kind')),
                ('priority', models.CharField(choices=[('P1', 'P1'), ('P2', 'P2'), ('P3', 'P3'), ('P4', 'P4')], default='P3', max_length=2, verbose_name='Priority')),
                ('state', ltc.workflow.fields.StateField(choices=[('new', 'New'), ('assigned', 'Assigned'), ('in_progress', 'In progress'), ('waiting_customer', 'Waiting for the customer'), ('resolved', 'Resolved'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], default='new', max_length=30, verbose_name='State')),
                ('owner', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='users.membership', verbose_name='Owner')),
                ('team', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.team', verbose_name='Team')),
                ('opened_at', models.DateTimeField(editable=False, verbose_name='Opened')),
                ('sla_response_due', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Answer due')),
                ('sla_resolve_due', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Solution due')),
                ('first_response_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='First answer')),
                ('waiting_since', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Waiting since')),
                ('resolved_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Resolved')),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Closed')),
                ('reopened_count', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='Reopened')),
                ('resolution', models.TextField(blank=True, editable=False, max_length=4000, verbose_name='Solution')),
                ('root_cause', models.CharField(blank=True, editable=False, max_length=300, verbose_name='Cause')),
                ('source_system', models.CharField(blank=True, max_length=40)),
                ('external_ref', models.CharField(blank=True, max_length=100)),
            ],
            options={
                'verbose_name': 'Service case',
                'verbose_name_plural': 'Service cases',
                'ordering': ['-opened_at', '-id'],
                'indexes': [models.Index(fields=['tenant', '-opened_at', '-id'], name='cases_newest_first'), models.Index(fields=['tenant', 'state', 'sla_resolve_due'], name='cases_by_due_time'), models.Index(fields=['tenant', 'customer', '-opened_at'], name='cases_of_a_customer'), models.Index(fields=['tenant', 'customer'], name='delivery_case_4b008a_fk'), models.Index(fields=['tenant', 'contact'], name='delivery_case_4c1fe0_fk'), models.Index(fields=['tenant', 'order'], name='delivery_case_a5c7b0_fk'), models.Index(fields=['tenant', 'product'], name='delivery_case_c1d1da_fk'), models.Index(fields=['tenant', 'owner'], name='delivery_case_12ee0b_fk'), models.Index(fields=['tenant', 'team'], name='delivery_case_96b652_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='delivery_case_tenant_key'), models.UniqueConstraint(fields=('tenant', 'number'), name='case_number_is_unique'), models.UniqueConstraint(condition=models.Q(('external_ref', ''), _negated=True), fields=('tenant', 'source_system', 'external_ref'), name='case_external_ref_is_unique'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['resolved', 'closed']), _negated=True), ('resolved_at__isnull', False), _connector='OR'), name='a_resolved_case_has_its_time'), models.CheckConstraint(condition=models.Q(('resolved_at__isnull', True), ('resolved_at__gte', models.F('opened_at')), _connector='OR'), name='a_case_is_resolved_after_it_opened'), ltc.tenancy.constraints.TenantFK('customer', name='delivery_case_customer_same_tenant'), ltc.tenancy.constraints.TenantFK('contact', name='delivery_case_contact_same_tenant'), ltc.tenancy.constraints.TenantFK('order', name='delivery_case_order_same_tenant'), ltc.tenancy.constraints.TenantFK('product', name='delivery_case_product_same_tenant'), models.CheckConstraint(condition=models.Q(('state__in', ['new', 'assigned', 'in_progress', 'waiting_customer', 'resolved', 'closed', 'cancelled'])), name='delivery_case_state_is_legal'), ltc.tenancy.constraints.TenantFK('owner', name='delivery_case_owner_same_tenant'), ltc.tenancy.constraints.TenantFK('team', name='delivery_case_team_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='delivery_case_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='delivery_case_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='CommitmentChange',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('commitment', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='delivery.deliverycommitment')),
                ('old_date', models.DateField(verbose_name='From')),
                ('new_date', models.DateField(verbose_name='To')),
                ('requested_by', models.CharField(choices=[('customer', 'Customer'), ('us', 'Us'), ('force_majeure', 'Force majeure')], max_length=13, verbose_name='Asked for by')),
                ('reason', models.CharField(max_length=300, verbose_name='Reason')),
                ('approved_by', models.CharField(max_length=120, verbose_name='Approved by')),
                ('at', models.DateTimeField(verbose_name='When')),
            ],
            options={
                'verbose_name': 'Change of a promise',
                'ordering': ['-at'],
                'indexes': [models.Index(fields=['tenant', 'commitment'], name='delivery_commitmentc_32f4b4_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='delivery_commitmentchange_tenant_key'), ltc.tenancy.constraints.TenantFK('commitment', name='delivery_commitmentchange_commitment_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='delivery_commitmentchange_own_tenant_only'), ltc.tenancy.constraints.AppendOnly(name='delivery_commitmentchange_append_only')],
            },
        ),
        migrations.CreateModel(
            name='ShipmentLine',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('shipment', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='delivery.shipment')),
                ('commitment', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='shipment_lines', to='delivery.deliverycommitment')),
                ('qty', ltc.money.fields.QuantityField(verbose_name='Quantity')),
            ],
            options={
                'verbose_name': 'Shipment line',
                'indexes': [models.Index(fields=['tenant', 'shipment'], name='delivery_shipmentlin_119b18_fk'), models.Index(fields=['tenant', 'commitment'], name='delivery_shipmentlin_bfe5ac_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='delivery_shipmentline_tenant_key'), models.UniqueConstraint(fields=('tenant', 'shipment', 'commitment'), name='a_shipment_names_a_commitment_once'), models.CheckConstraint(condition=models.Q(('qty__gt', 0)), name='shipment_line_has_a_quantity'), delivery.constraints.WithinCommitment(name='shipments_stay_within_the_commitment'), ltc.tenancy.constraints.TenantFK('shipment', name='delivery_shipmentline_shipment_same_tenant'), ltc.tenancy.constraints.TenantFK('commitment', name='delivery_shipmentline_commitment_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='delivery_shipmentline_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='delivery_shipmentline_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='Acceptance',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.CharField(max_length=40, verbose_name='Number')),
                ('shipment', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='delivery.shipment', verbose_name='Shipment')),
                ('order', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='orders.order', verbose_name='Order')),
                ('kind', models.CharField(choices=[('arrival', 'On arrival'), ('preliminary', 'Preliminary'), ('final', 'Final')], default='final', max_length=11, verbose_name='Kind')),
                ('state', ltc.workflow.fields.StateField(choices=[('pending', 'Pending'), ('accepted', 'Accepted'), ('conditionally_accepted', 'Accepted with conditions'), ('rejected', 'Rejected'), ('deemed_accepted', 'Deemed accepted')], default='pending', max_length=30, verbose_name='State')),
                ('submitted_on', models.DateField(verbose_name='Submitted on')),
                ('due_on', models.DateField(verbose_name='Due on')),
                ('accepted_on', models.DateField(blank=True, editable=False, null=True, verbose_name='Accepted on')),
                ('signed_by', models.CharField(blank=True, editable=False, max_length=120, verbose_name='Signed by')),
                ('conditions', models.TextField(blank=True, editable=False, max_length=2000, verbose_name='Conditions')),
                ('rejected_reason', models.CharField(blank=True, editable=False, max_length=500, verbose_name='Reason of the rejection')),
            ],
            options={
                'verbose_name': 'Acceptance',
                'verbose_name_plural': 'Acceptances',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['tenant', 'state', 'due_on'], name='acceptances_by_due_date'), models.Index(fields=['tenant', 'shipment'], name='delivery_acceptance_a359d7_fk'), models.Index(fields=['tenant', 'order'], name='delivery_acceptance_04d7a7_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='delivery_acceptance_tenant_key'), models.UniqueConstraint(fields=('tenant', 'number'), name='acceptance_number_is_unique'), models.UniqueConstraint(condition=models.Q(('state', 'rejected'), _negated=True), fields=('tenant', 'shipment', 'kind'), name='one_live_acceptance_per_shipment_and_kind'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'deemed_accepted']), _negated=True), models.Q(('accepted_on__gte', models.F('submitted_on')), ('accepted_on__isnull', False)), _connector='OR'), name='an_acceptance_follows_its_submission'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), models.Q(('rejected_reason', ''), _negated=True), _connector='OR'), name='a_rejection_has_a_reason'), ltc.tenancy.constraints.TenantFK('shipment', name='delivery_acceptance_shipment_same_tenant'), ltc.tenancy.constraints.TenantFK('order', name='delivery_acceptance_order_same_tenant'), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'accepted', 'conditionally_accepted', 'rejected', 'deemed_accepted'])), name='delivery_acceptance_state_is_legal'), ltc.tenancy.constraints.RowLevelSecurity(name='delivery_acceptance_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='delivery_acceptance_change_logged')],
            },
        ),
        migrations.CreateModel(
            name='Survey',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('csat', 'Satisfaction (1 to 5)'), ('nps', 'Recommendation (0 to 10)')], max_length=4, verbose_name='Kind')),
                ('customer', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='surveys', to='customers.customer', verbose_name='Customer')),
                ('case', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='surveys', to='delivery.case', verbose_name='Service case')),
                ('order', ltc.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='surveys', to='orders.order', verbose_name='Order')),
                ('sent_at', models.DateTimeField(verbose_name='Sent')),
                ('score', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Score')),
                ('comment', models.TextField(blank=True, max_length=2000, verbose_name='Comment')),
                ('responded_at', models.DateTimeField(blank=True, null=True, verbose_name='Answered')),
                ('source_system', models.CharField(blank=True, max_length=40)),
                ('external_ref', models.CharField(blank=True, max_length=100)),
            ],
            options={
                'verbose_name': 'Survey',
                'verbose_name_plural': 'Surveys',
                'ordering': ['-sent_at', '-id'],
                'indexes': [models.Index(fields=['tenant', '-sent_at', '-id'], name='surveys_newest_first'), models.Index(fields=['tenant', 'kind', 'responded_at'], name='surveys_by_answer'), models.Index(fields=['tenant', 'customer'], name='delivery_survey_f08a9f_fk'), models.Index(fields=['tenant', 'case'], name='delivery_survey_6d36cd_fk'), models.Index(fields=['tenant', 'order'], name='delivery_survey_135029_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='delivery_survey_tenant_key'), models.UniqueConstraint(condition=models.Q(('external_ref', ''), _negated=True), fields=('tenant', 'source_system', 'external_ref'), name='survey_external_ref_is_unique'), models.CheckConstraint(condition=models.Q(('score__isnull', True), models.Q(('kind', 'csat'), ('score__range', (1, 5))), models.Q(('kind', 'nps'), ('score__range', (0, 10))), _connector='OR'), name='survey_score_in_range', violation_error_message='Satisfaction goes from 1 to 5, recommendation from 0 to 10.'), models.CheckConstraint(condition=models.Q(models.Q(('responded_at__isnull', True), ('score__isnull', True)), models.Q(('responded_at__gte', models.F('sent_at')), ('responded_at__isnull', False), ('score__isnull', False)), _connector='OR'), name='a_survey_is_answered_after_it_was_sent', violation_error_message='An answer has a score, and comes after the question.'), ltc.tenancy.constraints.TenantFK('customer', name='delivery_survey_customer_same_tenant'), ltc.tenancy.constraints.TenantFK('case', name='delivery_survey_case_same_tenant'), ltc.tenancy.constraints.TenantFK('order', name='delivery_survey_order_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='delivery_survey_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='delivery_survey_change_logged')],
            },
        ),
    ]
