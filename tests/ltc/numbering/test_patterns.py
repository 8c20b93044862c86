"""What a document number looks like."""

from datetime import date

import pytest

from ltc.numbering.patterns import DEFAULT_PATTERN, BadPattern, check_pattern, default_prefix, render_number

DAY = date(2026, 6, 5)


def number(pattern: str, sequence: int = 1, prefix: str = "INV") -> str:
    return render_number(pattern, prefix=prefix, on=DAY, sequence=sequence)


def test_an_invoice_and_a_contract_are_numbered_by_prefix_year_and_sequence() -> None:
    assert number(DEFAULT_PATTERN, prefix=default_prefix("invoice")) == "INV-2026-000001"
    assert number(DEFAULT_PATTERN, prefix=default_prefix("contract")) == "HT-2026-000001"


def test_a_tenant_may_choose_another_pattern() -> None:
    assert number("{prefix}{yy}{mm}/{seq:04d}", 42) == "INV2606/0042"
    assert number("{yyyy}-{seq}", 1234567) == "2026-1234567"


def test_a_sequence_longer_than_the_pattern_is_written_in_full() -> None:
    assert number(DEFAULT_PATTERN, 1_234_567) == "INV-2026-1234567"


@pytest.mark.parametrize(
    "pattern",
    ["{prefix}-{yyyy}", "{prefix}-{seq}", "{yyyy}-{seq.__class__}", "{yyyy}-{seq}-{tenant}", "{yyyy}-{seq}}", ""],
)
def test_a_pattern_that_cannot_tell_documents_apart_or_reaches_further_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        check_pattern(pattern)


def test_the_default_pattern_is_a_good_one() -> None:
    check_pattern(DEFAULT_PATTERN)
