"""Sends a run's OpenLineage events: START, and COMPLETE or FAIL, with its inputs and outputs.

https://openlineage.io/docs/spec/object-model, https://openlineage.io/docs/spec/naming
"""

import json
import logging
import urllib.request
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from http.client import HTTPMessage
from typing import IO, Any

import pyspark

from store_events import aws
from store_events.contract import Contract
from store_events.report.run_state import RunState
from store_events.settings import Settings

START, COMPLETE, FAIL = "START", "COMPLETE", "FAIL"

_SPEC = "https://openlineage.io/spec"
_TIMEOUT_S = 5
_DETAIL = 300  # Characters.

_log = logging.getLogger(__name__)


def try_to_send(contract: Contract, settings: Settings, state: RunState, kind: str, error: str = "") -> None:
    """Send an event if a server is configured. Report a failure as a finding instead of raising it."""
    if not settings.lineage_url:
        return
    try:
        credentials = aws.read_credentials(settings.target.secret_arn)
        table = (f"mysql://{credentials.host}:{credentials.port}", f"{credentials.database}.{settings.target.table}")
        key = aws.read_api_key(settings.lineage_secret_arn) if settings.lineage_secret_arn else ""
        _post(settings.lineage_url, event(contract, settings, state, (kind, error), table), key)
    except Exception as failure:
        _log.warning("cannot send the lineage event %s: %s", kind, failure)
        detail = f"the event {kind} was not sent: {type(failure).__name__}: {failure}"[:_DETAIL]
        state.findings.append({"kind": "lineage_not_sent", "about": settings.lineage_url, "detail": detail})


def event(
    contract: Contract, settings: Settings, state: RunState, outcome: tuple[str, str], table: tuple[str, str]
) -> dict[str, Any]:
    """Return a RunEvent. `outcome` is the event type and the error, `table` the events table's namespace and name."""
    kind, error = outcome
    producer = f"urn:store-events:{settings.job}"
    bucket, schema = f"s3://{settings.bucket}", _schema(contract, producer)
    failed = _facet(producer, "1-0-1", "ErrorMessageRunFacet", message=error, programmingLanguage="PYTHON")
    new = state.run.stats.totals.get("rows_new")
    written = _facet(producer, "1-0-2", "OutputStatisticsOutputDatasetFacet", rowCount=new)
    engine = _facet(producer, "1-1-1", "ProcessingEngineRunFacet", name="spark", version=pyspark.__version__)
    job = _facet(producer, "2-0-4", "JobTypeJobFacet", processingType="BATCH", integration="GLUE", jobType="JOB")
    return {
        "eventType": kind,
        "eventTime": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "producer": producer,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {
            "runId": run_id(settings),
            "facets": {"processing_engine": engine, **({"errorMessage": failed} if error else {})},
        },
        "job": {"namespace": "store-events", "name": settings.job, "facets": {"jobType": job}},
        "inputs": [
            {
                "namespace": bucket,
                "name": stream,
                "facets": {"schema": schema, "dataSource": _source(producer, bucket)},
                "inputFacets": {},
            }
            for stream in contract.streams
        ],
        "outputs": [
            {
                "namespace": namespace,
                "name": name,
                "facets": {"schema": schema, "dataSource": _source(producer, namespace)},
                "outputFacets": {"outputStatistics": written} if new is not None else {},
            }
            for namespace, name in (table, (bucket, contract.prefixes["curated"]))
        ],
    }


def run_id(settings: Settings) -> str:
    """Return the UUID of a run, derived from its Glue run id."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"s3://{settings.bucket}/{settings.job}/{settings.run_id}"))


def _schema(contract: Contract, producer: str) -> dict[str, Any]:
    fields: Iterable[dict[str, Any]] = ({"name": f.name, "type": f.type, "fields": []} for f in contract.fields)
    return _facet(producer, "1-2-0", "SchemaDatasetFacet", fields=list(fields))


def _source(producer: str, namespace: str) -> dict[str, Any]:
    """Return the facet for a dataset's source. Namespaces of datasets are URIs."""
    return _facet(producer, "1-0-1", "DatasourceDatasetFacet", name=namespace, uri=namespace)


def _facet(producer: str, spec: str, kind: str, /, **members: Any) -> dict[str, Any]:
    return {"_producer": producer, "_schemaURL": f"{_SPEC}/facets/{spec}/{kind}.json#/$defs/{kind}", **members}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Raises HTTPError for redirects: urllib would send the API key to the other host, and the event as a GET."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def _post(url: str, body: dict[str, Any], key: str) -> None:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT_S):
        pass
