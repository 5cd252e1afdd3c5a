"""Dynamic frames, implemented with Spark data frames.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from awsglue import casts

if TYPE_CHECKING:
    from awsglue.context import GlueContext

# Glue type names that differ from Spark's.
_TYPES = {"long": "bigint", "short": "smallint", "byte": "tinyint"}


class DynamicFrame:
    """A Spark data frame, or None for a source without objects, which has no columns."""

    def __init__(self, frame: DataFrame | None, glue_ctx: "GlueContext", name: str = "") -> None:
        self._frame = frame
        self.glue_ctx = glue_ctx
        self.name = name

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: "GlueContext", name: str = "") -> "DynamicFrame":
        return cls(dataframe, glue_ctx, name)

    def toDF(self, options: Any = None) -> DataFrame:
        if self._frame is not None:
            return self._frame
        return self.glue_ctx.spark_session.createDataFrame([], StructType([]))

    def count(self) -> int:
        return self.toDF().count()

    def schema(self) -> StructType:
        return self.toDF().schema

    def printSchema(self) -> None:
        self.toDF().printSchema()

    def show(self, num_rows: int = 20) -> None:
        self.toDF().show(num_rows, truncate=False)

    def getNumPartitions(self) -> int:
        return self.toDF().rdd.getNumPartitions()

    def errorsCount(self) -> int:
        return 0  # Spark's readers keep malformed records as rows.

    def repartition(self, num_partitions: int, transformation_ctx: str = "", **_: Any) -> "DynamicFrame":
        return self._with(lambda frame: frame.repartition(num_partitions))

    def coalesce(
        self, num_partitions: int, shuffle: bool = False, transformation_ctx: str = "", **_: Any
    ) -> "DynamicFrame":
        return self.repartition(num_partitions) if shuffle else self._with(lambda f: f.coalesce(num_partitions))

    def select_fields(self, paths: list[str], transformation_ctx: str = "", **_: Any) -> "DynamicFrame":
        """Return the fields with these paths. Ignore fields that do not exist."""
        return self._with(lambda frame: frame.select(*(p for p in paths if p in frame.columns)))

    def drop_fields(self, paths: list[str], transformation_ctx: str = "", **_: Any) -> "DynamicFrame":
        return self._with(lambda frame: frame.drop(*paths))

    def rename_field(self, oldName: str, newName: str, transformation_ctx: str = "", **_: Any) -> "DynamicFrame":
        return self._with(lambda frame: frame.withColumnRenamed(oldName, newName))

    def filter(self, f: Callable[[dict[str, Any]], bool], transformation_ctx: str = "", **_: Any) -> "DynamicFrame":
        """Return the records, as dictionaries, for which `f` is true."""
        session = self.glue_ctx.spark_session

        def kept(frame: DataFrame) -> DataFrame:
            rows = frame.rdd.filter(lambda row: bool(f(row.asDict(recursive=True))))
            return session.createDataFrame(rows, frame.schema)

        return self._with(kept)

    def union(self, other_frame: "DynamicFrame", transformation_ctx: str = "", **_: Any) -> "DynamicFrame":
        if other_frame._frame is None:
            return self
        other = other_frame._frame
        if self._frame is None:
            return DynamicFrame(other, self.glue_ctx, self.name)
        return self._with(lambda frame: frame.unionByName(other, allowMissingColumns=True))

    def apply_mapping(
        self, mappings: list[tuple[str, ...]], case_sensitive: bool = False, transformation_ctx: str = "", **_: Any
    ) -> "DynamicFrame":
        """Return only the fields of the mappings (source, [source type,] target, target type).

        A source may be a path a.b in a record, and is ignored if it does not exist. A target is a single name.
        """
        return self._with(lambda frame: frame.select(*(c for m in mappings for c in _mapped(frame, m))))

    applyMapping = apply_mapping

    def resolveChoice(
        self,
        specs: list[tuple[str, str]] | None = None,
        choice: str = "",
        database: str | None = None,
        table_name: str | None = None,
        transformation_ctx: str = "",
        **_: Any,
    ) -> "DynamicFrame":
        """Cast the fields of the specs (path, "cast:type" or "project:type").

        The other parameters have no effect. There are no choice types, because a Spark field has one type.
        """

        def cast(frame: DataFrame) -> DataFrame:
            for path, action in specs or []:
                kind, _, target = action.partition(":")
                if kind not in ("cast", "project") or path not in frame.columns:
                    raise NotImplementedError(
                        f"resolveChoice of {path!r} by {action!r}: only cast: and project: of a column are supported"
                    )
                frame = frame.withColumn(path, casts.cast(F.col(_quoted(path)), _spark_type(target)))
            return frame

        return self._with(cast)

    def _with(self, change: Callable[[DataFrame], DataFrame]) -> "DynamicFrame":
        return DynamicFrame(None if self._frame is None else change(self._frame), self.glue_ctx, self.name)


def _mapped(frame: DataFrame, mapping: tuple[str, ...]) -> list[Any]:
    source, target, kind = mapping[0], *mapping[-2:]
    if len(mapping) not in (3, 4):
        raise ValueError(f"mapping {mapping}: must be (source, [source type,] target, target type)")
    if "." in target and not target.startswith("`"):
        raise NotImplementedError(f"mapping to a field {target!r} in a record is not supported")
    path = source.strip("`") if source.startswith("`") else source
    column = F.col(_quoted(path)) if path in frame.columns else _nested(frame.schema, path)
    return [] if column is None else [casts.cast(column, _spark_type(kind)).alias(target.strip("`"))]


def _nested(schema: StructType, path: str) -> Any:
    """Return the column at a path a.b, or None if it does not exist."""
    inside: Any = schema
    for part in path.split("."):
        if not isinstance(inside, StructType) or part not in inside.names:
            return None
        inside = inside[part].dataType
    return F.col(".".join(_quoted(part) for part in path.split(".")))


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _spark_type(name: str) -> str:
    return _TYPES.get(name, name)
