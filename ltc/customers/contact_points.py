"""Telephone numbers and e-mail addresses in the one form in which they are stored and compared."""

import re

from django.utils.translation import gettext as _

from ltc.refusals import Refusal

# Calling codes of the countries whose national numbers we complete, and the prefix that is dialled at home only.
CALLING_CODES = {
    "CN": ("86", "0"),
    "HK": ("852", ""),
    "MO": ("853", ""),
    "TW": ("886", "0"),
    "SG": ("65", ""),
    "US": ("1", "1"),
    "CA": ("1", "1"),
    "GB": ("44", "0"),
    "DE": ("49", "0"),
    "FR": ("33", "0"),
    "JP": ("81", "0"),
    "KR": ("82", "0"),
    "AU": ("61", "0"),
    "IN": ("91", "0"),
}
# E.164: fifteen digits at most; the shortest numbers in use with their country have seven.
E164 = re.compile(r"\+[1-9]\d{6,14}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class NotAPhoneNumber(Refusal):
    """Text from which no international telephone number can be made."""

    code = "not_a_phone_number"


class NotAnEmailAddress(Refusal):
    """Text that is no e-mail address."""

    code = "not_an_email_address"


def normalise_phone(text: str, *, country: str = "CN") -> str:
    """A telephone number as E.164, such as +8613800000000; a number without a country code is taken as of `country`.

    The prefix that is dialled only at home falls away. Raises NotAPhoneNumber.
    """
    digits = re.sub(r"\(0\)|[\s().\-/]", "", text.strip())
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not digits.startswith("+"):
        if country not in CALLING_CODES:
            raise NotAPhoneNumber(_("“%(text)s” has no country code. Write it with a + in front.") % {"text": text}, field="phone")
        code, home_prefix = CALLING_CODES[country]
        digits = f"+{code}{digits.removeprefix(home_prefix)}"
    if not E164.fullmatch(digits):
        raise NotAPhoneNumber(_("“%(text)s” is not a telephone number. Write it as +86 138 0000 0000.") % {"text": text}, field="phone")
    return digits


def normalise_email(text: str) -> str:
    """An e-mail address in lower case. Raises NotAnEmailAddress."""
    address = text.strip().lower()
    if not EMAIL.fullmatch(address):
        raise NotAnEmailAddress(_("“%(text)s” is not an e-mail address. Write it as name@company.com.") % {"text": text}, field="email")
    return address
