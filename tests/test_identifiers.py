"""Mirrors identifiers.py. The RIBs are published ones and broken variants of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import IdentifierError
from workbench.identifiers import account_of, check_iban, check_ice, check_rib, iban_of, is_rib, rib_key

VALID = ["011519000001205000534921", "310810101402900442310133"]
INVALID = ["225420022310010135630160", "007780000123456789012345", "011519000001205000534922"]


@pytest.mark.parametrize("rib", VALID)
def test_published_ribs_hold(rib: str) -> None:
    assert check_rib(f" {rib[:3]} {rib[3:6]}\u00a0{rib[6:22]}-{rib[22:]}") == rib
    assert check_iban(iban_of(rib)) == iban_of(rib)
    assert account_of(iban_of(rib)) == rib


@pytest.mark.parametrize("rib", INVALID)
def test_a_wrong_key_is_named_and_not_mended(rib: str) -> None:
    assert not is_rib(rib)
    with pytest.raises(IdentifierError, match=rf"call for {rib_key(rib[:22])}"):
        check_rib(rib)


@pytest.mark.parametrize("text", ["1.1519E+22", "1,1519E+22", "3e23"])
def test_a_rib_that_a_spreadsheet_kept_as_a_number_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError, match="kept as a number"):
        check_rib(text)


@pytest.mark.parametrize("text", ["", "0115190000012050005349", "01151900000120500053492A", "٠١١٥١٩٠٠٠٠٠١٢٠٥٠٠٠٥٣٤٩٢١"])
def test_what_is_no_rib(text: str) -> None:
    with pytest.raises(IdentifierError, match="24 digits"):
        check_rib(text)


@given(st.text("0123456789", min_size=22, max_size=22), st.integers(0, 23), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(first_22: str, place: int, shift: int) -> None:
    rib = first_22 + rib_key(first_22)
    wrong = rib[:place] + str((int(rib[place]) + shift) % 10) + rib[place + 1 :]
    assert is_rib(rib)
    assert not is_rib(wrong)


def test_ibans() -> None:
    assert check_iban("DE89 3704 0044 0532 0130 00") == "DE89370400440532013000"
    for wrong in ("DE88370400440532013000", "DE", "MA64011519000001205000534922"):
        with pytest.raises(IdentifierError):
            check_iban(wrong)
    assert account_of("15589-00000-1") == "15589000001"
    for cut in ("MA6401151900000120500053492", "MA640115190000012050005349211"):
        with pytest.raises(IdentifierError):
            account_of(cut)


def test_ice() -> None:
    assert check_ice("00 21 36 09 30 00 040") == "002136093000040"
    with pytest.raises(IdentifierError, match="ICE"):
        check_ice("002136093000041")
