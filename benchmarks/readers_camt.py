"""The camt.053 reader against `bankstatementparser`, on one made-up statement (synthetic data).

    python -m benchmarks.readers_camt [--rows 1000000] [--peer-rows 50000] [--repeats 3] [--entry rich|plain] [--peer PYTHON]

Each reading is a child process that times itself after its imports and tells its peak memory. Both readers take turns on a statement
of `--peer-rows` entries, then ours reads `--rows`; the ratio is wall time an entry, the peer's on its own size (it holds the whole
tree: at a million entries it would need about 8 GB). The peer is not a dependency of the project. To race it (or name by BENCH_PEERS the Python that has it):

    python -m venv benchmarks/.peers/bankstatementparser
    benchmarks/.peers/bankstatementparser/bin/pip install bankstatementparser
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.measuring import most, tell

PEER = Path(__file__).parent / ".peers" / "bankstatementparser" / "bin" / "python"

_MEASURE = """
import json, logging, resource, sys, time
logging.disable(logging.CRITICAL)
{imports}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
wall, cpu = time.perf_counter(), time.process_time()
rows = {read}
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({{"rows": rows, "wall_s": wall, "cpu_s": cpu, "peak_mib": peak / 1024, "before_mib": before / 1024,
                   "versions": {versions}}}))
"""
_OURS = _MEASURE.format(
    imports="from pathlib import Path\n"
    "from workbench.intake.formats.camt import read\n"
    "from workbench.intake.profiles import Profile\n"
    "profile = Profile(name='camt', format='camt', files=('*',))\n"
    "def proven(reading):\n"
    "    assert reading.tables['read_statements']['proof_code'].to_pylist() == ['proven'] and not reading.problems\n"
    "    return len(reading.tables['read_lines'])",
    read="proven(read(Path(sys.argv[1]), profile))",
    versions="{}",
)
_PEER = _MEASURE.format(
    imports="from importlib.metadata import version\nfrom bankstatementparser import CamtParser",
    read="len(CamtParser(sys.argv[1]).parse())",
    versions="{name: version(name) for name in ('bankstatementparser', 'lxml')}",
)
_RICH = """<Ntry>
 <Amt Ccy="MAD">{amount}</Amt>
 <CdtDbtInd>{indicator}</CdtDbtInd>
 <Sts>BOOK</Sts>
 <BookgDt><Dt>2024-01-{day:02d}</Dt></BookgDt>
 <ValDt><Dt>2024-01-{day:02d}</Dt></ValDt>
 <AcctSvcrRef>REF{number:09d}</AcctSvcrRef>
 <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
 <NtryDtls><TxDtls>
  <Refs><EndToEndId>E2E{number:09d}</EndToEndId></Refs>
  <RltdPties><Dbtr><Nm>CLIENT {number}</Nm></Dbtr></RltdPties>
  <RmtInf><Ustrd>FACTURE {number} EAU ET ELECTRICITE</Ustrd></RmtInf>
 </TxDtls></NtryDtls>
</Ntry>
"""
_PLAIN = """<Ntry>
 <Amt Ccy="MAD">{amount}</Amt>
 <CdtDbtInd>{indicator}</CdtDbtInd>
 <Sts>BOOK</Sts>
 <BookgDt><Dt>2024-01-{day:02d}</Dt></BookgDt>
 <ValDt><Dt>2024-01-{day:02d}</Dt></ValDt>
 <AcctSvcrRef>REF{number:09d}</AcctSvcrRef>
 <AddtlNtryInf>FACTURE {number}</AddtlNtryInf>
</Ntry>
"""


def main() -> None:
    """Run the race and tell it (`measuring.tell`)."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        result = race(Path(folder), options)
    ours, peer = result["ours"], result["peers"].get("bankstatementparser")
    if not isinstance(peer, dict):
        peer = {}
        print("readers_camt: bankstatementparser is absent; see the module's docstring", file=sys.stderr)
    rows, small = f"{options.rows:,} entries", f"{options.peer_rows:,} entries"
    wall, cpu = peer.get("wall_us_per_entry"), peer.get("cpu_us_per_entry")
    tell("readers_camt", f"wall an entry, ours {rows}, peer {small}", ours["wall_us_per_entry"], wall, "µs", "≤ 0.25")
    tell("readers_camt", f"CPU an entry, both {small}", ours["same_size"]["cpu_us_per_entry"], cpu, "µs", "none")
    tell("readers_camt", f"peak memory, {rows}", ours["peak_mib"], None, "MiB", "≤ 400")
    if peer:
        tell(
            "readers_camt", f"peak memory, both {small}", ours["same_size"]["peak_mib"], peer["peak_mib"], "MiB", "none"
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readers_camt", description=__doc__)
    parser.add_argument("--rows", type=int, default=most(1_000_000), help="entries of the statement that ours reads")
    parser.add_argument("--peer-rows", type=int, default=most(50_000), help="entries of the statement that both read")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--entry", choices=["rich", "plain"], default="rich", help="with or without codes, party and details"
    )
    parser.add_argument(
        "--peer",
        type=Path,
        default=Path(os.environ.get("BENCH_PEERS", PEER)),
        help="the Python of the environment that holds the peer",
    )
    parser.add_argument("--peers", choices=["none", "all"], default="all")
    parser.add_argument("--work", type=Path, default=None, help="folder for the made-up files; default: the system's")
    return parser.parse_args()


