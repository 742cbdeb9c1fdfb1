"""The kinds of lines that the made-up banks write: codes in each format, label, and days from booking to value.

The days are illustrative conditions, the same in every made-up bank; no authority sets value dates.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of line. `cfonb` is its operation code on 2, `swift` on 4, `family` its domain, family and sub-family in ISO 20022;
    `label` what its text begins with; `value_days` the bank days from booking to value, agreed with every bank."""

    name: str
    cfonb: str
    swift: str
    family: str
    label: str
    value_days: int


KINDS = (
    Kind("cash", "62", "NMSC", "PMNT CNTR CDPT", "VERSEMENT ESPECES", 1),
    Kind("operator", "05", "NCOL", "PMNT RCDT DMCT", "REMISE OPERATEUR", 1),
    Kind("electronic", "13", "NMSC", "PMNT MCRD POSP", "PAIEMENTS EN LIGNE", 1),
    Kind("cheque", "02", "NCHK", "PMNT RCHQ CCHQ", "REMISE CHEQUES", 2),
    Kind("direct_debit", "08", "NDDT", "PMNT RDDT ESDD", "PRELEVEMENTS", 1),
    Kind("transfer", "05", "NTRF", "PMNT RCDT DMCT", "VIR RECU", 1),
    Kind("cheque_back", "11", "NRTI", "PMNT RCHQ UPCQ", "CHEQUE IMPAYE", 0),
    Kind("debit_back", "08", "NRTI", "PMNT RDDT UPDD", "PRELEVEMENT REJETE", 0),
    Kind("supplier", "06", "NTRF", "PMNT ICDT DMCT", "VIR FOURNISSEUR", 0),
    Kind("cheque_issued", "01", "NCHK", "PMNT ICHQ CCHQ", "CHEQUE EMIS", -1),
    Kind("payroll", "06", "NTRF", "PMNT ICDT SALA", "VIR PAIE", 0),
    Kind("energy", "06", "NTRF", "PMNT ICDT DMCT", "VIR ENERGIE", 0),
    Kind("tax", "06", "NTRF", "PMNT ICDT TAXP", "VIR TVA", 0),
    Kind("loan", "14", "NLDP", "LDAS CSLN PPAY", "ECHEANCE EMPRUNT", 0),
    Kind("own_out", "06", "NTRF", "PMNT ICDT BOOK", "NIVELLEMENT VERS", 0),
    Kind("own_in", "05", "NTRF", "PMNT RCDT BOOK", "NIVELLEMENT DE", 0),
    Kind("exchange", "20", "NFEX", "FORX SPOT OTHR", "ACHAT DEVISES", 0),
    Kind("fee", "70", "NCHG", "ACMT MDOP COMM", "FRAIS DE TENUE DE COMPTE", 0),
    Kind("placement_out", "33", "NSEC", "LDAS FTDP DPST", "SOUSCRIPTION PLACEMENT", 0),
    Kind("placement_in", "33", "NSEC", "LDAS FTDP RPMT", "REMBOURSEMENT PLACEMENT", 0),
)
K = {kind.name: place for place, kind in enumerate(KINDS)}
