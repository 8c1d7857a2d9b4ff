"""Team secrets, for blocking code."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from casemate._checksum import checked, checksum
from casemate._connection import Connection
from casemate.errors import AlreadyExistsError, translated
from casemate.secrets.v1 import resources_pb2, secret_lifecycle_pb2, secrets_manager_pb2


class SecretsManager(Connection):
    """A team's secrets in secretsd. A connection of its own, to use in a ``with`` statement or to ``close()``.

    The arguments are those of Connection; what is not given comes from the environment. Managing secrets needs a key
    with the scope ``manage``, reading a value one with ``read``; a key that runs sandboxes has neither.

    What it has no method for, the generated stub ``secrets`` does: ``manager.secrets.ListMembers(request,
    metadata=manager.metadata)``.
    """

    def create(self, secret_id: str, data: bytes | str = b"", *, description: str = "") -> resources_pb2.Secret:
        """Makes a secret, with data as version 1 when it is not empty. At most 64 KiB; text is stored as UTF-8.

        Raises:
            AlreadyExistsError: There is one of that name.
        """
        request = secrets_manager_pb2.CreateSecretRequest(
            parent=self.settings.team_name,
            secret_id=secret_id,
            secret=resources_pb2.Secret(description=description),
            data=_bytes(data),
            data_crc32c=checksum(_bytes(data)),
            request_id=str(uuid.uuid4()),
        )
        with translated():
            return self.secrets.CreateSecret(request, metadata=self.metadata).secret

    def add_version(
        self, secret_id: str, data: bytes | str, *, if_changed: bool = False
    ) -> resources_pb2.SecretVersion:
        """Adds a version, which is ``latest`` from then on.

        Args:
            secret_id: The secret.
            data: The value, at most 64 KiB; text is stored as UTF-8.
            if_changed: Add none, and return the newest, when that is enabled and has this very value.
        """
        request = secrets_manager_pb2.AddSecretVersionRequest(
            parent=self.settings.secret_name(secret_id),
            data=_bytes(data),
            data_crc32c=checksum(_bytes(data)),
            if_changed=if_changed,
            request_id=str(uuid.uuid4()),
        )
        with translated():
            return self.secrets.AddSecretVersion(request, metadata=self.metadata).version

    def set(self, secret_id: str, data: bytes | str) -> None:
        """Makes the secret with that value, or adds a version to the one there is."""
        try:
            self.create(secret_id, data)
        except AlreadyExistsError:
            self.add_version(secret_id, data)

    def get(self, secret_id: str) -> resources_pb2.Secret:
        """A secret's metadata, never its value.

        Raises:
            SecretNotFoundError: There is none of that name.
        """
        request = secrets_manager_pb2.GetSecretRequest(name=self.settings.secret_name(secret_id))
        with translated():
            return self.secrets.GetSecret(request, metadata=self.metadata).secret

    def list(self) -> Iterator[resources_pb2.Secret]:
        """The metadata of all of the team's secrets, by name."""
        request = secrets_manager_pb2.ListSecretsRequest(parent=self.settings.team_name, page_size=1000)
        while True:
            with translated():
                page = self.secrets.ListSecrets(request, metadata=self.metadata)
            yield from page.secrets
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def access(self, secret_id: str, *, version: str | int = "latest", field: str = "") -> bytes:
        """A value. Programs in sandboxes have no need of this: name the secret in ``Sandbox.run`` instead.

        Args:
            secret_id: The secret.
            version: A number, ``latest``, or one of the secret's aliases.
            field: A key of a structured secret; empty means the whole value.

        Raises:
            UnavailableError: It was damaged on its way (``DATA_CORRUPTED``).
        """
        request = secrets_manager_pb2.AccessSecretVersionRequest(
            name=f"{self.settings.secret_name(secret_id)}/versions/{version}", field=field
        )
        with translated():
            return checked(self.secrets.AccessSecretVersion(request, metadata=self.metadata))

    def delete(self, secret_id: str, *, purge: bool = False) -> None:
        """Deletes a secret. ``undelete`` brings it back until secretsd erases it; its name stays taken until then.

        Args:
            secret_id: The secret.
            purge: Erase it with all of its versions now, for good, also when it was deleted before.
        """
        request = secrets_manager_pb2.DeleteSecretRequest(name=self.settings.secret_name(secret_id), purge=purge)
        with translated():
            self.secrets.DeleteSecret(request, metadata=self.metadata)

    def undelete(self, secret_id: str) -> resources_pb2.Secret:
        """Brings a deleted secret back, with all of its versions."""
        request = secret_lifecycle_pb2.UndeleteSecretRequest(name=self.settings.secret_name(secret_id))
        with translated():
            return self.secrets.UndeleteSecret(request, metadata=self.metadata).secret

    def who_am_i(self) -> secrets_manager_pb2.WhoAmIResponse:
        """Whom the key stands for, and what it may be used for."""
        with translated():
            return self.secrets.WhoAmI(secrets_manager_pb2.WhoAmIRequest(), metadata=self.metadata)

    def __enter__(self) -> SecretsManager:
        return self


def _bytes(data: bytes | str) -> bytes:
    return data.encode() if isinstance(data, str) else data
