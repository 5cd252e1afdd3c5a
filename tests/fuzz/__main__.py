"""python -m fuzz: read random objects for some time, and print the first on which the readers differ."""

import argparse
import itertools
import json
import sys
import time

from fuzz.compare import difference


def main(argv: list[str]) -> int:
    """Return the exit status: 0 only if the readers agree on every object."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="duration (600)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--seed", type=int, help="read only the object of this seed")
    parser.add_argument("--output", choices=["text", "json"], default="text")
    options = parser.parse_args(argv)
    start, found, count = time.monotonic(), None, 0
    seeds = [options.seed] if options.seed is not None else itertools.count(options.first)
    for seed in seeds:
        found = difference(seed)
        count += 1
        if found or time.monotonic() - start > options.seconds:
            break
        if count % 10_000 == 0:
            sys.stderr.write(f"{count} objects, {time.monotonic() - start:.0f} s\n")
    report = {"objects": count, "seconds": round(time.monotonic() - start, 1), "difference": found}
    if options.output == "json":
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    else:
        sys.stdout.write(f"{found or 'no difference'}\n{count} objects in {report['seconds']} s\n")
    return 1 if found else 0


sys.exit(main(sys.argv[1:]))
