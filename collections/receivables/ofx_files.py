"""Reading a bank's statement in OFX, both its SGML (1.x) and its XML (2.x) form, by ofxtools. Pure: text in, lines out."""

import io
from decimal import DecimalException
from typing import Any, Final

from django.utils.translation import gettext as _
from ofxtools.Parser import OFXTree

from receivables.bank_files import BankLine, UnreadableFile, day_in, not_too_many

# The text is decoded already: the header says so, whatever the bank's own says.
HEADER: Final = (
    "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:UTF-8\nCHARSET:NONE\nCOMPRESSION:NONE\nOLDFILEUID:NONE\n"
    "NEWFILEUID:NONE\n\n"
)


def read_ofx(text: str) -> list[BankLine]:
    """The transactions of all accounts in an OFX file, on the bank's own days. Raises UnreadableFile."""
    begins, ends = text.find("<OFX>"), text.rfind("</OFX>")
    if begins < 0 or ends < begins:
        raise UnreadableFile(_("This is no complete OFX file."))
    tree = OFXTree()
    try:
        tree.parse(io.BytesIO((HEADER + text[begins : ends + len("</OFX>")]).encode()))
        statements = tree.convert().statements
    except (ValueError, TypeError, AttributeError, SyntaxError, DecimalException) as error:
        raise UnreadableFile(_("This OFX file cannot be read: %(why)s") % {"why": str(error)[:200]}) from error
    days = iter([(each.findtext("DTPOSTED") or "")[:8] for each in tree.iter("STMTTRN")])
    lines: list[BankLine] = []
    for statement in statements:
        for movement in statement.transactions:
            lines.append(_line(movement, statement, len(lines) + 1, next(days)))
    return not_too_many(lines)


def _line(movement: Any, statement: Any, place: int, posted: str) -> BankLine:
    payee, other = movement.payee, movement.bankacctto or movement.ccacctto
    currency = getattr(movement.currency, "cursym", "") or statement.curdef
    return BankLine(
        place, day_in(posted, place, "%Y%m%d"), movement.trnamt, currency=currency, ref=(movement.fitid or "")[:100],
        payer_name=(movement.name or getattr(payee, "name", "") or "")[:200], payer_account=getattr(other, "acctid", "")[:60],
        text=(movement.memo or "")[:500], account=statement.account.acctid,
    )  # fmt: skip
