"""CloudWatch alarms with dimensions, metric math and missing data, which MiniStack neither stores nor evaluates fully.

An alarm is evaluated when a metric is put, and every few seconds, as AWS documents:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html

State changes, the history and messages to topics are MiniStack's.
"""

import asyncio
import json
import operator
import re
import time
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import alarm_math
from alarm_math import Series, UnsupportedError
from ministack.core.responses import request_scope
from ministack.services import cloudwatch

TICK_SECONDS = 5
# Periods before an alarm's evaluation periods that may replace periods without data.
MORE_PERIODS = 2
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
HOUR, DAY = 3_600, 86_400
OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")

Alarm = dict[str, Any]
Handler = Callable[..., Any]

_put = cloudwatch._put_metric_alarm


def install() -> None:
    """Make MiniStack store all settings of alarms, and evaluate them as AWS does."""
    cloudwatch._evaluate_alarm = evaluate
    cloudwatch._put_metric_alarm = in_json("PutMetricAlarm", put)
    cloudwatch._describe_alarms = in_json("DescribeAlarms", cloudwatch._describe_alarms)
    cloudwatch._describe_alarms_for_metric = in_json("DescribeAlarmsForMetric", cloudwatch._describe_alarms_for_metric)


async def keep_evaluating() -> None:
    """Evaluate all alarms periodically: this is necessary to detect missing data."""
    while True:
        await asyncio.sleep(TICK_SECONDS)
        for account, region, _ in list(cloudwatch._alarms._data):
            with request_scope(account, region):
                cloudwatch._evaluate_all_alarms()


