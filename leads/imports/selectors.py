from django.db.models import Count, Q

from leads.models import ImportBatch, ImportRow


def counts(batch: ImportBatch) -> dict[str, int]:
    """How many rows of an import have come to what, and how many have errors or warnings."""
    by_outcome = {outcome: Count("pk", filter=Q(outcome=outcome)) for outcome in ImportRow.Outcome.values}
    with_problems = {"with_errors": Count("pk", filter=~Q(errors=[])), "with_warnings": Count("pk", filter=~Q(warnings=[]))}
    return batch.rows.aggregate(**by_outcome, **with_problems)
