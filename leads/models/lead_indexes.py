"""By what leads are looked for and put in order."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

INDEXES: list[models.Index] = [
    models.Index(fields=["tenant", "-captured_at", "-id"], name="leads_newest_first"),
    models.Index(fields=["tenant", "-score", "-id"], name="leads_hottest_first"),
    models.Index(fields=["tenant", "owner", "-captured_at", "-id"], name="leads_of_an_owner"),
    models.Index(fields=["tenant", "state", "-captured_at", "-id"], name="leads_in_a_state"),
    models.Index(fields=["tenant", "state", "-score", "-id"], name="leads_in_a_state_hottest"),
    models.Index(fields=["tenant", "channel", "-captured_at", "-id"], name="leads_of_a_channel"),
    models.Index(fields=["tenant", "sort_key", "id"], name="leads_by_name"),
    models.Index("tenant", models.F("last_activity_at").desc(nulls_last=True), models.F("id").desc(), name="leads_by_last_touch"),
    models.Index(fields=["tenant", "name_key"], condition=~models.Q(name_key=""), name="leads_of_one_company"),
    models.Index(
        fields=["tenant", "first_response_due_at"],
        condition=models.Q(state="assigned", first_response_at__isnull=True, sla_breached_at__isnull=True),
        name="leads_to_be_answered",
    ),
    models.Index(fields=["tenant", "phone"], condition=~models.Q(phone=""), name="leads_by_phone"),
    models.Index(fields=["tenant", "email"], condition=~models.Q(email=""), name="leads_by_email"),
    models.Index(
        fields=["tenant", "-captured_at", "-id"],
        condition=models.Q(state__in=["new", "assigned", "working", "nurturing", "qualified"]),
        name="open_leads_newest_first",
    ),
    GinIndex(models.F("tenant"), OpClass(Upper("search_text"), name="gin_trgm_ops"), name="leads_by_any_name"),
    GinIndex("tenant", OpClass("likeness_name", name="gin_trgm_ops"), name="leads_by_likeness"),
]
