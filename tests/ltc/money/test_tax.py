"""Taking over the tax of an external tax document, within its tolerance."""

from decimal import Decimal

import pytest

from ltc.money.errors import TaxToleranceExceeded
from ltc.money.tax import accept_external_taxes

OURS = [Decimal("3900.00"), Decimal("1852.22")]


def test_a_tax_document_within_six_cents_per_line_is_taken_over() -> None:
    theirs = [Decimal("3900.06"), Decimal("1852.16")]
    assert accept_external_taxes(OURS, theirs) == theirs


@pytest.mark.parametrize("theirs", [["3900.07", "1852.22"], ["3900.00", "1852.15"], ["5752.22"]])
def test_a_tax_document_further_off_is_refused(theirs: list[str]) -> None:
    with pytest.raises(TaxToleranceExceeded) as refusal:
        accept_external_taxes(OURS, [Decimal(tax) for tax in theirs])
    assert refusal.value.code == "tolerance_exceeded"
