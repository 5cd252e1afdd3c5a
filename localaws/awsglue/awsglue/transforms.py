"""Transforms of dynamic frames as classes: `ApplyMapping.apply(frame=…, mappings=…)`.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms.html
"""

from typing import Any, ClassVar

from awsglue.dynamicframe import DynamicFrame

__all__ = [
    "ApplyMapping",
    "Coalesce",
    "DropFields",
    "Filter",
    "RenameField",
    "Repartition",
    "ResolveChoice",
    "SelectFields",
    "Union",
]


class _Transform:
    """A method of DynamicFrame as a class, with the same parameters."""

    method: ClassVar[str]

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> DynamicFrame:
        return cls()(*args, **kwargs)

    def __call__(self, frame: DynamicFrame, *args: Any, **kwargs: Any) -> DynamicFrame:
        result: DynamicFrame = getattr(frame, self.method)(*args, **kwargs)
        return result


class ApplyMapping(_Transform):
    """See DynamicFrame.apply_mapping."""

    method = "apply_mapping"


class Coalesce(_Transform):
    """See DynamicFrame.coalesce."""

    method = "coalesce"


class DropFields(_Transform):
    """See DynamicFrame.drop_fields."""

    method = "drop_fields"


class Filter(_Transform):
    """See DynamicFrame.filter."""

    method = "filter"


class Repartition(_Transform):
    """See DynamicFrame.repartition."""

    method = "repartition"


class ResolveChoice(_Transform):
    """See DynamicFrame.resolveChoice."""

    method = "resolveChoice"


class SelectFields(_Transform):
    """See DynamicFrame.select_fields."""

    method = "select_fields"


class RenameField:
    """See DynamicFrame.rename_field. The parameters have different names."""

    @classmethod
    def apply(cls, frame: DynamicFrame, old_name: str, new_name: str, *args: Any, **kwargs: Any) -> DynamicFrame:
        return frame.rename_field(old_name, new_name, *args, **kwargs)


class Union:
    """See DynamicFrame.union. The parameters have different names."""

    @classmethod
    def apply(cls, frame1: DynamicFrame, frame2: DynamicFrame, *args: Any, **kwargs: Any) -> DynamicFrame:
        return frame1.union(frame2, *args, **kwargs)
