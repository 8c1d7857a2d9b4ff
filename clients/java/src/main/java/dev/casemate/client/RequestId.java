package dev.casemate.client;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import java.util.UUID;

/**
 * Gives a request without a request_id one of its own, where there is such a field. The service config has these calls repeated;
 * interceptors run once a call, whatever number of attempts it takes, so that a repeated attempt can make no second sandbox, secret
 * or version.
 */
final class RequestId implements ClientInterceptor {
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
    if (!(message instanceof Message)) {
      return message;
    }
    Message request = (Message) message;
    var field = request.getDescriptorForType().findFieldByName("request_id");
    if (field == null || !((String) request.getField(field)).isEmpty()) {
      return message;
    }
    @SuppressWarnings("unchecked") // a builder makes messages of its own kind
    Q named = (Q) request.toBuilder().setField(field, UUID.randomUUID().toString()).build();
    return named;
  }
}
