"""Prints the surviving mutants and a table of modules. Fails if a module has less than 90 % of its mutants killed.

Run it in the directory where mutmut ran. Mutants in justified.json, beside this file, are not counted.
"""

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

from mutmut.__main__ import find_mutant, status_by_exit_code, walk_mutatable_files
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant

LEAST = 90


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def changed(name: str) -> str:
    """Return the lines that a mutant removes and adds, with their signs."""
    diff = get_diff_for_mutant(name, path=find_mutant(name).path).splitlines()
    return "\n".join(line for line in diff if line[:1] in "+-" and line[:3] not in ("+++", "---"))


def main() -> int:
    reasons = json.loads(Path(__file__).with_name("justified.json").read_text())
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            status, module = status_by_exit_code[code], name.rpartition(".")[0]
            if status == "not checked":
                continue
            if status == "segfault":  # The mutant crashed the test run.
                status = "killed"
            if status not in ("killed", "timeout"):
                lines = changed(name)
                if any(module.endswith(r["module"]) and r["change"] in lines for r in reasons):
                    status = "justified"
                else:
                    say(f"{name}: {status}\n{lines}")
                    status = "survived"
            counts[module][status] += 1
    say(f"{'MODULE':40} MUTANTS KILLED TIMEOUT SURVIVED JUSTIFIED SHARE")
    low = False
    for module, c in sorted(counts.items()):
        checked = c.total() - c["justified"]
        share = 100 * (c["killed"] + c["timeout"]) / checked if checked else 100.0
        low |= share < LEAST
        survived, justified = c["survived"], c["justified"]
        numbers = f"{c.total():7} {c['killed']:6} {c['timeout']:7} {survived:8} {justified:9}"
        say(f"{module:40} {numbers} {share:.1f} %")
    return int(low)


if __name__ == "__main__":
    sys.exit(main())