def put(params: Any, data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
    """Store an alarm with its metric math, which MiniStack leaves out. Reject unsupported alarms."""
    queries = data.get("Metrics") or []
    try:
        message = _too_long(data, queries)
        _check(data, queries)
    except UnsupportedError as error:
        message = f"the local AWS does not evaluate this alarm: {error}"
    if message:
        return cloudwatch._error("ValidationError", message, 400, use_json=is_json, use_cbor=is_cbor)
    cloudwatch._evaluate_alarm = lambda _: None
    try:
        answer = _put(params, data, is_cbor, is_json)
    finally:
        cloudwatch._evaluate_alarm = evaluate
    alarm = cloudwatch._alarms.get(data.get("AlarmName"))
    if answer[0] == 200 and alarm:
        if queries:
            alarm["Metrics"] = queries
            for name in OF_ONE_METRIC:
                alarm.pop(name, None)
        elif not data.get("Statistic"):
            alarm.pop("Statistic", None)
        evaluate(alarm)
    return answer


def _too_long(data: dict[str, Any], queries: list[dict[str, Any]]) -> str:
    """Return AWS's error if an alarm evaluates more than seven days, or more than a day with a period below an hour.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    stats = [query["MetricStat"] for query in queries if "MetricStat" in query] or [data]
    period = max(int(stat.get("Period") or 0) for stat in stats)
    limit = DAY if period < HOUR else 7 * DAY
    if period * int(data.get("EvaluationPeriods") or 0) <= limit:
        return ""
    days = limit // DAY
    return f"Metrics cannot be checked across more than {days} day(s) (EvaluationPeriods * Period must be <= {limit})."


def _check(data: dict[str, Any], queries: list[dict[str, Any]]) -> None:
    if data.get("ComparisonOperator") not in OPERATORS:
        raise UnsupportedError(f"operator {data.get('ComparisonOperator')}")
    if not queries:
        return
    if len({query["MetricStat"]["Period"] for query in queries if "MetricStat" in query}) != 1:
        raise UnsupportedError("its metrics have different periods, or there are none")
    ids = {query["Id"] for query in queries if "MetricStat" in query}
    for query in queries:
        if "Expression" in query:
            alarm_math.check(query["Expression"], ids)


def evaluate(alarm: Alarm, now: float | None = None) -> None:
    """Set an alarm's state from its data, and run the actions of a state change."""
    values, periods = _values(alarm, time.time() if now is None else now)
    state = _state(alarm, values, periods)
    old = alarm["StateValue"]
    if state in (None, old):
        return
    shown = ", ".join(f"{value:g}" for value in values.values()) or "no data"
    reason = f"Threshold Crossed: {shown}, {alarm['ComparisonOperator']} {alarm['Threshold']:g}"
    alarm["StateValue"], alarm["StateReason"] = state, reason
    alarm["StateUpdatedTimestamp"] = int(time.time())
    cloudwatch._record_history(alarm["AlarmName"], old, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _state(alarm: Alarm, values: Series, periods: list[int]) -> str | None:
    """Return the state for the values of the periods, or None to keep the current one."""
    breaches = OPERATORS[alarm["ComparisonOperator"]]
    wanted = int(alarm["EvaluationPeriods"])
    needed = int(alarm.get("DatapointsToAlarm") or wanted)
    found = [breaches(values[at], alarm["Threshold"]) for at in periods if at in values][-wanted:]
    missing, breaching = wanted - len(found), sum(found)
    treatment = alarm.get("TreatMissingData") or "missing"
    if missing and treatment == "breaching":
        breaching += missing
    if breaching >= needed:
        return "ALARM"
    if not missing or treatment in ("breaching", "notBreaching") or not all(found):
        return "OK"
    if treatment == "ignore":
        return None
    return "ALARM" if found else "INSUFFICIENT_DATA"


def _values(alarm: Alarm, now: float) -> tuple[Series, list[int]]:
    """Return the values of an alarm and the evaluated periods, which include the current one if it has data."""
    queries = alarm.get("Metrics") or [{"Id": "m", "MetricStat": _stat(alarm)}]
    stats = {query["Id"]: query["MetricStat"] for query in queries if "MetricStat" in query}
    period = int(next(iter(stats.values()))["Period"])
    current = int(now) // period * period
    count = int(alarm["EvaluationPeriods"]) + MORE_PERIODS
    metrics = {name: _series(stat, current - count * period, current + period) for name, stat in stats.items()}
    last = current if any(current in one for one in metrics.values()) else current - period
    periods = [last - n * period for n in reversed(range(count))]
    returned = [query for query in queries if query.get("ReturnData", True)]
    query = next((one for one in returned if "Expression" in one), returned[0])
    if "Expression" in query:
        return alarm_math.evaluate(query["Expression"], metrics, periods), periods
    return metrics[query["Id"]], periods


def _stat(alarm: Alarm) -> dict[str, Any]:
    metric = {"Namespace": alarm["Namespace"], "MetricName": alarm["MetricName"], "Dimensions": alarm["Dimensions"]}
    stat = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    return {"Metric": metric, "Period": alarm["Period"], "Stat": stat}


def _series(stat: dict[str, Any], start: int, end: int) -> Series:
    metric, period = stat["Metric"], int(stat["Period"])
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(metric.get("Dimensions") or []))
    points = cloudwatch._metrics.get((metric["Namespace"], metric["MetricName"], dimensions)) or []
    buckets: dict[int, list[Any]] = {}
    for point in points:
        if start <= point["Timestamp"] < end:
            buckets.setdefault(int(point["Timestamp"]) // period * period, []).append(point)
    found = {
        at: cloudwatch._stat_value(cloudwatch._calc_stats(some), stat["Stat"], some) for at, some in buckets.items()
    }
    return {at: float(value) for at, value in found.items() if value is not None}


def in_json(action: str, handle: Handler) -> Handler:
    """Return a handler that serves the query protocol with the JSON handler, whose responses are complete."""

    def served(params: dict[str, Any], data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        if is_cbor or is_json:
            return handle(params, data, is_cbor, is_json)
        status, headers, body = handle({}, nested(params), False, True)
        answer = json.loads(body)
        if status != 200:
            return cloudwatch._error(headers.get("x-amzn-errortype", ""), answer.get("message", ""), status)
        result = "".join(_xml(name, value) for name, value in answer.items())
        return cloudwatch._xml(200, f"{action}Response", f"<{action}Result>{result}</{action}Result>")

    return served


def nested(params: dict[str, Any]) -> dict[str, Any]:
    """Convert the parameters of the query protocol to nested members: A.member.1.B=x is {"A": [{"B": "x"}]}."""
    root: dict[str, Any] = {}
    for name, values in params.items():
        *path, last = name.replace(".member.", ".").split(".")
        at = root
        for part in path:
            at = at.setdefault(part, {})
        at[last] = _typed(last, values[0] if isinstance(values, list) else values)
    found = _lists(root)
    return found if isinstance(found, dict) else {}


def _typed(name: str, text: str) -> Any:
    if name in ("ActionsEnabled", "ReturnData"):
        return text == "true"
    return int(text) if name in ("Period", "MaxRecords") and re.fullmatch(r"\d+", text) else text


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(one) for key, one in value.items()}


def _xml(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return f"<{name}>" + "".join(_xml("member", one) for one in value) + f"</{name}>"
    if isinstance(value, dict):
        return f"<{name}>" + "".join(_xml(key, one) for key, one in value.items()) + f"</{name}>"
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    text = cloudwatch._ts_iso(value) if name.endswith("Timestamp") else str(value)
    return f"<{name}>{escape(text)}</{name}>"
