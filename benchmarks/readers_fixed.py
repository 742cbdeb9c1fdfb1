"""The CFONB120 and MT940 readers, with their proofs, against the libraries that read the same files without any.

    python -m benchmarks.readers_fixed [--cfonb120 1000000] [--mt940 100000] [--repeats 3] [--peers none|all]
                                       [--data FOLDER] [--peer-python PATH]

The peers are `python-cfonb` (`StatementReader().parse`) and `mt-940` (`mt940.parse`, the library that our reader stands on), which
may live in an environment of their own: `--peer-python`, or BENCH_PEERS. Each reading is a child process that reads a small file first, so that no
import is timed; ours and the peer take turns. Seconds are CPU seconds, peaks those of the whole child. Files are made up, or are
the `*.cfonb` and `*.sta` of `--data`.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.measuring import most, tell

PROJECT = Path(__file__).resolve().parent.parent
LINES_A_STATEMENT = 500
RACES = {"cfonb120": ("*.cfonb", "python-cfonb", "cfonb"), "mt940": ("*.sta", "mt-940", "mt940")}


def main() -> None:
    """Run the races and print them; with `--child`, read one file and print what it took."""
    options = _options()
    if options.child:
        print(json.dumps(_read(*options.child)))
        return
    result: dict[str, Any] = {"ours": {}, "peers": {}, "ratios": {}, "sizes": {}, "versions": _versions()}
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        for name in RACES:
            _race(name, _files(name, options, Path(work)), options, result)
    for name, ours in result["ours"].items():
        size, peer = f"{result['sizes'][name]['movements']:,} movements", result["peers"].get(RACES[name][1])
        if peer is None:
            print(
                f"{name}: {RACES[name][1]} is not installed for {options.peer_python}, or --peers none", file=sys.stderr
            )
        target = {"cfonb120": "≤ 0.1", "mt940": "≤ 1.3"}[name]
        tell(
            "readers_fixed",
            f"{name}, CPU, {size}",
            ours["cpu_s"],
            peer and peer["cpu_s"],
            "s",
            target if peer else "none",
        )
        tell("readers_fixed", f"{name}, peak memory", ours["peak_mib"], peer and peer["peak_mib"], "MiB", "none")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readers_fixed", description=__doc__)
    parser.add_argument("--cfonb120", type=int, default=most(1_000_000), help="movements of the CFONB120 file made")
    parser.add_argument("--mt940", type=int, default=most(100_000), help="movements of the MT940 file made")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", choices=["none", "all"], default="all")
    parser.add_argument(
        "--peer-python",
        default=os.environ.get("BENCH_PEERS", sys.executable),
        help="interpreter in whose environment the peers are",
    )
    parser.add_argument("--data", type=Path, help="folder of *.cfonb and *.sta files to read instead of made-up ones")
    parser.add_argument("--work", type=Path, default=None, help="folder for the made-up files; default: the system's")
    parser.add_argument("--child", nargs=4, metavar=("WHO", "FORMAT", "FILE", "SMALL"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _race(name: str, files: tuple[Path, Path], options: argparse.Namespace, result: dict[str, Any]) -> None:
    large, small = files
    runs: dict[str, list[dict[str, Any]]] = {"ours": [], "peer": []}
    for _ in range(options.repeats):
        runs["ours"].append(_child(sys.executable, "ours", name, large, small))
        if options.peers == "all" and (done := _child(options.peer_python, "peer", name, large, small)):
            runs["peer"].append(done)
    result["ours"][name] = ours = _median(runs["ours"])
    result["sizes"][name] = {"movements": ours["movements"], "bytes": large.stat().st_size}
    if not runs["peer"]:
        return
    result["peers"][RACES[name][1]] = peer = _median(runs["peer"])
    if peer["movements"] != ours["movements"]:
        sys.exit(f"{name}: ours read {ours['movements']} movements, {RACES[name][1]} {peer['movements']}")
    result["ratios"][name] = {
        "cpu": ours["cpu_s"] / peer["cpu_s"],
        "wall": ours["wall_s"] / peer["wall_s"],
        "peak": ours["peak_mib"] / peer["peak_mib"],
    }


def _child(python: str, who: str, name: str, large: Path, small: Path) -> dict[str, Any]:
    """What a child process tells of its reading; empty where the peer is not installed for it."""
    command = [python, "-m", "benchmarks.readers_fixed", "--child", who, name, str(large), str(small)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def _read(who: str, name: str, large: str, small: str) -> dict[str, Any]:
    try:
        reader = _our_reader(name) if who == "ours" else _peer_reader(name)
    except ModuleNotFoundError:
        if who == "ours":
            raise
        return {}
    reader(small)
    wall, cpu = time.perf_counter(), time.process_time()
    movements = reader(large)
    return {
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "movements": movements,
    }


def _our_reader(name: str) -> Any:
    from workbench.intake.profiles import Profile
    from workbench.intake.reading import read_file

    profile = Profile(name=name, format=name, files=("*",), encoding="latin-1")  # type: ignore[arg-type]

    def read(path: str) -> int:
        reading = read_file(Path(path), profile)
        proofs = set(reading.tables["read_statements"]["proof_code"].to_pylist())
        if reading.problems or proofs != {"proven"}:
            sys.exit(f"{path} is not proven: {proofs}, {[p.message('en') for p in reading.problems[:3]]}")
        return len(reading.tables["read_lines"])

    return read


def _peer_reader(name: str) -> Any:
    if name == "cfonb120":
        from cfonb import StatementReader  # type: ignore[import-not-found]

        def read(path: str) -> int:
            with Path(path).open(encoding="latin-1") as file:
                return sum(len(statement.lines) for statement in StatementReader().parse(file))

        return read
    import mt940

    return lambda path: len(mt940.parse(path))


def _files(name: str, options: argparse.Namespace, work: Path) -> tuple[Path, Path]:
    """The file to time and a small one to warm up with."""
    make = cfonb120_text if name == "cfonb120" else mt940_text
    suffix = RACES[name][0].lstrip("*")
    small, large = work / f"small{suffix}", work / f"large{suffix}"
    small.write_text(make(10), encoding="latin-1", newline="")
    found = sorted(options.data.glob(RACES[name][0])) if options.data else []
    if options.data and not found:
        sys.exit(f"{options.data} holds no {RACES[name][0]}")
    large.write_text(
        "".join(path.read_text(encoding="latin-1") for path in found) if found else make(getattr(options, name)),
        encoding="latin-1",
        newline="",
    )
    return large, small


def cfonb120_text(movements: int) -> str:
    """Made-up statements of up to 500 movements, every fifth with a line of details."""
    parts, balance = [], 0
    for number, amounts in enumerate(_statements(movements)):
        head = f"11111    00000MAD2 {number:011d}"
        parts.append(f"01{head}  010124".ljust(90) + _cfonb_amount(balance).ljust(30))
        for rank, amount in enumerate(amounts):
            balance += amount
            text = f"04{head}05020124  020124VIR RECU {rank}".ljust(90) + _cfonb_amount(amount)
            parts.append((text + f"REF{rank}").ljust(120))
            if rank % 5 == 0:
                parts.append(f"05{head}05020124     LIBFACTURE {number}-{rank}".ljust(120))
        parts.append(f"07{head}  030124".ljust(90) + _cfonb_amount(balance).ljust(30))
    return "\n".join(parts) + "\n"


def _cfonb_amount(centimes: int) -> str:
    last = ("{ABCDEFGHI" if centimes >= 0 else "}JKLMNOPQR")[abs(centimes) % 10]
    return f"{abs(centimes) // 10:013d}{last}"


def mt940_text(movements: int) -> str:
    """Made-up statements of up to 500 movements, each with a line of details."""
    parts, balance = [], 0
    for number, amounts in enumerate(_statements(movements)):
        parts.append(
            f":20:MADEUP\n:25:11111/{number:010d}\n:28C:{number % 999 + 1}/1\n:60F:{_mt940_amount(balance, 'MAD', '240102')}\n"
        )
        for rank, amount in enumerate(amounts):
            balance += amount
            parts.append(
                f":61:2401030103{_mt940_amount(amount)}NTRFREF{rank}//B{rank}\n:86:VIREMENT RECU CLIENT {rank}\n"
            )
        parts.append(f":62F:{_mt940_amount(balance, 'MAD', '240103')}\n-\n")
    return "".join(parts)


def _mt940_amount(centimes: int, currency: str = "", day: str = "") -> str:
    return f"{'C' if centimes >= 0 else 'D'}{day}{currency}{abs(centimes) // 100},{abs(centimes) % 100:02d}"


def _statements(movements: int) -> list[list[int]]:
    amounts = [(rank * 7919) % 200_000 - 100_000 for rank in range(movements)]
    return [amounts[at : at + LINES_A_STATEMENT] for at in range(0, movements, LINES_A_STATEMENT)]


def _versions() -> dict[str, str]:
    found = {}
    for name in ("python-cfonb", "mt-940", "numpy", "pyarrow"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main()
