"""The parameters are the same as in Glue's package, because scripts pass arguments by position and by name.

Names and order are from https://github.com/awslabs/aws-glue-libs, branch master (Glue 5.1 and 6.0). Parameters after
the listed ones may exist in only one of the packages.
"""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.reader import DynamicFrameReader
from awsglue.utils import getResolvedOptions
from awsglue.writer import DynamicFrameWriter

CATALOG = "database table_name redshift_tmp_dir transformation_ctx"
OPTIONS = "connection_type connection_options format format_options transformation_ctx"


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (GlueContext.__init__, "self sparkContext"),
        (DynamicFrameReader.from_rdd, "self data name schema sampleRatio"),
        (DynamicFrameReader.from_options, f"self {OPTIONS} push_down_predicate"),
        (DynamicFrameReader.from_catalog, f"self {CATALOG} push_down_predicate additional_options catalog_id"),
        (DynamicFrameWriter.from_options, f"self frame {OPTIONS}"),
        (DynamicFrameWriter.from_catalog, f"self frame {CATALOG} additional_options catalog_id"),
        (Job.__init__, "self glue_context_or_spark_session"),
        (Job.init, "self job_name args"),
        (Job.isInitialized, "self"),
        (Job.commit, "self"),
        (getResolvedOptions, "args options allow_abbrev"),
        (DynamicFrame.fromDF, "dataframe glue_ctx name"),
        (DynamicFrame.toDF, "self options"),
        (DynamicFrame.show, "self num_rows"),
        (DynamicFrame.filter, "self f transformation_ctx"),
        (DynamicFrame.select_fields, "self paths transformation_ctx"),
        (DynamicFrame.drop_fields, "self paths transformation_ctx"),
        (DynamicFrame.rename_field, "self oldName newName transformation_ctx"),
        (DynamicFrame.apply_mapping, "self mappings case_sensitive transformation_ctx"),
        (DynamicFrame.resolveChoice, "self specs choice database table_name transformation_ctx"),
        (DynamicFrame.union, "self other_frame transformation_ctx"),
        (DynamicFrame.repartition, "self num_partitions transformation_ctx"),
        (DynamicFrame.coalesce, "self num_partitions shuffle transformation_ctx"),
    ],
)
def test_parameters_are_the_same_as_in_glue(function: Callable[..., Any], parameters: str) -> None:
    names = [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    expected = parameters.split()
    assert names[: len(expected)] == expected
