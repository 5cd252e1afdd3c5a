"""The invariant detects each kind of lost, duplicate and wrong data in an otherwise correct state."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from faults.invariant import differences
from faults.lines import LONG, Body, Line
from faults.model import LineRange, Model
from faults.state import Batch, Entry, State, Stored
from faults.world import TABLE

KEY, BATCH = "sale_events/dt=2024-05-01/a.json", 17 * 10**8
BODY = Body(
    "plain", (Line("event", 1, 0), Line("blank"), Line("event", 2, 1), Line("missing_key"), Line("event", 1, 5))
)
ROWS = [Stored(BATCH, "2024-05-01", Line("event", n, v).row()) for n, v in ((1, 0), (2, 1))]
RIGHT = State(
    table=ROWS,
    batches=[Batch(BATCH, 4, 2, 1, 1, True)],
    parts=[LineRange(KEY, "v1", 1, 3, 2, 0, False, BATCH), LineRange(KEY, "v1", 4, 5, 2, 1, True, BATCH)],
    parquet=list(ROWS),
    quarantine=[Entry(KEY, "v1", 4, "missing_key", Line("missing_key").encoded())],
)


def found(state: State) -> list[str]:
    model = Model()
    model.put(KEY, "v1", BODY)
    return differences(model, state, True)


def test_right_state() -> None:
    assert found(RIGHT) == []


WRONG: dict[str, Callable[[State], State]] = {
    "row lost": lambda s: replace(s, table=s.table[1:]),
    "row doubled": lambda s: replace(s, table=[*s.table, s.table[0]]),
    "row without a line": lambda s: replace(s, table=[*s.table, replace(s.table[0], row=("other", 1, "x", None))]),
    "other content": lambda s: replace(s, table=[replace(s.table[0], row=("event-1", 9, "x", None)), s.table[1]]),
    "other day": lambda s: replace(s, table=[replace(s.table[0], day="2024-05-02"), s.table[1]]),
    "other batch": lambda s: replace(s, table=[replace(s.table[0], batch=BATCH + 1), s.table[1]]),
    "batch lost": lambda s: replace(s, batches=[]),
    "batch twice": lambda s: replace(s, batches=s.batches * 2),
    "not balanced": lambda s: replace(s, batches=[replace(s.batches[0], rows_duplicate=2)]),
    "miscounted": lambda s: replace(s, batches=[replace(s.batches[0], rows_new=3, rows_duplicate=0)]),
    "part lost": lambda s: replace(s, parts=s.parts[1:]),
    "part twice": lambda s: replace(s, parts=[*s.parts, s.parts[0]]),
    "part never complete": lambda s: replace(s, parts=[replace(p, complete=False) for p in s.parts]),
    "unknown version": lambda s: replace(s, parts=[replace(p, version="v2") for p in s.parts]),
    "quarantine lost": lambda s: replace(s, quarantine=[]),
    "quarantine twice": lambda s: replace(s, quarantine=s.quarantine * 2),
    "other number": lambda s: replace(s, quarantine=[replace(s.quarantine[0], number=3)]),
    "other bytes": lambda s: replace(s, quarantine=[replace(s.quarantine[0], line=b"{}")]),
    "parquet lost": lambda s: replace(s, parquet=s.parquet[1:]),
    "parquet twice": lambda s: replace(s, parquet=s.parquet * 2),
    "parquet not marked": lambda s: replace(s, batches=[replace(s.batches[0], has_parquet=False)]),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_wrong_state(change: Callable[[State], State]) -> None:
    assert found(change(RIGHT)) != []


def test_line_of_a_later_run_replaces_the_first() -> None:
    model, later = Model(), BATCH + 10**8
    model.put(KEY, "v1", Body("plain", (Line("event", 1, 0),)))
    model.put(KEY, "v2", Body("plain", (Line("event", 1, 5),)))
    parts = [LineRange(KEY, "v1", 1, 1, 1, 0, True, BATCH), LineRange(KEY, "v2", 1, 1, 1, 0, True, later)]
    batches = [Batch(BATCH, 1, 0, 1, 0, True), Batch(later, 1, 1, 0, 0, True)]
    table = [Stored(later, "2024-05-01", Line("event", 1, 5).row())]
    [problem] = differences(model, State(table, batches, parts, table, []), True)
    assert "is not the first" in problem


def test_later_object_replaces_an_earlier_one_of_its_run() -> None:
    """Until the run has ended, either may be in the table; then only that of the lower batch, or an equal one."""
    model, second, other = Model(), BATCH + 10**4, KEY.replace("a.json", "b.json")
    model.put(KEY, "v1", Body("plain", (Line("event", 1, 0),)))
    model.put(other, "v1", Body("plain", (Line("event", 1, 5),)))
    parts = [LineRange(KEY, "v1", 1, 1, 1, 0, True, BATCH), LineRange(other, "v1", 1, 1, 1, 0, True, second)]
    batches = [Batch(BATCH, 1, 0, 1, 0, True), Batch(second, 1, 1, 0, 0, True)]
    table = [Stored(second, "2024-05-01", Line("event", 1, 5).row())]
    state = State(table, batches, parts, table, [])
    assert differences(model, state, False) == []
    [problem] = differences(model, state, True)
    assert f"batch {BATCH} of its run" in problem
    model.put(other, "v1", Body("plain", (Line("event", 1, 0),)))
    same = [Stored(second, "2024-05-01", Line("event", 1, 0).row())]
    assert differences(model, replace(state, table=same, parquet=same), True) == []


def read_again() -> tuple[Model, State]:
    """Return the right state after a later run has read the object again."""
    model, later = Model(), BATCH + 10**8
    model.put(KEY, "v1", BODY)
    model.seen.update(RIGHT.parts)
    batches = [*RIGHT.batches, Batch(later, 4, 0, 3, 1, True)]
    return model, replace(RIGHT, batches=batches, parts=[LineRange(KEY, "v1", 1, 5, 4, 1, True, later)])


def test_object_that_was_read_again() -> None:
    model, state = read_again()
    assert differences(model, state, True) != [], "the first batch has lost its lines"
    model.reread = True
    assert differences(model, state, True) == []
    assert differences(model, replace(state, table=state.table[1:]), True) != []
    fewer = replace(state, batches=[replace(state.batches[0], rows_read=0, rows_new=0), state.batches[1]])
    assert differences(model, fewer, True) != []


def test_entries_of_both_readings() -> None:
    """While lines are read again, their old entries are still in the quarantine."""
    model, state = read_again()
    model.reread = True
    both = replace(state, quarantine=state.quarantine * 2)
    assert differences(model, both, False) == []
    assert differences(model, both, True) != []
    model.reread = False
    model.seen.clear()
    assert differences(model, replace(RIGHT, quarantine=RIGHT.quarantine * 2), False) != []


def test_ledger_that_was_lost() -> None:
    model, state = read_again()
    state = replace(state, batches=state.batches[1:])
    assert differences(model, state, True) != []
    model.lose_ledger()
    assert differences(model, state, True) == []
    recovered = replace(state, batches=[Batch(BATCH, 0, 0, 0, 0, True), *state.batches])
    assert differences(model, recovered, True) == []
    assert differences(model, replace(state, parquet=[]), True) != []


def changed() -> tuple[Model, State]:
    """Return the model and the state after a change of table and a run."""
    model, later = Model(), BATCH + 10**8
    model.put(KEY, "v1", BODY)
    model.set_owner(TABLE)
    model.seen.update(RIGHT.parts)
    model.table = "other_tbl"
    rows = [replace(row, batch=later) for row in ROWS]
    part = LineRange(KEY, "v1", 1, 5, 4, 1, True, later)
    return model, State(rows, [Batch(later, 4, 2, 1, 1, True)], [part], rows, RIGHT.quarantine, "other_tbl")


def test_ledger_belongs_to_the_former_table_until_the_next_run() -> None:
    model, state = changed()
    former = replace(RIGHT, owner=TABLE)
    assert differences(model, former, False) == []
    assert len(differences(model, former, True)) == 1
    model.set_owner("other_tbl")
    assert differences(model, state, True) == []
    assert differences(model, replace(state, parquet=list(ROWS)), True) != []
    assert differences(model, replace(state, parts=[]), True) != []


def test_each_table_keeps_its_rows() -> None:
    model, state = changed()
    model.set_owner("other_tbl")
    model.seen.update(state.parts)
    model.delete(KEY)
    model.table = TABLE
    model.set_owner(TABLE)
    back = State(list(ROWS), [Batch(BATCH, 0, 0, 0, 0, True)], [], list(ROWS), [], TABLE)
    assert differences(model, back, True) == []
    assert differences(model, replace(back, table=[], parquet=[]), False) != []
    assert differences(model, replace(back, table=state.table), False) != []


def test_database_restored_to_before_the_change_of_table() -> None:
    model, state = changed()
    model.snapshot()
    model.set_owner("other_tbl")
    model.seen.update(state.parts)
    model.restore()
    assert differences(model, replace(RIGHT, owner=TABLE), False) == []
    model.table = "other_tbl"
    model.set_owner("other_tbl")
    assert differences(model, state, True) == []
    assert model.lost == set()


def test_lines_under_the_contract_of_their_table() -> None:
    """Each table has separate batches. A new table has only batches with the wide contract."""
    model, line = Model(), Line(LONG, 7)
    model.seen.update(RIGHT.parts)
    model.widen()
    assert not model.valid(line, BATCH)
    assert model.valid(line, BATCH + 1)
    model.table = "other_tbl"
    assert model.valid(line, 1)


def test_database_that_was_restored() -> None:
    """Events loaded after the snapshot may be missing until they are read again; earlier events must be present."""
    model, state = read_again()
    model.seen.clear()
    empty = State([], [], [], [], [])
    model.snapshot()
    model.seen.update(state.parts)
    assert differences(model, empty, False) != []
    model.restore()
    assert differences(model, empty, False) == []
    assert differences(model, empty, True) != [], "the object exists, so it must be loaded"
    model.seen.update(state.parts)
    model.snapshot()
    model.restore()
    assert differences(model, empty, False) != []
    half = {replace(RIGHT.parts[1], complete=False)}
    assert model.pending("", False, half) == [], "an object with invalid lines is read again"
    later = {replace(part, batch=model.restored + 1) for part in half}
    assert len(model.pending("", False, later)) == 2
    model.restored = 0
    assert len(model.pending("", False, half)) == 2


def test_line_that_was_replayed_before_the_database_was_restored() -> None:
    """Until its object is read again, the line may be missing; then it is in the table, not in the quarantine."""
    model, line = Model(), Line(LONG, 7)
    model.put(KEY, "v1", Body("plain", (line,)))
    refused = LineRange(KEY, "v1", 1, 1, 1, 1, True, BATCH)
    state = State([], [Batch(BATCH, 1, 0, 0, 1, True)], [refused], [], [Entry(KEY, "v1", 1, LONG, line.encoded())])
    assert differences(model, state, True) == []
    model.seen.add(refused)
    model.snapshot()
    model.widen()
    missing = replace(state, quarantine=[])
    assert differences(model, missing, False) != []
    model.restore()
    assert differences(model, missing, False) == []
    assert differences(model, missing, True) != []
    loaded = replace(refused, rows_quarantined=0, batch=BATCH + 10**8)
    row = Stored(loaded.batch, "2024-05-01", line.row())
    again = [*state.batches, Batch(loaded.batch, 1, 1, 0, 0, True)]
    assert differences(model, State([row], again, [loaded], [row], []), True) == []
    assert differences(model, State([row], again, [loaded], [row], state.quarantine), True) != []
    model.delete(KEY)
    assert differences(model, missing, True) == []


def test_pending_lines() -> None:
    model = Model()
    model.put(KEY, "v1", BODY)
    parts = set(RIGHT.parts)
    assert len(model.pending("", False, set())) == 4
    assert model.pending("", False, parts) == []
    half = {part for part in parts if part.first == 1}
    assert len(model.pending("", False, half)) == 2
    bad = {replace(part, complete=False) for part in parts if part.rows_quarantined}
    assert len(model.pending("", False, bad)) == 2
    assert model.pending("", True, bad) == [], "lines that are read again are not new"
    assert model.pending("2024-04-30 2024-05-01", False, half) == []
    assert len(model.pending("2024-05-02 2024-05-03", False, half)) == 2


def test_parts_of_a_large_object_may_be_missing_until_it_is_complete() -> None:
    model, lines = Model(), tuple(Line("event", n, 0) for n in range(30))
    model.put(KEY, "v1", Body("plain", lines))
    rows = [Stored(BATCH, "2024-05-01", line.row()) for line in lines[19:]]
    part = LineRange(KEY, "v1", 20, 30, 11, 0, False, BATCH)
    batch = Batch(BATCH, 11, 11, 0, 0, True)
    assert differences(model, State(rows, [batch], [part], list(rows), []), False) == []
    complete = State(rows, [batch], [replace(part, complete=True)], list(rows), [])
    assert [problem for problem in differences(model, complete, False) if "lacks lines" in problem]
    small = Model()
    small.put(KEY, "v1", Body("gzip", lines))
    assert [p for p in differences(small, State(rows, [batch], [part], list(rows), []), False) if "lacks lines" in p]
