"""Passes events to the local services, which check permissions before they deliver them.

MiniStack sends EventBridge's events to queues without checking the queue's policy, and polls queues for functions
without checking permissions, without a batching window and with at most ten messages. This module writes an event for
a queue to an outbox, from which the Go package localaws/deliveries delivers it. The Go package localaws/eventsource
polls the queues.

It also adds the version to the events of a versioned bucket, which S3 has as version-id:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

import contextvars
import json
from typing import Any

from ministack.core import responses
from ministack.core.arn import parse_arn
from ministack.services import eventbridge, lambda_svc, s3, sqs

# A separate account keeps the outbox out of the account's list of queues.
OUTBOX_ACCOUNT = "111111111111"
OUTBOX = "eventbridge-outbox"

_from: contextvars.ContextVar[dict[str, str] | None] = contextvars.ContextVar("_from", default=None)
_version: contextvars.ContextVar[str | None] = contextvars.ContextVar("_version", default=None)


def install() -> None:
    """Replace MiniStack's deliveries."""
    invoke_target, to_queue = eventbridge._invoke_target, eventbridge._dispatch_to_sqs
    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event

    def with_source(target: dict[str, Any], event: Any, rule: dict[str, Any], view: Any = None) -> None:
        dead = (target.get("DeadLetterConfig") or {}).get("Arn", "")
        token = _from.set({"rule": rule.get("Arn", ""), "dead": dead})
        try:
            invoke_target(target, event, rule, view)
        finally:
            _from.reset(token)

    def to_outbox(spec: Any, payload: str, sqs_parameters: dict[str, Any] | None = None) -> None:
        envelope = {"queue": str(spec), "event": payload, "parameters": sqs_parameters or {}, **(_from.get() or {})}
        outbox = f"arn:aws:sqs:{responses.get_region()}:{OUTBOX_ACCOUNT}:{OUTBOX}"
        if sqs._queue_by_arn(outbox) is None:
            eventbridge.logger.warning("nothing delivers EventBridge's events: %s is lost", spec)
            return
        to_queue(parse_arn(outbox), json.dumps(envelope))

    def fire_with_version(*args: Any, version_id: str | None = None, **kwargs: Any) -> None:
        token = _version.set(version_id)
        try:
            fire(*args, version_id=version_id, **kwargs)
        finally:
            _version.reset(token)

    def dispatch_with_version(event: dict[str, Any], view: Any = None) -> None:
        version = _version.get()
        if version and event.get("Source") == "aws.s3":
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version
            event = {**event, "Detail": json.dumps(detail)}
        dispatch(event, view)

    eventbridge._invoke_target = with_source
    eventbridge._dispatch_to_sqs = to_outbox
    eventbridge._dispatch_event = dispatch_with_version
    s3._fire_s3_event = fire_with_version
    lambda_svc._poll_sqs = lambda: False
