package dev.casemate.client;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import dev.casemate.secrets.v1.AccessSecretVersionResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Sends the CRC32C of a value along with it, where the caller gave none, and checks that of a value that was read. A value that was
 * damaged is not given out: the status is UNAVAILABLE, with the reason DATA_CORRUPTED.
 */
final class Checksums implements ClientInterceptor {
  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> answers, Metadata headers) {
        super.start(new Checking<>(answers), headers);
      }

      @Override
      public void sendMessage(Q message) {
        super.sendMessage(withChecksum(message));
      }
    };
  }

  /** Keeps a damaged value back, and ends its call with an error when it ends. */
  private static final class Checking<A> extends SimpleForwardingClientCallListener<A> {
    private StatusException damaged;

    Checking(ClientCall.Listener<A> answers) {
      super(answers);
    }

    @Override
    public void onMessage(A message) {
      if (message instanceof AccessSecretVersionResponse) {
        var value = (AccessSecretVersionResponse) message;
        if (value.getDataCrc32C() != sum(value.getData())) {
          damaged = corrupted(value.getName());
          return;
        }
      }
      super.onMessage(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (damaged != null) {
        super.onClose(damaged.getStatus(), damaged.getTrailers());
      } else {
        super.onClose(status, trailers);
      }
    }
  }

  private static StatusException corrupted(String name) {
    return StatusProto.toStatusException(
        com.google.rpc.Status.newBuilder()
            .setCode(Code.UNAVAILABLE_VALUE)
            .setMessage("the value of " + name + " was damaged on its way from secretsd: its CRC32C is another; try again")
            .addDetails(Any.pack(ErrorInfo.newBuilder().setReason("DATA_CORRUPTED").setDomain("casemate.dev").build()))
            .build());
  }

  static <Q> Q withChecksum(Q message) {
    if (!(message instanceof Message)) {
      return message;
    }
    Message request = (Message) message;
    var data = request.getDescriptorForType().findFieldByName("data");
    var sum = request.getDescriptorForType().findFieldByName("data_crc32c");
    if (data == null || sum == null || request.hasField(sum) || ((ByteString) request.getField(data)).isEmpty()) {
      return message;
    }
    @SuppressWarnings("unchecked") // a builder makes messages of its own kind
    Q summed = (Q) request.toBuilder().setField(sum, sum((ByteString) request.getField(data))).build();
    return summed;
  }

  static long sum(ByteString value) {
    var sum = new CRC32C();
    for (ByteBuffer part : value.asReadOnlyByteBufferList()) {
      sum.update(part);
    }
    return sum.getValue();
  }
}
