"""awswrangler: read objects into a DataFrame with s3.read_json, and load the frame with mysql.to_sql.

Settings from https://aws-sdk-pandas.readthedocs.io/en/stable/stubs/awswrangler.mysql.to_sql.html: many rows per INSERT
(chunksize, 200 by default), names of columns, and mode append, with which the key makes a second load fail.
"""

from typing import Any

import awswrangler as wr
import pymysql
from common import measure

_CHUNK = 5_000  # Rows per statement. 1,000 and 20,000 are slower.


def load(given: dict[str, Any]) -> None:
    wr.config.s3_endpoint_url = given["endpoint"]
    objects = [name for location in given["locations"] for name in wr.s3.list_objects(location)]
    frame = wr.s3.read_json(path=objects, lines=True, use_threads=True, convert_dates=False)
    for name in given["timestamps"]:
        frame[name] = frame[name].str.removesuffix("Z")
    database = given["database"]
    connection = pymysql.connect(
        host="127.0.0.1", port=database["port"], user=database["user"], password=database["password"],
        database=database["name"], ssl_ca=database["ca"],
    )  # fmt: skip
    with connection:
        wr.mysql.to_sql(
            frame, connection, given["table"], database["name"], mode="append", use_column_names=True, chunksize=_CHUNK
        )


measure(load, "awswrangler", "pandas", "PyMySQL")
