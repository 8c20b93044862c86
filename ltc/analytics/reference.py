"""The metrics as a page: code, unit, good direction and formula, from the registry itself."""

from django.utils import translation

from ltc.analytics.registry import metrics

HEAD = """# Metrics

Written from the code by `./dev manage metric_reference`; a test fails when this page is out of date.

- `GET /api/v1/metrics/` tells all of them, with the formula in both languages, unit, direction and slices.
- `GET /api/v1/metrics/{code}/?from=&to=&as_of=&by=` answers one: `value` (or `table`, and its lines as `rows`), `numerator`,
  `denominator`, `flags`, `counted`, and `reported`, the value that was kept at the close of the period. `from` and `to` are days of the
  company's zone, both included; `period=2026-Q2` stands for both. `as_of` is an instant or a day (its end): nothing later is seen, for
  states, owners, amounts and dates are read from the history. `by` gives one row per owner, team, channel, campaign, product, region
  or segment, as it was at the event.
- `GET /api/v1/metrics/{code}/rows/` gives exactly the records that were counted; there are as many as `counted` says.

All count only what the caller sees. Where nothing is to be divided by there is no value and the flag `no_data`; other flags: `immature`
(the cohort is too young), `capped`, `restated` (another value was reported), `mixed_currency` (an amount has no rate yet),
`overdue_close`, `quota_met`, `small_sample`. What a company decides itself stands under `metrics` in its settings: `gross_margin`
(0.35), `arpa`, `churn`, `lifetime_cap_years` (10), `cac_lag_days`, `grace_days`, `otif_tolerance`, `collection_grace_days`,
`loss_rates` (five, from not due to over 90 days), `attribution` (`first`, `last`, `linear`, `position`) and `lag_targets` (days:
`first_response` 1, `order` 2, `invoice` 5, `invoice_sent` 1, `tax_invoice` 3, `closed` 0).

What was invoiced counts for whoever had the customer on the invoice date, what was received for whoever had it on that day. A payment
that bounced was none, for every `as_of` from the day of its reversal on; balances of earlier days stay as the ledger had them.

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
