import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import ltc.calendars.models
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
            name='BusinessCalendar',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='Name')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='Country')),
                ('is_default', models.BooleanField(default=False, verbose_name='Default')),
                ('weekend', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=ltc.calendars.models.weekend, size=None, validators=[ltc.calendars.models.validate_weekdays], verbose_name='Weekend')),
                ('work_start', models.TimeField(default=datetime.time(9, 0), verbose_name='Work starts')),
                ('work_end', models.TimeField(default=datetime.time(18, 0), verbose_name='Work ends')),
            ],
            options={
                'ordering': ['-is_default', 'name'],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='calendars_businesscalendar_tenant_key'), models.UniqueConstraint(fields=('tenant', 'name'), name='business_calendar_name_is_unique'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('tenant',), name='one_default_business_calendar'), models.UniqueConstraint(condition=models.Q(('country', ''), _negated=True), fields=('tenant', 'country'), name='one_business_calendar_per_country'), models.CheckConstraint(condition=models.Q(('work_start__lt', models.F('work_end'))), name='work_ends_after_it_starts'), ltc.tenancy.constraints.RowLevelSecurity(name='calendars_businesscalendar_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='calendars_businesscalendar_change_logged')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.UUIDField(default=ltc.tenancy.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant', ltc.tenancy.fields.TenantField(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('calendar', ltc.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='days', to='calendars.businesscalendar', verbose_name='Calendar')),
                ('date', models.DateField(verbose_name='Date')),
                ('kind', models.CharField(choices=[('holiday', 'Holiday'), ('workday', 'Make-up workday')], max_length=7, verbose_name='Kind')),
                ('name', models.CharField(blank=True, max_length=80, verbose_name='Name')),
            ],
            options={
                'ordering': ['date'],
                'indexes': [models.Index(fields=['tenant', 'calendar'], name='calendars_calendarda_d56170_fk')],
                'constraints': [ltc.tenancy.constraints.TenantPrimaryKey(name='calendars_calendarday_tenant_key'), models.UniqueConstraint(fields=('tenant', 'calendar', 'date'), name='a_calendar_has_each_day_once'), ltc.tenancy.constraints.TenantFK('calendar', name='calendars_calendarday_calendar_same_tenant'), ltc.tenancy.constraints.RowLevelSecurity(name='calendars_calendarday_own_tenant_only'), ltc.tenancy.constraints.ChangeLogged(name='calendars_calendarday_change_logged')],
            },
        ),
    ]
