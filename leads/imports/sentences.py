"""What is wrong with a row, in words."""

from collections.abc import Iterable, Sequence

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FIELD_LABELS = {
    "external_ref": _("Reference there"),
    "contact_name": _("Contact"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "company_name": _("Company"),
    "title": _("Title"),
    "phone": _("Telephone"),
    "email": _("E-mail"),
    "wecom": _("WeCom"),
    "channel": _("Source"),
    "campaign": _("Campaign"),
    "state": _("State"),
    "owner": _("Owner"),
    "captured_at": _("Captured on"),
    "region": _("Region"),
    "country": _("Country"),
    "industry": _("Industry"),
    "size_employees": _("Employees"),
    "seniority": _("Seniority"),
    "budget": _("Budget"),
    "authority": pgettext_lazy("lead", "Authority"),
    "need": _("Need"),
    "timeline": _("Wants to buy"),
    "product_interest": _("Interested in"),
    "est_amount": _("Expected value"),
    "currency": _("Currency"),
    "note": _("Note"),
    "need_level": _("Need is"),
    "industry_match": _("Industry match"),
    "converted_at": _("Converted on"),
    "closed_at": _("Closed on"),
}
SENTENCES = {
    "no_name": _("There is no name: map a column to the contact or the company."),
    "unreachable": _("There is no usable telephone number, e-mail address or WeCom name."),
    "not_a_phone": _("“%(value)s” is no telephone number and is kept as text."),
    "not_an_email": _("“%(value)s” is no e-mail address and is kept as text."),
    "not_a_date": _("“%(value)s” is no date: today is taken."),
    "no_such_date": _("“%(value)s” is no date and is kept as text."),
    "not_a_number": _("“%(value)s” is no number and is kept as text."),
    "not_an_amount": _("“%(value)s” is no amount and is kept as text."),
    "unknown_currency": _("“%(value)s” is no currency: your own is taken."),
    "unknown_value": _("“%(value)s” is none of our values and is kept as text."),
    "unknown_state": _("“%(value)s” has no state of ours: the lead will be new."),
    "unknown_channel": _("“%(value)s” is no source of ours: the one for rows without a source is taken."),
    "unknown_owner": _("“%(value)s” is nobody here: choose who gets such leads."),
    "no_owner": _("Nobody is named to own it, so it will be new and wait in the pool."),
    "not_understood": _("Too little is known to call it qualified: it will be “working”."),
    "too_long": _("It is too long; the whole text is kept."),
    "in_the_future": _("The date is in the future: today is taken."),
    "known_reference": _("A lead with this reference exists and will be brought up to date."),
    "repeated_reference": _("Another row has the same reference; the later one counts."),
    "duplicate": _("There is a lead with the same company, telephone or e-mail."),
    "known_customer": _("There is a customer with the same name, telephone or e-mail."),
    "similar": _("There is one that is called almost the same."),
    "stand_in": _("It names nobody: its reference stands for the person."),
    "stays_converted": _("It stays: it was converted, and its company is in your books."),
    "stays_touched": _("It stays: somebody has worked on it since."),
    "refused": "%(value)s",
}
UNREADABLE = {
    "too_large": _("The file is larger than 150 MB. Divide it."),
    "too_many_rows": _("The file has more than 300,000 rows. Divide it."),
    "too_many_joined": _("The second file has more than 50,000 rows. Join the two before, or divide them."),
    "too_many_columns": _("The file has more than 200 columns. Leave out what is not about leads."),
    "not_text": _("This is neither a CSV file nor an Excel workbook. Save the sheet as CSV and upload that."),
    "no_workbook": _("This workbook cannot be read. Save the sheet as CSV and upload that."),
    "empty": _("The file is empty. Choose another one."),
    "no_rows": _("The file has a heading and no rows. Choose another one."),
    "no_join": _("No column of the second file says which row of the first it belongs to. Name the column."),
}


def sentence(problem: Sequence[str]) -> str:
    """A problem (code, field, value) in words."""
    code, name, value = problem
    text = str(SENTENCES.get(code, code)) % {"value": value}
    if name.startswith("attributes."):
        return f"{name.partition('.')[2]}: {text}"
    return str(format_lazy("{field}: {text}", field=FIELD_LABELS[name], text=text)) if name in FIELD_LABELS else text


def sentences(problems: Iterable[Sequence[str]]) -> list[str]:
    return [sentence(problem) for problem in problems]
