package dev.casemate.interop;

import static dev.casemate.interop.Interop.requireEqual;

import com.google.protobuf.ByteString;
import dev.casemate.secrets.v1.AccessSecretVersionRequest;
import dev.casemate.secrets.v1.AddSecretVersionRequest;
import dev.casemate.secrets.v1.CreateSecretRequest;
import dev.casemate.secrets.v1.DeleteSecretRequest;
import dev.casemate.secrets.v1.GetSecretRequest;
import dev.casemate.secrets.v1.SecretsManagerGrpc;
import dev.casemate.secrets.v1.SecretsManagerGrpc.SecretsManagerBlockingV2Stub;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** The checks of secretsd, on secrets that close removes. */
final class SecretsdChecks implements AutoCloseable {
  private static final int LARGEST_SECRET = 65536;

  private final Channel channel;
  private final SecretsManagerBlockingV2Stub secrets;
  private final String team;
  private final List<String> made = new ArrayList<>();

  SecretsdChecks(Channel channel, String teamId) {
    this.channel = channel;
    secrets = SecretsManagerGrpc.newBlockingV2Stub(channel);
    team = "teams/" + teamId;
  }

  void unary() throws StatusException {
    String name = create("INTEROP_JAVA", ByteString.copyFromUtf8("value"));
    requireEqual(1L, get(name, secrets));
  }

  void deadline() {
    Calls.requireFails(
        Status.Code.DEADLINE_EXCEEDED,
        secrets.withDeadlineAfter(1, TimeUnit.MICROSECONDS),
        stub -> get(team + "/secrets/INTEROP_JAVA", stub));
  }

  void large() throws StatusException {
    byte[] value = new byte[LARGEST_SECRET];
    new Random(1).nextBytes(value);
    String name = create("INTEROP_JAVA_LARGE", ByteString.copyFrom(value));
    AccessSecretVersionRequest latest =
        AccessSecretVersionRequest.newBuilder().setName(name + "/versions/latest").build();
    Interop.require(
        secrets.accessSecretVersion(latest).getData().equals(ByteString.copyFrom(value)), "other bytes came back");
  }

  /** The client sends and checks the sum by itself; 0xe3069283 is CRC32C's check value. */
  void checksum() throws StatusException {
    String name = create("INTEROP_JAVA_SUMMED", ByteString.copyFromUtf8("123456789"));
    AccessSecretVersionRequest latest =
        AccessSecretVersionRequest.newBuilder().setName(name + "/versions/latest").build();
    requireEqual(0xe3069283L, secrets.accessSecretVersion(latest).getDataCrc32C());
    AddSecretVersionRequest damaged =
        AddSecretVersionRequest.newBuilder()
            .setParent(name)
            .setData(ByteString.copyFromUtf8("12345678X"))
            .setDataCrc32C(0xe3069283L)
            .build();
    Calls.requireReason(
        "DATA_CORRUPTED",
        Calls.requireFails(Status.Code.INVALID_ARGUMENT, secrets, stub -> stub.addSecretVersion(damaged)));
  }

  void requestId() throws StatusException {
    Calls.requireRequestIds(
        channel, SecretsManagerGrpc::newBlockingV2Stub, stub -> get(team + "/secrets/INTEROP_JAVA", stub));
  }

  void typedError() {
    StatusException error =
        Calls.requireFails(
            Status.Code.NOT_FOUND, secrets, stub -> get(team + "/secrets/INTEROP_JAVA_MISSING", stub));
    Calls.requireReason("SECRET_NOT_FOUND", error);
  }

  void restart() throws Exception {
    Interop.restart("secretsd");
    requireEqual(1L, get(team + "/secrets/INTEROP_JAVA", secrets));
  }

  @Override
  public void close() throws StatusException {
    for (String name : made) {
      secrets.deleteSecret(DeleteSecretRequest.newBuilder().setName(name).setPurge(true).build());
    }
  }

  private String create(String id, ByteString data) throws StatusException {
    CreateSecretRequest request =
        CreateSecretRequest.newBuilder().setParent(team).setSecretId(id).setData(data).build();
    String name = secrets.createSecret(request).getSecret().getName();
    made.add(name);
    return name;
  }

  /** Returns the number of the secret's latest version. */
  private static long get(String name, SecretsManagerBlockingV2Stub stub) throws StatusException {
    return stub.getSecret(GetSecretRequest.newBuilder().setName(name).build()).getSecret().getLatestVersion();
  }
}
