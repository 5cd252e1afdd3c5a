"""Fixes the labels of a secret's versions, which MiniStack may attach to several versions, and the start of a rotation.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
"""

import json
import time
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import secretsmanager as service

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"

get_value = service._get_secret_value
put_value = service._put_secret_value
load = service.load_persisted_state


def install() -> None:
    """Make MiniStack attach each label to one version, and start a rotation as AWS does."""
    service._get_secret_value = get_secret_value
    service._put_secret_value = put_secret_value
    service._rotate_secret = rotate_secret
    service.load_persisted_state = load_persisted_state


def get_secret_value(data: dict[str, Any]) -> Any:
    """Return an error for a version without a value, with which a rotation starts."""
    answer = get_value(data)
    if answer[0] == 200 and not {"SecretString", "SecretBinary"} & json.loads(answer[2]).keys():
        which = f"staging label: {data.get('VersionStage', CURRENT)}"
        if data.get("VersionId"):
            which = f"VersionId: {data['VersionId']}"
        message = f"Secrets Manager can't find the specified secret value for {which}"
        return error_response_json("ResourceNotFoundException", message, 400)
    return answer


def put_secret_value(data: dict[str, Any]) -> Any:
    """Attach all labels in the request, and remove them from other versions. The first version also becomes current.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
    """
    answer = put_value(data)
    if answer[0] != 200:
        return answer
    result = json.loads(answer[2])
    _, secret = service._resolve(data["SecretId"])
    labels = data.get("VersionStages", [CURRENT])
    others = [v for version, v in secret["Versions"].items() if version != result["VersionId"]]
    if not any(v["SecretString"] or v["SecretBinary"] for v in others):
        labels = [*labels, CURRENT]
    for label in labels:
        attach(secret, result["VersionId"], label)
    result["VersionStages"] = list(secret["Versions"][result["VersionId"]]["Stages"])
    return json_response(result)


def attach(secret: dict[str, Any], version: str, label: str) -> None:
    service._remove_stage_everywhere(secret, label, except_version_id=version)
    service._add_stage(secret, version, label)


def rotate_secret(data: dict[str, Any]) -> Any:
    """Store the settings, and attach AWSPENDING to a version without a value. The caller then invokes the function."""
    # This call changes nothing, and rejects replicas, deleted and missing secrets.
    answer = service._update_secret({"SecretId": data["SecretId"]})
    if answer[0] != 200:
        return answer
    _, secret = service._resolve(data["SecretId"])
    for setting in ("RotationLambdaARN", "RotationRules"):
        secret[setting] = data.get(setting) or secret.get(setting)
    secret["RotationEnabled"] = True
    token = data["ClientRequestToken"]
    secret["Versions"][token] = {
        "SecretString": None,
        "SecretBinary": None,
        "CreatedDate": int(time.time()),
        "Stages": [],
    }
    attach(secret, token, PENDING)
    return json_response({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token})


def load_persisted_state(data: Any) -> None:
    """Remove AWSPENDING from old versions. Earlier releases left it, and it blocks new rotations."""
    load(data)
    for secret in service._secrets._data.values():
        pending = [version for version, v in secret["Versions"].items() if PENDING in v["Stages"]]
        if not pending:
            continue
        newest = max(reversed(pending), key=lambda version: secret["Versions"][version]["CreatedDate"])
        current, _ = service._find_stage_version(secret, CURRENT)
        attach(secret, current if current in pending else newest, PENDING)
