package dev.casemate.client;

import dev.casemate.sandbox.v1.RunSandboxRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import java.util.UUID;

/**
 * Gives a {@link RunSandboxRequest} without a request_id one of its own. The service config has RunSandbox repeated; interceptors
 * run once a call, whatever number of attempts it takes, so that a repeated attempt can make no second sandbox.
 */
final class RunSandboxRequestId implements ClientInterceptor {
  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void sendMessage(Q message) {
        super.sendMessage(withRequestId(message));
      }
    };
  }

  static <Q> Q withRequestId(Q message) {
    if (!(message instanceof RunSandboxRequest) || !((RunSandboxRequest) message).getRequestId().isEmpty()) {
      return message;
    }
    @SuppressWarnings("unchecked") // Q is RunSandboxRequest
    Q named = (Q) ((RunSandboxRequest) message).toBuilder().setRequestId(UUID.randomUUID().toString()).build();
    return named;
  }
}
