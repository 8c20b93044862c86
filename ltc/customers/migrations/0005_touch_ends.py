import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0001_flat'),
    ]

    operations = [
        migrations.RunSQL('CREATE EXTENSION IF NOT EXISTS btree_gin', migrations.RunSQL.noop),
        migrations.AddField(
            model_name='customer',
            name='touch_ends',
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=django.contrib.postgres.indexes.GinIndex(models.F('tenant'), django.contrib.postgres.indexes.OpClass('likeness_name', name='gin_trgm_ops'), name='customers_by_likeness'),
        ),
    ]
