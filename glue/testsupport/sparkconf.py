"""Spark's settings for a job on one machine, from the template of the local runtime."""

from pathlib import Path

import pyspark

from awsglue_testing import classes
from testsupport import emulator, tools

_TEMPLATE = Path(__file__).resolve().parents[2] / "localaws" / "awsglue" / "spark-defaults.conf"


def write(folder: Path, endpoint: str, more: dict[str, str] | None = None) -> Path:
    """Make `folder` a SPARK_CONF_DIR for AWS at `endpoint`. `more` are settings without the prefix "spark."."""
    folder.mkdir(exist_ok=True)
    fields = {
        "JarsDir": str(tools.required("STORE_EVENTS_JARS")),
        "Classes": classes.options(tools.required("STORE_EVENTS_JARS")),
        "SparkJars": str(Path(pyspark.__file__).resolve().parent / "jars"),
        "Endpoint": endpoint,
        "Region": emulator.REGION,
        "Warehouse": str(folder / "warehouse"),
    }
    text = _TEMPLATE.read_text()
    for name, value in fields.items():
        text = text.replace("{{." + name + "}}", value)
    lines = [f"spark.{key} {value}" for key, value in (more or {}).items()]
    (folder / "spark-defaults.conf").write_text("\n".join([text, *lines]) + "\n")
    return folder
