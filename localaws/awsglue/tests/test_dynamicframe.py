"""Transformations of frames."""

import pytest
from pyspark.sql import SparkSession

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import ApplyMapping, DropFields, Filter, RenameField, ResolveChoice, SelectFields, Union


@pytest.fixture
def frame(spark: SparkSession) -> DynamicFrame:
    data = spark.createDataFrame([(1, "2", ("x",)), (3, "4", ("y",))], "n int, `t.x` string, at struct<place: string>")
    return DynamicFrame.fromDF(data, GlueContext(spark), "frame")


def test_apply_mapping(frame: DynamicFrame) -> None:
    mapped = ApplyMapping.apply(
        frame=frame,
        mappings=[
            ("n", "int", "number", "long"),
            ("`t.x`", "string", "text", "int"),
            ("at.place", "string", "place", "string"),
            ("absent", "string", "gone", "string"),
        ],
        transformation_ctx="mapped",
    )
    types = [(f.name, f.dataType.simpleString()) for f in mapped.schema()]
    assert types == [("number", "bigint"), ("text", "int"), ("place", "string")]
    assert [tuple(row) for row in mapped.toDF().collect()] == [(1, 2, "x"), (3, 4, "y")]
    with pytest.raises(NotImplementedError, match="in a record"):
        frame.apply_mapping([("n", "int", "a.b", "int")])


def test_fields(frame: DynamicFrame) -> None:
    assert SelectFields.apply(frame, ["n", "absent"]).toDF().columns == ["n"]
    assert DropFields.apply(frame, paths=["at", "t.x"]).toDF().columns == ["n"]
    assert RenameField.apply(frame, "n", "m").select_fields(["m"]).toDF().columns == ["m"]
    cast = ResolveChoice.apply(frame, specs=[("n", "cast:string")])
    assert cast.schema()["n"].dataType.simpleString() == "string"
    with pytest.raises(NotImplementedError, match="make_cols"):
        frame.resolveChoice(specs=[("n", "make_cols")])


def test_values_that_do_not_fit_are_null(spark: SparkSession) -> None:
    data = spark.createDataFrame([("1",), ("one",), ("",), ("99999999999",), (None,)], "x string")
    frame = DynamicFrame.fromDF(data, GlueContext(spark))
    for changed in (frame.apply_mapping([("x", "x", "int")]), frame.resolveChoice(specs=[("x", "cast:int")])):
        assert [row["x"] for row in changed.toDF().collect()] == [1, None, None, None, None]


def test_records(frame: DynamicFrame) -> None:
    kept = Filter.apply(frame=frame, f=lambda record: record["at"]["place"] == "y")
    assert [row["n"] for row in kept.toDF().collect()] == [3]
    assert Union.apply(frame, kept).count() == 3
    assert Union.apply(DynamicFrame(None, frame.glue_ctx), kept).count() == 1
    assert DynamicFrame(None, frame.glue_ctx).select_fields(["n"]).count() == 0


def test_glue_context_is_a_sql_context(spark: SparkSession) -> None:
    context = GlueContext(spark.sparkContext)
    assert context.sql("select 1 as one").collect()[0]["one"] == 1
    assert context.create_dynamic_frame.from_rdd([(1,)], "data", ["n"]).count() == 1
