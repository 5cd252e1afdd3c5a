"""The points of each curve, small and large."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """What is measured: numbers of events, and for the slower ways beside the job fewer."""

    rows: tuple[int, ...]
    objects: tuple[int, ...]
    objects_read: int  # By Spark's plain reading.
    one_object: tuple[int, ...]
    delays: tuple[int, ...]  # Milliseconds.
    delay_rows: dict[str, int]  # By way.


S3_MS = 15
SMALL = Size(
    rows=(10_000, 100_000, 400_000),
    objects=(1_000, 5_000, 20_000),
    objects_read=500,
    one_object=(200_000, 800_000),
    delays=(0, 1, 5),
    delay_rows={"append": 2_000, "append-rewrite": 20_000, "two-step": 60_000, "guaranteed": 200_000},
)
TINY = Size(  # To see that everything works.
    rows=(1_000, 10_000),
    objects=(20, 200),
    objects_read=20,
    one_object=(1_000, 10_000),
    delays=(0, 1, 5),
    delay_rows={"append": 500, "append-rewrite": 2_000, "two-step": 10_000, "guaranteed": 10_000},
)
LARGE = Size(
    rows=(10_000, 100_000, 1_000_000, 5_000_000),
    objects=(1_000, 10_000, 100_000),
    objects_read=2_000,
    one_object=(100_000, 1_000_000, 5_000_000),
    delays=(0, 1, 5),
    delay_rows={"append": 10_000, "append-rewrite": 100_000, "two-step": 500_000, "guaranteed": 500_000},
)
SIZES = {"tiny": TINY, "small": SMALL, "large": LARGE}
