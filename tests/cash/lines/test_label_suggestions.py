"""Mirrors cash/lines/label_suggestions.py: new labels are listed and likened, never classified by it."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows
from tests.cash.flow_books import accounts_of, bank_lines
from workbench.cash import classify, known_labels, load_rules, suggest, unclassified

FOUND = classify(
    bank_lines(
        {"label": "VERSEMENT ESPECES AG001"},
        {"label": "VERSEMENT ESPECES AG002"},
        {"label": "VIR FOURNISSEUR OV1", "amount_centimes": -500},
        {"label": "VERSMENT ESPECE AG003", "amount_centimes": 70, "day_date": date(2024, 1, 9)},
        {"label": "VERSMENT ESPECE AG9", "amount_centimes": 30},
        {"label": "VIR FOURNISEUR OV2", "amount_centimes": -900, "operation_code": "06"},
        {"label": "VIR FOURNISEUR OV2", "amount_centimes": -900, "currency_code": "EUR"},
        {"label": "QUITE OTHER", "amount_centimes": 1},
        {},
    ),
    load_rules(),
    accounts_of(),
)
NEW = unclassified(FOUND)


def test_what_no_rule_takes_is_listed_by_shape_largest_first_and_currencies_apart() -> None:
    shown = NEW[["label_shape", "direction", "operation_code", "currency_code", "line_count", "amount_centimes"]]
    assert rows(shown) == [
        ("VIR FOURNISEUR OV#", "out", "", "EUR", 1, -900),
        ("VIR FOURNISEUR OV#", "out", "06", "MAD", 1, -900),
        ("", "in", "", "MAD", 1, 100),
        ("VERSMENT ESPECE AG#", "in", "", "MAD", 2, 100),
        ("QUITE OTHER", "in", "", "MAD", 1, 1),
    ]
    (versement,) = NEW[NEW["label_shape"] == "VERSMENT ESPECE AG#"].to_dict("records")
    assert (versement["first_date"].date(), versement["last_date"].date()) == (date(2024, 1, 9), date(2024, 1, 12))
    assert versement["example"] == "VERSMENT ESPECE AG003"


def test_a_new_label_is_likened_to_a_known_one_of_its_direction_or_to_none() -> None:
    told = suggest(NEW, known_labels(FOUND))
    shown = told[["label_shape", "suggested_line_code", "like_shape"]].drop_duplicates()
    assert rows(shown) == [
        ("VIR FOURNISEUR OV#", "suppliers", "VIR FOURNISSEUR OV#"),
        ("", None, None),
        ("VERSMENT ESPECE AG#", "receipts_counters", "VERSEMENT ESPECES AG#"),
        ("QUITE OTHER", None, None),
    ]
    assert told["score"].dropna().between(60, 100).all()


def test_a_label_whose_lines_go_to_several_lines_of_the_plan_suggests_nothing() -> None:
    mixed = FOUND.assign(line_code=["receipts_counters", "receipts_electronic", *FOUND["line_code"][2:]])
    assert known_labels(mixed)["label_shape"].tolist() == ["VIR FOURNISSEUR OV#"]


def test_nothing_known_or_nothing_new_is_no_fault() -> None:
    none = FOUND.head(0)
    assert suggest(NEW, known_labels(none))["suggested_line_code"].isna().all()
    assert len(suggest(unclassified(none), known_labels(FOUND))) == 0


@settings(max_examples=30)
@given(st.lists(st.tuples(st.text(max_size=8), st.integers(-5, 5)), max_size=8))
def test_every_amount_that_no_rule_takes_is_in_the_list(lines: list[tuple[str, int]]) -> None:
    found = classify(
        bank_lines(*({"label": label, "amount_centimes": amount} for label, amount in lines)), [], accounts_of()
    )
    listed = suggest(unclassified(found), known_labels(found))
    assert int(listed["amount_centimes"].sum()) == sum(amount for _, amount in lines)
    assert int(listed["line_count"].sum()) == len(lines)
