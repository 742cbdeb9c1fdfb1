"""Statements of the made-up banks in ISO 20022 (camt.053.001.08): a Moroccan account is named under `Othr`, by its RIB."""

from xml.sax.saxutils import escape

from workbench.demo.bank_files import Files, Line, Statement

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def camt053(statement: Statement) -> Files:
    """One document of one statement, an entry a line."""
    account, number = statement.account, statement.month + 1
    name = f"{account.bank_code}{account.index + 1:02d}{statement.first:%Y%m}"
    stamp = f"{statement.last:%Y-%m-%d}T20:00:00"
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{_NAMESPACE}">\n<BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>{name}</MsgId><CreDtTm>{stamp}</CreDtTm></GrpHdr>\n"
        f"<Stmt><Id>{name}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb><LglSeqNb>{number}</LglSeqNb><CreDtTm>{stamp}</CreDtTm>\n"
        f"<FrToDt><FrDtTm>{statement.first:%Y-%m-%d}T00:00:00</FrDtTm><ToDtTm>{statement.last:%Y-%m-%d}T23:59:59</ToDtTm></FrToDt>\n"
        f"<Acct><Id><Othr><Id>{account.rib}</Id><SchmeNm><Prtry>RIB</Prtry></SchmeNm></Othr></Id><Ccy>{account.currency}</Ccy></Acct>\n",
        _balance("OPBD", statement.opening, f"{statement.first:%Y-%m-%d}", account.currency),
        _balance("CLBD", statement.closing, f"{statement.last:%Y-%m-%d}", account.currency),
        *(_entry(line, place, account.currency) for place, line in enumerate(statement.lines, 1)),
        "</Stmt>\n</BkToCstmrStmt>\n</Document>\n",
    ]
    yield f"CAMT053_{statement.stem}.xml", "".join(parts).encode()


def _amount(centimes: int, currency: str) -> str:
    side = "DBIT" if centimes < 0 else "CRDT"
    size = abs(centimes)
    return f'<Amt Ccy="{currency}">{size // 100}.{size % 100:02d}</Amt><CdtDbtInd>{side}</CdtDbtInd>'


def _balance(code: str, centimes: int, day: str, currency: str) -> str:
    return f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(centimes, currency)}<Dt><Dt>{day}</Dt></Dt></Bal>\n"


def _entry(line: Line, place: int, currency: str) -> str:
    domain, family, sub_family = line.kind.family.split()
    party = _party(line) if line.counterparty else ""
    return (
        f"<Ntry><NtryRef>{place}</NtryRef>{_amount(line.amount, currency)}<Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{line.booking:%Y-%m-%d}</Dt></BookgDt><ValDt><Dt>{line.value:%Y-%m-%d}</Dt></ValDt>"
        f"<AcctSvcrRef>{line.reference}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub_family}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{line.reference}</EndToEndId></Refs>{party}"
        f"<RmtInf><Ustrd>{escape(line.label)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )


def _party(line: Line) -> str:
    """The other side: an own account by its RIB, anybody else by the name the office knows."""
    side = "Dbtr" if line.amount > 0 else "Cdtr"
    if line.counterparty.isdigit():
        inner = f"<{side}><Pty><Nm>OFFICE FICTIF</Nm></Pty></{side}><{side}Acct><Id><Othr><Id>{line.counterparty}</Id></Othr></Id></{side}Acct>"
    else:
        inner = f"<{side}><Pty><Nm>{escape(line.counterparty)}</Nm></Pty></{side}>"
    return f"<RltdPties>{inner}</RltdPties>"
