"""The points of each curve, small and large."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Numbers of events and objects, smaller for the ways that are slower than the job."""

    rows: tuple[int, ...]  # By the job, and as text files with LOAD DATA.
    objects: tuple[int, ...]
    objects_read: int  # By Spark's plain reading.
    one_object: tuple[int, ...]
    delays: tuple[int, ...]  # Milliseconds.
    delay_rows: dict[str, tuple[int, ...]]  # By way, for each delay.


S3_MS = 15
SMALL = Size(
    rows=(10_000, 100_000, 400_000),
    objects=(1_000, 5_000, 20_000),
    objects_read=2_000,
    one_object=(200_000, 800_000),
    delays=(0, 1, 5),
    delay_rows={
        "append": (20_000, 20_000, 4_000),
        "append-rewrite": (40_000,) * 3,
        "two-step": (60_000,) * 3,
        "guaranteed": (400_000,) * 3,
    },
)
TINY = Size(  # Only to check that the benchmark works.
    rows=(1_000, 10_000),
    objects=(20, 200),
    objects_read=20,
    one_object=(1_000, 10_000),
    delays=(0, 1, 5),
    delay_rows={
        "append": (2_000, 500, 500),
        "append-rewrite": (2_000,) * 3,
        "two-step": (10_000,) * 3,
        "guaranteed": (10_000,) * 3,
    },
)
LARGE = Size(
    rows=(10_000, 100_000, 1_000_000, 5_000_000),
    objects=(1_000, 10_000, 100_000),
    objects_read=10_000,
    one_object=(100_000, 1_000_000, 5_000_000),
    delays=(0, 1, 5),
    delay_rows={
        "append": (100_000, 100_000, 20_000),
        "append-rewrite": (100_000,) * 3,
        "two-step": (500_000,) * 3,
        "guaranteed": (1_000_000,) * 3,
    },
)
SIZES = {"tiny": TINY, "small": SMALL, "large": LARGE}
