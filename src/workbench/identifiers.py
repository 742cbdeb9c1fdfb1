"""RIB, IBAN, ICE: keys are checked, never repaired; leading zeros survive because an identifier is a text.

A Moroccan RIB has 24 digits: bank 3, town 3, account 16, key 2, with key = 97 − (first 22 digits × 100 mod 97).
"""

import re

from stdnum.exceptions import ValidationError
from stdnum.ma import ice as _ice

from workbench.errors import IdentifierError

_GAPS = re.compile(r"[\s\u00a0\u202f.\-]+")
_EXCEL_NUMBER = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+")


def compact(identifier: str) -> str:
    """The identifier without the blanks, dots and dashes that people put in it, in capitals."""
    return _GAPS.sub("", identifier).upper()


def rib_key(first_22: str) -> str:
    """The two digits that close a RIB."""
    return f"{97 - int(first_22) * 100 % 97:02d}"


def check_rib(text: str) -> str:
    """The 24 digits of a RIB whose key holds; `IdentifierError` says what does not."""
    if _EXCEL_NUMBER.fullmatch(text.strip()):
        raise IdentifierError(
            f"« {text} » is a RIB that a spreadsheet kept as a number: its last digits are lost",
            remedy="ask for the file again with the column as text",
        )
    rib = compact(text)
    if not rib.isascii() or not rib.isdigit() or len(rib) != 24:
        raise IdentifierError(f"« {text} » is no RIB: 24 digits are needed, {len(rib)} characters are there")
    if rib[22:] != rib_key(rib[:22]):
        raise IdentifierError(f"RIB {rib}: its key is {rib[22:]}, its first 22 digits call for {rib_key(rib[:22])}")
    return rib


def is_rib(text: str) -> bool:
    """Whether a text is a RIB whose key holds."""
    try:
        check_rib(text)
    except IdentifierError:
        return False
    return True


def check_iban(text: str) -> str:
    """The compact form of an IBAN whose check digits hold; a Moroccan one must carry a RIB whose key holds too."""
    iban = compact(text)
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", iban):
        raise IdentifierError(f"« {text} » is no IBAN")
    if int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 != 1:
        raise IdentifierError(f"IBAN {iban}: its check digits do not hold")
    if iban.startswith("MA"):
        check_rib(iban[4:])
    return iban


def iban_of(rib: str) -> str:
    """The Moroccan IBAN of a RIB."""
    body = check_rib(rib)
    return f"MA{98 - int(body + '221000') % 97:02d}{body}"  # M is 22, A is 10, and 00 stands for the digits sought


def account_of(identifier: str) -> str:
    """What an account is called in the tables: the RIB inside a Moroccan IBAN or RIB, else the identifier as written, compact.

    `IdentifierError` where a Moroccan IBAN does not hold, be it a digit short or long.
    """
    text = compact(identifier)
    if text.startswith("MA") and text[2:].isdigit() and 24 <= len(text) <= 32:
        return check_iban(text)[4:]
    return text


def check_ice(text: str) -> str:
    """The 15 digits of an ICE (identifiant commun de l'entreprise) whose key holds."""
    try:
        return str(_ice.validate(text))
    except ValidationError as error:
        raise IdentifierError(f"« {text} » is no ICE: 15 digits with a key that holds are needed") from error
