from django.db import models
from django.db.models.functions import Concat

from ltc.customers.names import normalise_name, normalise_name_without_region, sort_key

NAMED = ("company_name", "contact_name", "title", "email", "number")


class Named(models.Model):
    """The name of a lead in the forms that it is compared, sorted and searched by."""

    company_name: str
    sort_key = models.CharField(max_length=400, blank=True, editable=False)
    name_key = models.CharField(max_length=200, blank=True, editable=False)
    likeness_name = models.CharField(max_length=200, blank=True, editable=False)
    search_text = models.GeneratedField(
        expression=Concat(*(part for name in NAMED for part in (name, models.Value(" "))), output_field=models.TextField()),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        abstract = True

    def fold_name(self) -> None:
        """Keep the name in the forms that it is compared and sorted by."""
        self.name_key, self.sort_key = normalise_name(self.company_name)[:200], sort_key(str(self))[:400]
        self.likeness_name = normalise_name_without_region(self.company_name)[:200]
