package dev.casemate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.casemate.secrets.v1.AccessSecretVersionRequest;
import dev.casemate.secrets.v1.AccessSecretVersionResponse;
import dev.casemate.secrets.v1.AddSecretVersionRequest;
import dev.casemate.secrets.v1.AddSecretVersionResponse;
import dev.casemate.secrets.v1.SecretsManagerGrpc;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChecksumsTest {
  /** The catalogue's check value of CRC32C. */
  private static final ByteString DATA = ByteString.copyFromUtf8("123456789");

  private static final long SUM = 0xe3069283L;

  private final List<Long> seen = new CopyOnWriteArrayList<>();
  private volatile long answered = SUM;
  private Server server;
  private ManagedChannel channel;
  private SecretsManagerGrpc.SecretsManagerBlockingStub secrets;

  @BeforeEach
  void start() throws IOException {
    server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()).addService(new Secrets()).build().start();
    channel = Casemate.connect("http://127.0.0.1:" + server.getPort(), null, null);
    secrets = SecretsManagerGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
  }

  @Test
  void aValueIsSentWithItsChecksum() {
    secrets.addSecretVersion(AddSecretVersionRequest.newBuilder().setData(DATA).build());
    secrets.addSecretVersion(AddSecretVersionRequest.newBuilder().setData(DATA).setDataCrc32C(7).build());
    secrets.addSecretVersion(AddSecretVersionRequest.getDefaultInstance());
    assertEquals(List.of(SUM, 7L, -1L), seen);
  }

  @Test
  void aDamagedValueIsNotGivenOut() {
    assertEquals(DATA, secrets.accessSecretVersion(AccessSecretVersionRequest.getDefaultInstance()).getData());
    answered = SUM ^ 1;
    var e =
        assertThrows(
            StatusRuntimeException.class,
            () -> secrets.accessSecretVersion(AccessSecretVersionRequest.getDefaultInstance()));
    assertEquals(Status.Code.UNAVAILABLE, e.getStatus().getCode());
    assertEquals("DATA_CORRUPTED", Casemate.errorInfo(e).orElseThrow().getReason());
  }

  private final class Secrets extends SecretsManagerGrpc.SecretsManagerImplBase {
    @Override
    public void addSecretVersion(AddSecretVersionRequest request, StreamObserver<AddSecretVersionResponse> answer) {
      seen.add(request.hasDataCrc32C() ? request.getDataCrc32C() : -1);
      answer.onNext(AddSecretVersionResponse.getDefaultInstance());
      answer.onCompleted();
    }

    @Override
    public void accessSecretVersion(AccessSecretVersionRequest request, StreamObserver<AccessSecretVersionResponse> answer) {
      answer.onNext(AccessSecretVersionResponse.newBuilder().setName("A").setData(DATA).setDataCrc32C(answered).build());
      answer.onCompleted();
    }
  }
}
