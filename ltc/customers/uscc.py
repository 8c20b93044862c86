"""The unified social credit code of an organisation in China and its check digit (GB 32100-2015)."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = [3**place % 31 for place in range(17)]
LENGTH = 18


def check_character(body: str) -> str:
    """The eighteenth character that belongs to the first seventeen. Raises ValueError for a character not allowed."""
    total = sum(weight * ALPHABET.index(sign) for weight, sign in zip(WEIGHTS, body, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def normalise_uscc(text: str) -> str:
    """The code as it is stored: upper case, without blanks and dashes."""
    return "".join(text.split()).replace("-", "").upper()


def is_valid_uscc(code: str) -> bool:
    """Whether a normalised code has the right length, characters and check character."""
    if len(code) != LENGTH or any(sign not in ALPHABET for sign in code):
        return False
    return check_character(code[:-1]) == code[-1]
