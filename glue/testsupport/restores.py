"""Tests of runs that die, and of databases that were restored: objects, errors and comparisons."""

from typing import Any

from testsupport.stack import Stack


def put(stack: Stack, name: str, *lines: bytes) -> None:
    stack.put(f"sale_events/dt=2024-05-01/{name}.json", list(lines))


def delete(stack: Stack, name: str) -> None:
    stack.s3.delete_object(Bucket=stack.bucket, Key=f"sale_events/dt=2024-05-01/{name}.json")


def history(stack: Stack) -> list[tuple[Any, ...]]:
    return stack.database.rows("select run_number, run_id, outcome, ended_at is not null from etl_runs order by 1")


def same_everywhere(stack: Stack) -> bool:
    """Report whether table and Parquet have the same rows in the same batches."""
    parquet = sorted(
        (key, int(path.split("batch_id=")[1].split("/")[0])) for path, key in stack.parquet_rows("request_id")
    )
    return parquet == stack.table("request_id, batch_id")


class PowerCutError(BaseException):
    """Stands for the death of the process: the job does not catch it."""


def raising(error: type[BaseException]) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail
