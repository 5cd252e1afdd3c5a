"""python -m faults: the long campaign."""

import argparse
import json
import sys
import time
from pathlib import Path

from faults import campaign, report, sweep
from faults.generate import history
from faults.history import History, from_json, show
from faults.kinds import KINDS

_STATE = Path(__file__).resolve().parents[2] / ".local" / "faults"


def main(argv: list[str]) -> int:
    """Return the exit status: 0 only if every history held and every injected kind of fault struck."""
    options = _parser().parse_args(argv)
    latency = int(options.latency.removesuffix("ms"))
    histories = _histories(options)
    name = f"latency-{latency}ms" if latency else "plain"
    file = options.state / f"{name}.jsonl" if options.history is None and options.seed is None else None
    start = time.monotonic()
    with campaign.redirect_stderr(options.state / "job.log"), campaign.open_harness(latency) as harness:
        if options.sweep:
            histories += sweep.histories(harness)
        wanted = {h.seed for h in histories}
        record = campaign.Record(file or harness.world.folder / "record.jsonl", wanted, options.resume)
        campaign.run(harness, histories, record)
    results = (r for seed, r in record.results.items() if seed in wanted)
    found = report.summary(results, KINDS, time.monotonic() - start)
    if options.output == "json":
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        sys.stdout.write(report.table(found) + "\n")
    covers_all_kinds = len(histories) >= len(KINDS)
    return 1 if found["failed"] or (covers_all_kinds and found["neverStruck"]) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m faults", description="Run the job through histories of faults.")
    parser.add_argument("--histories", type=int, default=300, help="number of seeds, starting with --first")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seed", type=int, help="play and print only the history of this seed")
    parser.add_argument("--history", type=Path, help="play only the history in this JSON file")
    parser.add_argument("--latency", default="0ms", metavar="MSms", help="delay of every response of the database")
    parser.add_argument("--sweep", action="store_true", help="also cut the connection at every statement of two runs")
    parser.add_argument("--resume", action="store_true", help="resume an interrupted campaign")
    parser.add_argument("--state", type=Path, default=_STATE, help="folder for the campaign's record and log")
    parser.add_argument("--output", choices=("text", "json"), default="text")
    return parser


def _histories(options: argparse.Namespace) -> list[History]:
    if options.history is not None:
        return [from_json(options.history.read_text())]
    if options.seed is None:
        return [history(seed) for seed in range(options.first, options.first + options.histories)]
    one = history(options.seed)
    campaign.say(show(one))
    return [one]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
