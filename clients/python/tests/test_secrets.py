"""The team's secrets, and what a key may do."""

import os

import grpc
import pytest

from casemate import (
    AlreadyExistsError,
    FailedPreconditionError,
    NotFoundError,
    PermissionDeniedError,
    Sandbox,
    Secret,
    SecretNotFoundError,
    SecretsManager,
)
from casemate.secrets.v1.secrets_manager_pb2 import ListMembersRequest


def test_from_making_to_deleting(manager: SecretsManager, unique: str) -> None:
    made = manager.create(unique, "first", description="a note")
    assert made.name == f"teams/{os.environ['CASEMATE_TEAM']}/secrets/{unique}"
    with pytest.raises(AlreadyExistsError) as caught:
        manager.create(unique)
    assert caught.value.reason == "SECRET_EXISTS"
    assert manager.add_version(unique, b"\xff\x00").size_bytes == 2
    manager.set(unique, '{"user": "app"}')
    assert manager.get(unique).latest_version == 3
    assert manager.get(unique).description == "a note"
    assert manager.access(unique, version=1) == b"first"
    assert manager.access(unique, version="2") == b"\xff\x00"
    assert manager.access(unique, field="user") == b"app"
    with pytest.raises(FailedPreconditionError):
        manager.access(unique, version=1, field="user")
    assert unique in [secret.name.rpartition("/")[2] for secret in manager.list()]
    manager.delete(unique)
    with pytest.raises(NotFoundError) as gone:
        manager.access(unique)
    assert gone.value.reason == "SECRET_DELETED"
    assert not manager.undelete(unique).HasField("delete_time")
    assert manager.access(unique, field="user") == b"app"
    manager.delete(unique)
    manager.delete(unique, purge=True)
    with pytest.raises(SecretNotFoundError):
        manager.get(unique)


def test_a_value_that_is_there_already(manager: SecretsManager, unique: str) -> None:
    manager.set(unique, "value")
    assert manager.add_version(unique, "value", if_changed=True).name.endswith("/versions/1")
    assert manager.add_version(unique, "other", if_changed=True).name.endswith("/versions/2")
    manager.delete(unique, purge=True)


def test_set_makes_what_is_not_there(manager: SecretsManager, unique: str) -> None:
    manager.set(unique, "value")
    assert manager.get(unique).latest_version == 1
    manager.delete(unique)


def test_a_part_of_a_secret_in_a_sandbox(manager: SecretsManager, unique: str) -> None:
    manager.set(unique, '{"user": "app", "password": "hunter2"}')
    with Sandbox.run(secrets=[Secret(name=unique, field="password", env_var="PGPASSWORD")]) as sandbox:
        assert sandbox.exec(["sh", "-c", 'test "$PGPASSWORD" = hunter2']).result().returncode == 0
    manager.delete(unique)


def test_a_key_that_may_only_run(manager: SecretsManager) -> None:
    with SecretsManager(api_key=os.environ["CASEMATE_RUN_KEY"]) as other:
        assert other.who_am_i().user_id == manager.who_am_i().user_id
        with pytest.raises(PermissionDeniedError) as caught:
            other.access("HF_TOKEN")
    assert caught.value.code is grpc.StatusCode.PERMISSION_DENIED


def test_rpcs_without_a_method(manager: SecretsManager) -> None:
    request = ListMembersRequest(parent=manager.settings.team_name)
    assert len(manager.secrets.ListMembers(request, metadata=manager.metadata).members) == 1
