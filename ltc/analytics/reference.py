"""The metrics as a page: code, unit, good direction and formula, from the registry itself."""

from django.utils import translation

from ltc.analytics.registry import metrics

HEAD = """# Metrics

Written from the code by `./dev manage metric_reference`; a test fails when this page is out of date. Each is answered by
`GET /api/v1/metrics/{code}`, counts only records that the caller sees, and has no value where its denominator is zero.

| code | what | unit | better | formula |
|---|---|---|---|---|
"""


def page() -> str:
    """All metrics as one Markdown table."""
    with translation.override("en"):
        rows = [
            f"| `{metric.code}` | {metric.label} | {metric.unit} | {metric.direction} | {_cell(metric.formula)} |"
            for metric in sorted(metrics(), key=lambda metric: metric.code)
        ]
    return HEAD + "\n".join(rows) + "\n"


def _cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")
