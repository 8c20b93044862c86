"""How far the tax on a tax document may be from ours (rule R6)."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from ltc.money.errors import TaxToleranceExceeded

LINE_TOLERANCE = Decimal("0.06")


def accept_external_taxes(ours: Sequence[Decimal], theirs: Sequence[Decimal]) -> list[Decimal]:
    """The line taxes that an invoice takes over from its tax document, if the tenant has switched that on.

    A line may differ by at most 0.06, which bounds the document by the sum over its lines. The tax platform rounds by
    its own rules, so a cent up or down is no error of either side. Raises TaxToleranceExceeded.
    """
    if len(ours) != len(theirs):
        raise TaxToleranceExceeded(
            _("The tax document has %(theirs)s lines and the invoice has %(ours)s. Match them line by line.")
            % {"theirs": len(theirs), "ours": len(ours)}
        )
    for line_number, (our_tax, their_tax) in enumerate(zip(ours, theirs, strict=True), start=1):
        if abs(our_tax - their_tax) > LINE_TOLERANCE:
            raise TaxToleranceExceeded(
                _("Line %(line)s: the tax document says %(theirs)s and the invoice %(ours)s. At most %(most)s of difference is accepted.")
                % {"line": line_number, "theirs": their_tax, "ours": our_tax, "most": LINE_TOLERANCE}
            )
    return list(theirs)
