package dev.casemate.client;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import java.util.concurrent.Executor;

/**
 * Presents an API key with every call. {@link Casemate#connect} allows plaintext on loopback only, so this need not insist on TLS.
 */
final class ApiKeyCredentials extends CallCredentials {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final String value;

  /** @throws IllegalArgumentException when the key holds what no key does, such as a line's end; the message has no part of it */
  ApiKeyCredentials(String key) {
    if (!key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException("the API key holds characters that no key has: was a line's end read with it?");
    }
    value = "Bearer " + key;
  }

  @Override
  public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, value);
    applier.apply(headers);
  }
}
