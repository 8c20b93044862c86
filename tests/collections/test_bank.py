"""Bank statements: read as the bank writes them, booked once, and the payer known by what was learned."""

from datetime import date
from decimal import Decimal

import pytest

from ltc.refusals import Refusal
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.bank_files import Columns, UnreadableFile, read_camt053, read_csv, read_mt940, with_references
from receivables.models import Invoice, KnownPayer, Payment
from receivables.ofx_files import read_ofx
from receivables.services.bank import candidates, import_statement, save_format
from tests import make
from tests.collections import make as cash
from tests.collections.make import NOON

D = Decimal
CSV = """交易日期;对方户名;对方账号;贷方发生额;借方发生额;摘要;流水号
2026/06/03;示例食品有限公司;6222 0001;3.000,00;;货款 INV-2026-000001;A1
2026/06/03;示例水务;6222 0002;;125,50;手续费;A2
2026/06/04;示例水务;6222 0002;500,25;;;
2026/06/04;示例水务;6222 0002;500,25;;;
"""
COLUMNS = Columns(
    {"date": "交易日期", "payer_name": "对方户名", "payer_account": 3, "credit": "贷方发生额", "debit": "借方发生额", "text": "摘要",
     "ref": "流水号"},
    delimiter=";", date_format="%Y/%m/%d", decimal_mark=",",
)  # fmt: skip
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
<BkToCstmrStmt><Stmt><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>
<Ntry><Amt Ccy="EUR">1500.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-06-03</Dt></BookgDt>
<ValDt><Dt>2026-06-04</Dt></ValDt><AcctSvcrRef>REF1</AcctSvcrRef><NtryDtls>
<TxDtls><Amt Ccy="EUR">1000.00</Amt><RltdPties><Dbtr><Pty><Nm>Example GmbH</Nm></Pty></Dbtr>
<DbtrAcct><Id><IBAN>DE02</IBAN></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>Invoice INV-2026-000007</Ustrd></RmtInf></TxDtls>
<TxDtls><Amt Ccy="EUR">500.00</Amt><RltdPties><Dbtr><Nm>Muster AG</Nm></Dbtr></RltdPties></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>2026-06-03</Dt></BookgDt><AcctSvcrRef>REF2</AcctSvcrRef></Ntry>
<Ntry><Amt Ccy="EUR">9.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts><BookgDt><Dt>2026-06-03</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""
MT940 = """:20:STARTUMSE
:25:37040044/0532013000
:28C:00001/001
:60F:C260602EUR1000,00
:61:2606030603CR250,75NTRFNONREF//BANKREF1
:86:166?00GUTSCHRIFT?20INV-2026-000009?21Vielen Dank?30COBADEFF?31DE55?32Beispiel?33 KG
:61:260604D12,NCHGNONREF
:86:Charges
:62F:C260604EUR1238,75
-"""

OFX = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
CHARSET:1252

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20260605120000<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>USD
<BANKACCTFROM><BANKID>021000021<ACCTID>123456<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260601<DTEND>20260605
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260603230000[-5:EST]<TRNAMT>1500.25<FITID>F1<NAME>Example &amp; Söhne<MEMO>INV-2026-000007</STMTTRN>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260604<TRNAMT>-12.00<FITID>F2<NAME>Fee</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>1488.25<DTASOF>20260605</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


def test_an_ofx_file_is_read_on_the_banks_own_days() -> None:
    lines = read_ofx(OFX)
    assert [(line.on, line.amount, line.currency, line.payer_name, line.text, line.ref, line.account) for line in lines] == [
        (date(2026, 6, 3), D("1500.25"), "USD", "Example & Söhne", "INV-2026-000007", "F1", "123456"),
        (date(2026, 6, 4), D("-12.00"), "USD", "Fee", "", "F2", "123456"),
    ]


NOT_WHOLE = [
    "",
    "hello",
    OFX[:-60],
    OFX.replace("1500.25", "much"),
    OFX.replace("20260604<", "20261341<"),
    OFX.replace("<ACCTID>123456", ""),
]


@pytest.mark.parametrize("wrong", NOT_WHOLE)
def test_an_ofx_file_that_is_not_whole_is_refused(wrong: str) -> None:
    with pytest.raises(UnreadableFile):
        read_ofx(wrong)


def test_an_ofx_file_is_booked_once(inside) -> None:
    fin = make.member("fin")
    form = save_format(actor=fin, name="US bank", kind="ofx", bank_account="123456", encoding="utf-8")
    run = import_statement(actor=fin, format=form, content=OFX)
    assert (run.lines, run.made, run.outgoing) == (2, 1, 1)
    again = import_statement(actor=fin, format=form, content=OFX + "\n")
    assert (again.made, again.known) == (0, 1)


