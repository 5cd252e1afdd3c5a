"""The invariant. Table and ledger are checked after every run, everything after a successful last run."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from faults import job
from faults.lines import LONG, Body, Line
from faults.model import LineRange, Model, Version, day
from faults.state import Batch, State, Stored

_RUN, _PARTITION = 10**8, 10**4
_UNCOMPRESSED = ("plain", "open", "crlf", "joined", "array", "array of lines", "indented")


def differences(model: Model, state: State, final: bool) -> list[str]:
    """Return the differences, empty when everything matches. `final`: the last run had no fault and succeeded."""
    parts: dict[Version, list[LineRange]] = defaultdict(list)
    for part in sorted(state.parts, key=lambda p: (p.first, p.last)):
        parts[part.key, part.version].append(part)
    found = [
        *_ledger(model, parts),
        *_batches(model, state),
        *_table(model, state, final),
        *_quarantine(model, parts, state, final),
    ]
    if final:
        found += [*_complete(model, parts), *_parquet(state)]
        if state.owner not in (None, model.table):
            found.append(f"the ledger belongs to {state.owner}, but the run loaded into {model.table}")
    return found


def _ledger(model: Model, parts: dict[Version, list[LineRange]]) -> Iterator[str]:
    """Check that each version's parts are in order, cover each line once and have correct counts.

    Parts may be missing only if several tasks read the object, and only until it is complete.
    """
    for version, ranges in parts.items():
        if version not in model.versions:
            yield f"the ledger has {version}, which never existed"
            continue
        truth, last = model.versions[version].truth(), 0
        for part in ranges:
            if part.first <= last:
                yield f"the ledger has line {part.first} of {version} twice"
            skipped = [n for n in truth if last < n < part.first]
            if skipped and not (_splittable(model.versions[version]) and not any(p.complete for p in ranges)):
                yield f"the ledger lacks lines {skipped} of {version}"
            last = max(last, part.last)
            yield from _counts(model, part, truth)
        ends = [part for part in ranges if part.complete]
        if len(ends) > 1 or any(end.last < ranges[-1].last for end in ends):
            yield f"the ledger has the end of {version} {len(ends)} times, or lines after it"
        if ends and max(truth, default=0) > last:
            yield f"the ledger has {version} complete with line {last}, but there are lines up to {max(truth)}"


def _splittable(body: Body) -> bool:
    return body.form in _UNCOMPRESSED and len(body.encoded()) > job.PART_BYTES


def _counts(model: Model, part: LineRange, truth: dict[int, Line]) -> Iterator[str]:
    lines = part.covered(truth)
    bad = sum(not model.valid(line, part.batch) for line in lines.values())
    if (part.rows_read, part.rows_quarantined) != (len(lines), bad):
        yield f"{part}: there are {len(lines)} lines, {bad} of them invalid"


def _batches(model: Model, state: State) -> Iterator[str]:
    rows = Counter(stored.batch for stored in state.table)
    read: Counter[int] = Counter()
    bad: Counter[int] = Counter()
    for part in state.parts:
        read[part.batch] += part.rows_read
        bad[part.batch] += part.rows_quarantined
    ids = Counter(b.batch for b in state.batches)
    for batch in state.batches:
        if batch.batch not in model.lost:
            yield from _balance(batch, rows[batch.batch], read[batch.batch], bad[batch.batch], model.reread)
    for batch_id in {*rows, *read}:
        if ids[batch_id] != 1 and not (ids[batch_id] == 0 and batch_id in model.lost):
            yield f"the ledger has batch {batch_id} of {rows[batch_id]} rows {ids[batch_id]} times"


def _balance(batch: Batch, rows: int, read: int, bad: int, reread: bool) -> Iterator[str]:
    if batch.rows_read != batch.rows_new + batch.rows_duplicate + batch.rows_quarantined:
        yield f"{batch} is not balanced"
    left = read <= batch.rows_read and bad <= batch.rows_quarantined
    if batch.rows_new != rows or not left or (not reread and (batch.rows_read, batch.rows_quarantined) != (read, bad)):
        yield f"{batch}: the table has {rows} rows of it, its parts {read} lines, {bad} of them invalid"


def _table(model: Model, state: State, final: bool) -> Iterator[str]:
    """Check that each event of the lines that are, or were, in the ledger is in the table once, from its first line."""
    candidates: dict[str, list[tuple[int, int, Stored]]] = defaultdict(list)
    for part in model.seen.union(state.parts):
        version = part.key, part.version
        truth = model.versions[version].truth() if version in model.versions else {}
        for number, line in part.covered(truth).items():
            if model.valid(line, part.batch):
                stored = Stored(part.batch, day(part.key), line.row())
                candidates[line.key].append((part.batch, number, stored))
    rows = Counter(stored.row[0] for stored in state.table)
    for key in candidates.keys() - rows.keys():
        yield f"{key} is lost: {candidates[key]}"
    for key, count in rows.items():
        if key not in candidates:
            yield f"{key} is in the table, but in no line of the ledger"
        elif count > 1:
            yield f"{key} is in the table {count} times"
    for stored in state.table:
        found = candidates.get(stored.row[0], [])
        yield from _first(stored, found)
        if final:
            yield from _smallest(stored, [c for c in found if c[0] not in model.lost])


def _first(stored: Stored, candidates: list[tuple[int, int, Stored]]) -> Iterator[str]:
    if not candidates:
        return
    if stored not in [c for _, _, c in candidates]:
        yield f"{stored} is not one of {candidates}"
    earlier = [c for c in candidates if _before(c[0], stored.batch)]
    if earlier:
        yield f"{stored} is not the first: {earlier}"


def _smallest(stored: Stored, candidates: list[tuple[int, int, Stored]]) -> Iterator[str]:
    """Check that a run's event with the lowest batch number is kept, or one that is equal to it."""
    run = [c for _, _, c in candidates if c.batch // _RUN == stored.batch // _RUN]
    least = min((c.batch for c in run), default=stored.batch)
    wanted = [(c.day, c.row) for c in run if c.batch == least]
    if wanted and (stored.day, stored.row) not in wanted:
        yield f"{stored} is in the table, but batch {least} of its run has {wanted}"


def _before(one: int, other: int) -> bool:
    """Report whether a batch was certainly committed before another: by an earlier run, or earlier by the same task."""
    if one // _RUN != other // _RUN:
        return one < other
    return one // _PARTITION == other // _PARTITION and one < other


def _quarantine(model: Model, parts: dict[Version, list[LineRange]], state: State, final: bool) -> Iterator[str]:
    """Check that each invalid line that the ledger counts is in the quarantine once, with its number.

    When lines are read again, the old entries stay until all new ones are committed: a worker that outlives its run
    can be between the two.
    """
    entries: dict[Version, Counter[tuple[int, str, bytes]]] = defaultdict(Counter)
    for entry in state.quarantine:
        entries[entry.key, entry.version][entry.number, entry.reason, entry.line] += 1
    for version in entries.keys() - model.versions.keys():
        yield f"the quarantine has lines of {version}, which never existed"
    for version, ranges in parts.items():
        if version not in model.versions:
            continue
        bad = model.versions[version].quarantined()
        present = final and model.current.get(version[0]) == version[1]
        counted, loaded = _verdicts(model, version, ranges)
        if model.restored and not present:
            # A replay may have loaded them after the snapshot. They are lost until their object is read again.
            counted = {n for n in counted if bad[n][0] != LONG}
        present_lines = {number for number, _, _ in entries[version]}
        for number in counted - present_lines:
            yield f"the quarantine lacks line {number} of {version}: {bad[number]}"
        for (number, reason, line), count in entries[version].items():
            if (count > 1 and (final or not model.reread)) or bad.get(number) != (reason, line):
                yield f"the quarantine has {(reason, line)} as line {number} of {version} {count} times"
            if present and number in loaded:
                yield f"the quarantine has line {number} of {version}, which is loaded"


def _verdicts(model: Model, version: Version, parts: list[LineRange]) -> tuple[set[int], set[int]]:
    """Return the numbers of the version's lines that the ledger counts as invalid, and as valid."""
    bad, valid = set[int](), set[int]()
    for part in parts:
        for number, line in part.covered(model.versions[version].truth()).items():
            (valid if model.valid(line, part.batch) else bad).add(number)
    return bad, valid


def _complete(model: Model, parts: dict[Version, list[LineRange]]) -> Iterator[str]:
    for key, etag in model.current.items():
        if model.versions[key, etag].form != "empty" and not any(p.complete for p in parts[key, etag]):
            yield f"{key} (version {etag}) is not loaded"


def _parquet(state: State) -> Iterator[str]:
    table, parquet = Counter(state.table), Counter(state.parquet)
    if table - parquet:
        yield f"rows missing from the Parquet: {list((table - parquet).elements())}"
    if parquet - table:
        yield f"rows in the Parquet but not in the table: {list((parquet - table).elements())}"
    late = [b.batch for b in state.batches if not b.has_parquet]
    if late:
        yield f"the Parquet of batches {late} is not marked as written"
