"""Made camt messages: a statement is written as its entries and its two balances."""


def balance(kind: str, amount: str | tuple[str, str], day: str = "2024-01-03") -> str:
    """A `Bal`; a debit balance is ("20.00", "DBIT")."""
    written, indicator = (amount, "CRDT") if isinstance(amount, str) else amount
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>\n"
        f'<Amt Ccy="MAD">{written}</Amt><CdtDbtInd>{indicator}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n'
    )


def detail(
    amount: str = "", indicator: str = "", debtor: str = "", creditor: str = "", text: str = "", ref: str = ""
) -> str:
    """A `TxDtls`; its amount as version 3 and later write it."""
    parties = "".join(
        f"<{side}><Nm>{name}</Nm></{side}>" for side, name in (("Dbtr", debtor), ("Cdtr", creditor)) if name
    )
    return (
        "<TxDtls>"
        + (f"<Refs><EndToEndId>{ref}</EndToEndId></Refs>" if ref else "")
        + (f'<Amt Ccy="MAD">{amount}</Amt>' if amount else "")
        + (f"<CdtDbtInd>{indicator}</CdtDbtInd>" if indicator else "")
        + (f"<RltdPties>{parties}</RltdPties>" if parties else "")
        + (f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>" if text else "")
        + "</TxDtls>"
    )


def entry(
    amount: str,
    indicator: str = "CRDT",
    status: str = "BOOK",
    reversal: str = "",
    day: str = "2024-01-03",
    details: str = "",
) -> str:
    """A `Ntry`."""
    return (
        f'<Ntry>\n<Amt Ccy="MAD">{amount}</Amt>\n<CdtDbtInd>{indicator}</CdtDbtInd>\n'
        + (f"<RvslInd>{reversal}</RvslInd>\n" if reversal else "")
        + f"<Sts>{status}</Sts>\n<BookgDt><Dt>{day}</Dt></BookgDt>\n<ValDt><Dt>2024-01-04</Dt></ValDt>\n"
        "<AcctSvcrRef>BANQUE-1</AcctSvcrRef>\n"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>\n"
        + (f"<NtryDtls>{details}</NtryDtls>\n" if details else "")
        + "<AddtlNtryInf>VIREMENT RECU</AddtlNtryInf></Ntry>\n"
    )


def statement(
    *entries: str,
    opening: str | tuple[str, str] = "0",
    closing: str | tuple[str, str] = "0",
    pages: str = "",
    period: str = "",
    balances: str | None = None,
) -> str:
    """A `Stmt` of one account; `balances` replaces the OPBD and CLBD made of `opening` and `closing`."""
    if balances is None:
        balances = balance("OPBD", opening) + balance("CLBD", closing)
    return (
        f"<Stmt><Id>S-1</Id>{pages}<ElctrncSeqNb>12</ElctrncSeqNb><CreDtTm>2024-01-05T06:00:00+01:00</CreDtTm>{period}\n"
        "<Acct><Id><Othr><Id>011519000001205000534921</Id></Othr></Id><Ccy>MAD</Ccy></Acct>\n"
        f"{balances}{''.join(entries)}</Stmt>\n"
    )


def document(
    *statements: str, namespace: str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", header: str = ""
) -> str:
    """A whole message."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{namespace}">\n<BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M</MsgId><CreDtTm>2024-01-05T06:00:00+01:00</CreDtTm>{header}</GrpHdr>\n"
        f"{''.join(statements)}</BkToCstmrStmt></Document>\n"
    )
