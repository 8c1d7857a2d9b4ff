package dev.casemate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import dev.casemate.sandbox.v1.GetSandboxRequest;
import dev.casemate.sandbox.v1.GetSandboxResponse;
import dev.casemate.sandbox.v1.ReadFileRequest;
import dev.casemate.sandbox.v1.ReadFileResponse;
import dev.casemate.sandbox.v1.RunSandboxRequest;
import dev.casemate.sandbox.v1.RunSandboxResponse;
import dev.casemate.sandbox.v1.SandboxServiceGrpc;
import dev.casemate.secrets.v1.CreateSecretRequest;
import dev.casemate.secrets.v1.CreateSecretResponse;
import dev.casemate.secrets.v1.SecretsManagerGrpc;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a server on a real socket sees of a call, and what a call sees of its answers. */
class CallTest {
  private static final ByteString LARGE = ByteString.copyFrom(new byte[5 << 20]);

  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final List<String> requestIds = new CopyOnWriteArrayList<>();
  private volatile Status.Code refuseWith = Status.Code.UNAVAILABLE;
  private Server server;
  private ManagedChannel channel;
  private SandboxServiceGrpc.SandboxServiceBlockingStub sandboxes;

  @BeforeEach
  void start() throws IOException {
    server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(new Service())
            .addService(new Secrets())
            .intercept(new Authorizations())
            .build()
            .start();
    channel = Casemate.connect("http://127.0.0.1:" + server.getPort(), null, "cm-key");
    sandboxes = SandboxServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
  }

  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      names = {"UNAVAILABLE", "UNKNOWN"})
  void runSandboxIsRepeatedWithOneRequestId(Status.Code refusal) {
    refuseWith = refusal;
    sandboxes.runSandbox(RunSandboxRequest.getDefaultInstance());
    assertEquals(2, requestIds.size());
    assertFalse(requestIds.get(0).isEmpty());
    assertEquals(requestIds.get(0), requestIds.get(1));
    assertEquals(List.of("Bearer cm-key", "Bearer cm-key"), authorizations);
  }

  @Test
  void otherErrorsAreNotRepeated() {
    refuseWith = Status.Code.INTERNAL;
    var e =
        assertThrows(StatusRuntimeException.class, () -> sandboxes.runSandbox(RunSandboxRequest.getDefaultInstance()));
    assertEquals(Status.Code.INTERNAL, e.getStatus().getCode());
    assertEquals(1, requestIds.size());
  }

  @Test
  void theCallersOwnRequestIdIsKept() {
    sandboxes.runSandbox(RunSandboxRequest.newBuilder().setRequestId("mine").build());
    assertEquals(List.of("mine", "mine"), requestIds);
  }

  @Test
  void createSecretIsRepeatedWithOneRequestId() {
    var secrets = SecretsManagerGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    secrets.createSecret(CreateSecretRequest.getDefaultInstance());
    assertEquals(2, requestIds.size());
    assertFalse(requestIds.get(0).isEmpty());
    assertEquals(requestIds.get(0), requestIds.get(1));
  }

  @Test
  void answersOfMoreThan4MiBAreTaken() {
    assertEquals(LARGE, sandboxes.readFile(ReadFileRequest.getDefaultInstance()).getContent());
  }

  @Test
  void errorInfoIsFoundAmongTheDetails() {
    var e =
        assertThrows(
            StatusRuntimeException.class, () -> sandboxes.getSandbox(GetSandboxRequest.getDefaultInstance()));
    var info = Casemate.errorInfo(e).orElseThrow();
    assertEquals("SANDBOX_NOT_FOUND", info.getReason());
    assertEquals(info, Casemate.errorInfo(new RuntimeException(e)).orElseThrow());
  }

  @Test
  void errorsWithoutErrorInfoHaveNone() {
    assertTrue(Casemate.errorInfo(Status.UNAVAILABLE.asRuntimeException()).isEmpty());
    assertTrue(Casemate.errorInfo(new IOException("no status")).isEmpty());
  }

  /** Refuses the first attempt of RunSandbox with refuseWith. */
  private final class Service extends SandboxServiceGrpc.SandboxServiceImplBase {
    @Override
    public void runSandbox(RunSandboxRequest request, StreamObserver<RunSandboxResponse> answer) {
      requestIds.add(request.getRequestId());
      if (requestIds.size() == 1) {
        answer.onError(refuseWith.toStatus().asRuntimeException());
        return;
      }
      answer.onNext(RunSandboxResponse.getDefaultInstance());
      answer.onCompleted();
    }

    @Override
    public void readFile(ReadFileRequest request, StreamObserver<ReadFileResponse> answer) {
      answer.onNext(ReadFileResponse.newBuilder().setContent(LARGE).build());
      answer.onCompleted();
    }

    @Override
    public void getSandbox(GetSandboxRequest request, StreamObserver<GetSandboxResponse> answer) {
      answer.onError(
          StatusProto.toStatusRuntimeException(
              com.google.rpc.Status.newBuilder()
                  .setCode(Code.NOT_FOUND_VALUE)
                  .addDetails(Any.pack(BadRequest.getDefaultInstance()))
                  .addDetails(Any.pack(ErrorInfo.newBuilder().setReason("SANDBOX_NOT_FOUND").build()))
                  .build()));
    }
  }

  /** Refuses the first attempt of CreateSecret. */
  private final class Secrets extends SecretsManagerGrpc.SecretsManagerImplBase {
    @Override
    public void createSecret(CreateSecretRequest request, StreamObserver<CreateSecretResponse> answer) {
      requestIds.add(request.getRequestId());
      if (requestIds.size() == 1) {
        answer.onError(Status.UNAVAILABLE.asRuntimeException());
        return;
      }
      answer.onNext(CreateSecretResponse.getDefaultInstance());
      answer.onCompleted();
    }
  }

  private final class Authorizations implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      authorizations.add(headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)));
      return next.startCall(call, headers);
    }
  }
}