def test_a_csv_file_is_read_by_its_saved_columns() -> None:
    lines = with_references(read_csv(CSV, COLUMNS))
    assert [(line.on, line.amount, line.ref) for line in lines[:2]] == [
        (date(2026, 6, 3), D("3000.00"), "A1"), (date(2026, 6, 3), D("-125.50"), "A2"),
    ]  # fmt: skip
    assert (lines[0].payer_account, lines[0].text) == ("6222 0001", "货款 INV-2026-000001")
    assert lines[2].amount == lines[3].amount and lines[2].ref != lines[3].ref


def test_what_is_wrong_with_a_file_is_told_with_its_place() -> None:
    with pytest.raises(UnreadableFile, match="no column “Datum”"):
        read_csv("Date,Amount\n2026-06-03,1", Columns({"date": "Datum", "amount": "Amount"}))
    with pytest.raises(UnreadableFile, match="Line 3.*“1o”"):
        read_csv("Date,Amount\n2026-06-03,1\n2026-06-03,1o", Columns({"date": "Date", "amount": "Amount"}))
    with pytest.raises(UnreadableFile, match="document type"):
        read_camt053('<!DOCTYPE x [<!ENTITY a "b">]><Document/>')
    with pytest.raises(UnreadableFile):
        read_mt940("hello")


def test_a_camt_statement_is_read_part_by_part_and_without_what_is_pending() -> None:
    lines = read_camt053(CAMT)
    assert [(line.amount, line.currency, line.payer_name, line.ref) for line in lines] == [
        (D("1000.00"), "EUR", "Example GmbH", "REF1-1"), (D("500.00"), "EUR", "Muster AG", "REF1-2"), (D("-20.00"), "EUR", "", "REF2"),
    ]  # fmt: skip
    assert (lines[0].text, lines[0].payer_account, lines[0].value_date) == ("Invoice INV-2026-000007", "DE02", date(2026, 6, 4))


def test_an_mt940_statement_is_read_with_the_payer_from_its_subfields() -> None:
    first, second = read_mt940(MT940)
    assert (first.on, first.amount, first.currency, first.ref) == (date(2026, 6, 3), D("250.75"), "EUR", "BANKREF1")
    assert (first.text, first.payer_name, first.payer_account) == ("INV-2026-000009 Vielen Dank", "Beispiel KG", "DE55")
    assert (second.amount, second.text) == (D("-12"), "Charges")


@pytest.fixture
def form(inside):
    return save_format(
        actor=SYSTEM,
        name="ICBC",
        bank_account="4000",
        columns=dict(COLUMNS.columns),
        delimiter=";",
        date_format="%Y/%m/%d",
        decimal_mark=",",
    )


def test_a_line_is_booked_once_whichever_file_it_comes_in(form) -> None:
    run = import_statement(actor=SYSTEM, format=form, content=CSV, file_name="june.csv", at=NOON)
    assert (run.lines, run.made, run.known, run.outgoing) == (4, 3, 0, 1)
    with pytest.raises(Refusal, match="imported already"):
        import_statement(actor=SYSTEM, format=form, content=CSV, at=NOON)
    again = import_statement(actor=SYSTEM, format=form, content=CSV + "2026/06/05;示例水务;6222 0002;7,00;;;B1\n", at=NOON)
    assert (again.made, again.known) == (1, 3)
    assert Payment.objects.count() == 4
    with pytest.raises(Refusal) as refused:
        import_statement(actor=SYSTEM, format=form, content=CSV + "never;x;y;1,00;;;B2\n", at=NOON)
    assert refused.value.code == "unreadable" and Payment.objects.count() == 4


def test_a_payer_that_somebody_named_is_known_next_time(form, rep) -> None:
    cash.order(rep)
    invoice = cash.issued(Invoice.objects.get())
    import_statement(actor=SYSTEM, format=form, content=CSV, at=NOON)
    payment = Payment.objects.get(bank_ref="A1")
    assert payment.state == "imported"
    (likely,) = candidates(payment)
    assert (likely.customer, likely.method) == (invoice.customer, "specified")
    perform(payment, "identify", actor=make.member("fin"), customer=invoice.customer, at=NOON)
    assert KnownPayer.objects.filter(customer=invoice.customer).count() == 2
    line = "2026/06/05;示例食品有限公司;62220001;1,00;;;C1\n"
    import_statement(actor=SYSTEM, format=form, content=CSV.splitlines()[0] + "\n" + line, at=NOON)
    known = Payment.objects.get(bank_ref="C1")
    assert (known.state, known.customer) == ("identified", invoice.customer)