def race(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Both readers in turn on the smaller file, then ours on the larger one."""
    small = written(folder / "small.xml", options.peer_rows, options.entry)
    has_peer = options.peers == "all" and options.peer.exists()
    ours, peer = [], []
    for _ in range(options.repeats):
        ours.append(measured(Path(sys.executable), _OURS, small, options.peer_rows))
        if has_peer:
            peer.append(measured(options.peer, _PEER, small, options.peer_rows))
    large = written(folder / "large.xml", options.rows, options.entry)
    whole = measured(Path(sys.executable), _OURS, large, options.rows)
    result: dict[str, Any] = {
        "ours": {**_said(whole, options.rows), "same_size": _median(ours, options.peer_rows)},
        "peers": {},
        "ratios": {},
        "sizes": {"rows": options.rows, "peer_rows": options.peer_rows, "entry": options.entry,
                  "file_mib": large.stat().st_size / 2**20},
        "versions": {name: version(name) for name in ("lxml", "pyarrow")},
    }  # fmt: skip
    if has_peer:
        told_peer = _median(peer, options.peer_rows)
        result["peers"]["bankstatementparser"] = told_peer
        result["versions"] |= {"peer_" + name: each for name, each in peer[0]["versions"].items()}
        result["ratios"] = {
            "peer_wall_to_ours": told_peer["wall_us_per_entry"] / result["ours"]["wall_us_per_entry"],
            "peer_wall_to_ours_same_size": told_peer["wall_us_per_entry"]
            / result["ours"]["same_size"]["wall_us_per_entry"],
            "peer_cpu_to_ours": told_peer["cpu_us_per_entry"] / result["ours"]["cpu_us_per_entry"],
            "peer_cpu_to_ours_same_size": told_peer["cpu_us_per_entry"]
            / result["ours"]["same_size"]["cpu_us_per_entry"],
        }
    elif options.peers == "all":
        result["peers"]["bankstatementparser"] = "absent: see the module's docstring"
    return result


def measured(python: Path, code: str, path: Path, rows: int) -> dict[str, Any]:
    """What a child process says of one reading; every entry must have been read."""
    done = subprocess.run([python, "-c", code, path], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{python}: {done.stderr.strip().splitlines()[-1]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if told["rows"] != rows:
        sys.exit(f"{python}: {told['rows']} entries were read where {rows} were written")
    return told


def _said(run: dict[str, Any], rows: int) -> dict[str, float]:
    return {
        "wall_us_per_entry": run["wall_s"] / rows * 1e6,
        "cpu_us_per_entry": run["cpu_s"] / rows * 1e6,
        "wall_s": run["wall_s"],
        "peak_mib": run["peak_mib"],
        "before_mib": run["before_mib"],
    }


def _median(runs: list[dict[str, Any]], rows: int) -> dict[str, float]:
    said = [_said(run, rows) for run in runs]
    return {name: statistics.median(each[name] for each in said) for name in said[0]}


def written(path: Path, rows: int, kind: str) -> Path:
    """One statement of that many entries, whose closing is right."""
    amounts = [(100 + number % 9973) * (1 if number % 3 else -1) for number in range(rows)]
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId>'
            "<CreDtTm>2024-02-01T06:00:00</CreDtTm></GrpHdr><Stmt><Id>S</Id><CreDtTm>2024-02-01T06:00:00</CreDtTm>"
            "<Acct><Id><Othr><Id>011519000001205000534921</Id></Othr></Id><Ccy>MAD</Ccy></Acct>\n"
            f"{_balance('OPBD', 0, '2024-01-01')}{_balance('CLBD', sum(amounts), '2024-01-31')}"
        )
        file.writelines(_entries(amounts, _RICH if kind == "rich" else _PLAIN))
        file.write("</Stmt></BkToCstmrStmt></Document>\n")
    return path


def _balance(kind: str, centimes: int, day: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="MAD">{_amount(centimes)}</Amt>'
        f"<CdtDbtInd>{'DBIT' if centimes < 0 else 'CRDT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n"
    )


def _amount(centimes: int) -> str:
    return f"{abs(centimes) // 100}.{abs(centimes) % 100:02d}"


def _entries(amounts: list[int], text: str) -> Iterator[str]:
    for number, centimes in enumerate(amounts):
        day = 1 + number * 31 // len(amounts)
        indicator = "DBIT" if centimes < 0 else "CRDT"
        yield text.format(amount=_amount(centimes), indicator=indicator, day=day, number=number)


def told(result: dict[str, Any]) -> list[str]:
    """The result as lines to read."""
    ours, sizes = result["ours"], result["sizes"]
    lines = [
        f"ours: {sizes['rows']:,} entries in {ours['wall_s']:.1f} s, {ours['wall_us_per_entry']:.1f} µs an entry, "
        f"peak {ours['peak_mib']:.0f} MiB ({ours['before_mib']:.0f} before reading)"
    ]
    peer = result["peers"].get("bankstatementparser")
    if isinstance(peer, dict):
        lines.append(
            f"bankstatementparser: {sizes['peer_rows']:,} entries in {peer['wall_s']:.1f} s, "
            f"{peer['wall_us_per_entry']:.1f} µs an entry, peak {peer['peak_mib']:.0f} MiB"
        )
        lines.append(
            f"wall time an entry, peer to ours: {result['ratios']['peer_wall_to_ours']:.1f} × (ours at {sizes['rows']:,}), "
            f"{result['ratios']['peer_wall_to_ours_same_size']:.1f} × (both at {sizes['peer_rows']:,}); "
            f"CPU time: {result['ratios']['peer_cpu_to_ours']:.1f} × and {result['ratios']['peer_cpu_to_ours_same_size']:.1f} ×"
        )
    elif peer:
        lines.append(f"bankstatementparser: {peer}")
    return lines


if __name__ == "__main__":
    main()
