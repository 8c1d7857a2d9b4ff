package dev.casemate.interop;

import static dev.casemate.interop.Interop.require;
import static dev.casemate.interop.Interop.requireEqual;

import com.google.rpc.ErrorInfo;
import dev.casemate.client.Casemate;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** What the checks of both daemons ask of a call's metadata and errors. */
final class Calls {
  private static final Metadata.Key<String> REQUEST_ID =
      Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);

  private Calls() {}

  /** One call on a stub. */
  interface Call<S> {
    void on(S stub) throws StatusException;
  }

  /** Requires that the daemon makes a request id when the client sends none, and else uses the client's. */
  static <S> void requireRequestIds(Channel channel, Function<Channel, S> newStub, Call<S> call) throws StatusException {
    String made = requestIdOf(channel, newStub, call);
    require(made != null && !made.isEmpty(), "the answer has no x-request-id");

    Metadata headers = new Metadata();
    headers.put(REQUEST_ID, "interop-java.1");
    Channel sending = ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    requireEqual("interop-java.1", requestIdOf(sending, newStub, call));
  }

  private static <S> String requestIdOf(Channel channel, Function<Channel, S> newStub, Call<S> call) throws StatusException {
    AtomicReference<Metadata> headers = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    call.on(
        newStub.apply(
            ClientInterceptors.intercept(channel, MetadataUtils.newCaptureMetadataInterceptor(headers, trailers))));
    return headers.get().get(REQUEST_ID);
  }

  /** Requires that the call fails with that code, and returns the error. */
  static <S> StatusException requireFails(Status.Code code, S stub, Call<S> call) {
    try {
      call.on(stub);
    } catch (StatusException e) {
      requireEqual(code, e.getStatus().getCode());
      return e;
    }
    throw new AssertionError("the call did not fail");
  }

  static void requireReason(String reason, StatusException error) {
    ErrorInfo info = Casemate.errorInfo(error).orElseThrow(() -> new AssertionError("no ErrorInfo in " + error));
    requireEqual(reason, info.getReason());
    requireEqual("casemate.dev", info.getDomain());
  }
}
