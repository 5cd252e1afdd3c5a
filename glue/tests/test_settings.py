"""The job's options: invalid ones are reported before the run does anything."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from store_events import contract, limits, settings
from store_events.contract import Field


def test_options() -> None:
    given = {
        "commit_rows": "10",
        "max_invalid_share": "0.5",
        "replay": "true",
        "kept_line_mib": "16",
        "ledger_days": "7",
        "lock_wait_seconds": "0",
        "reload_from": "2024-05-01",
        "reload_to": "2024-05-02",
        "extra_columns": "tax=decimal(6,2), a=int",
    }
    assert settings.optional(contract.load(), given) == {
        "commit_rows": 10,
        "max_invalid_share": 0.5,
        "lock_wait_s": 0,
        "extra_columns": "tax=decimal(6,2), a=int",
        "ledger_days": 7,
        "backfill_from": "2024-05-01",
        "backfill_to": "2024-05-02",
        "replay": True,
        "kept_line_mib": 16,
    }
    assert settings.optional(contract.load(), {}) == {}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"commit_rows": "0"}, r"--commit_rows '0': must be 1 or more"),
        ({"commit_rows": "many"}, r"--commit_rows 'many'"),
        ({"max_invalid_share": "1.5"}, r"--max_invalid_share '1.5': must be from 0 to 1"),
        ({"kept_line_mib": "17"}, r"--kept_line_mib '17': must be from 1 to 16"),
        ({"replay": "yes"}, r"must be true or false"),
        ({"reload_from": "2024-05-01"}, r"--reload_from .* give both"),
        ({"reload_from": "2024-05-02", "reload_to": "2024-05-01"}, r"in order"),
        ({"reload_from": "1 May", "reload_to": "2024-05-01"}, r"--reload_from '1 May'"),
        ({"extra_columns": "tax"}, r"extra columns 'tax': not of the form"),
        ({"extra_columns": "qty=int"}, r"qty is already a column"),
        ({"extra_columns": "a=int,a=int"}, r"a is already a column"),
        ({"extra_columns": "batch_id=int"}, r"batch_id is already a column"),
        ({"extra_columns": "tax=decimal(40,2)"}, r"field tax: decimal\(40,2\) is not allowed: 1 to 38 digits"),
        ({"extra_columns": "a=string(9999),b=string(9999)"}, r"bytes in a row of MySQL"),
    ],
)
def test_invalid_options(given: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        settings.optional(contract.load(), given)


def test_error_names_an_invalid_contract_and_not_the_option() -> None:
    declared = contract.load()
    for field, message in (
        (Field("extra", "int"), "contract.json: extra is already a column"),
        (Field("tax", "decimal(40,2)"), "contract.json: field tax: "),
    ):
        with pytest.raises(ValueError, match=f"^{message}"):
            settings.optional(replace(declared, fields=(*declared.fields, field)), {})


def _limits() -> list[dict[str, Any]]:
    """Return the cases, which are shared with schema/limits_test.go."""
    file = Path(__file__).resolve().parents[2] / "schema" / "testdata" / "limits.jsonl"
    return [{"times": 1, **json.loads(line)} for line in file.read_text().splitlines()]


@pytest.mark.parametrize("case", _limits(), ids=lambda case: f"{case['key']} {','.join(case['types'])} {case['times']}")
def test_limits_of_columns(case: dict[str, Any]) -> None:
    types = case["types"] * case["times"]
    fields = [Field("k", case["key"]), *(Field(f"f{i}", kind) for i, kind in enumerate(types))]
    found = ""
    try:
        limits.check(fields, "k")
    except ValueError as error:
        found = str(error)
    assert found == case["error"]


def test_name_of_a_column() -> None:
    for name in ("", "Upper", "1st", "a-b", "n" * 65):
        with pytest.raises(ValueError, match="use at most 64 lower-case letters"):
            limits.check([Field("k", "string(36)"), Field(name, "int")], "k")
