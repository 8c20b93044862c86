from django.db import migrations


class Migration(migrations.Migration):
    """The extension by which similar names are found. It stays when the migration is taken back: others may use it."""

    dependencies = [("customers", "0001_initial")]

    operations = [migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop)]
