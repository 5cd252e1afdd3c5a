"""The summary of a campaign."""

from faults import report


def a_run(kind: str, struck: bool, error: str = "", at: str = "") -> dict[str, object]:
    return {"kind": kind, "struck": struck, "error": error, "at": [at] if at else [], "seconds": 1.0}


RESULTS = [
    {"seed": 1, "took": 2.0, "problems": [], "runs": [a_run("disk full", True, "no room"), a_run("", False)]},
    {"seed": 2, "took": 3.0, "problems": ["lost"], "runs": [a_run("disk full", True), a_run("latency", False)]},
    {
        "seed": 3, "took": 1.0, "problems": [],
        "runs": [a_run("connection cut before a statement", True, at="worker before load")],
    },
]  # fmt: skip


def test_summary() -> None:
    found = report.summary(RESULTS, ["disk full", "latency", "run cancelled"], 9)
    assert found["faults"]["disk full"] == {"injected": 2, "struck": 2, "survived": 1}
    assert found["failed"] == [2]
    assert (found["histories"], found["runs"], found["failedRuns"], found["secondsPlaying"]) == (3, 5, 1, 6.0)
    assert found["neverStruck"] == ["latency"]
    assert found["cutStatements"] == {"worker before load": 1}


def test_table_lists_faults_that_never_struck() -> None:
    text = report.table(report.summary(RESULTS, ["latency"], 9))
    assert "faults that never struck: latency" in text
    assert "did not hold: [2]" in text
