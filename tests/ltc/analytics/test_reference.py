"""docs/metrics.md tells the metrics as they are registered."""

from django.conf import settings

from ltc.analytics.reference import page


def test_the_written_metrics_are_those_of_the_code() -> None:
    written = (settings.BASE_DIR / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert written == page(), "The metrics have changed: run ./dev manage metric_reference."
