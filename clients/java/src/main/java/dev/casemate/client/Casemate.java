package dev.casemate.client;

import com.google.rpc.ErrorInfo;
import io.grpc.CallCredentials;
import io.grpc.ChannelCredentials;
import io.grpc.CompositeChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.protobuf.StatusProto;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Connects to sandboxd and secretsd as their users do: over TLS, or over plaintext on this machine only, with an API key on
 * every call. The channels are for the generated clients in {@code dev.casemate.sandbox.v1} and {@code
 * dev.casemate.secrets.v1}.
 *
 * <p>Calls that may be repeated are, by the service config that is published with the APIs: they ride out a daemon's restart of
 * some seconds. A call without a deadline waits for ever; {@code stub.withDeadlineAfter} sets one.
 */
public final class Casemate {
  /** What the daemons send at most. */
  private static final int MAX_MESSAGE_BYTES = 100 << 20;

  private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

  private Casemate() {}

  /**
   * Connects to sandboxd as the environment says: CASEMATE_SANDBOXD, CASEMATE_CA_FILE and CASEMATE_API_KEY, which are the
   * arguments of {@link #connect}; only the first is required.
   *
   * @return a channel for {@code SandboxServiceGrpc}, as {@link #connect} returns it
   * @throws IllegalArgumentException as {@link #connect} does, and when CASEMATE_SANDBOXD is not set
   * @throws IOException when the CA file can't be read, or is none
   */
  public static ManagedChannel sandboxd() throws IOException {
    return connectAs("CASEMATE_SANDBOXD");
  }

  /**
   * Connects to secretsd as the environment says: CASEMATE_SECRETSD, and the others as for {@link #sandboxd}.
   *
   * @return a channel for {@code SecretsManagerGrpc}, as {@link #connect} returns it
   * @throws IllegalArgumentException as {@link #connect} does, and when CASEMATE_SECRETSD is not set
   * @throws IOException when the CA file can't be read, or is none
   */
  public static ManagedChannel secretsd() throws IOException {
    return connectAs("CASEMATE_SECRETSD");
  }

  private static ManagedChannel connectAs(String variable) throws IOException {
    String address = System.getenv(variable);
    if (address == null || address.isEmpty()) {
      throw new IllegalArgumentException(variable + " is not set: want https://host:port");
    }
    String caFile = System.getenv("CASEMATE_CA_FILE");
    return connect(
        address, caFile == null || caFile.isEmpty() ? null : Path.of(caFile), System.getenv("CASEMATE_API_KEY"));
  }

  /**
   * Makes a channel that connects at its first call. It is safe for concurrent use; one for a daemon and a process is enough.
   *
   * @param address {@code https://host[:port]} (443), or {@code http://host[:port]} (80) with a loopback host, since the key would
   *     travel in the clear
   * @param caFile PEM file of the authorities to trust with https; null: the JVM's
   * @param apiKey goes with every call as {@code authorization: Bearer}; null or empty: none does
   * @return the channel; the caller shuts it down
   * @throws IllegalArgumentException when the address or the key is of no use; the message never has the key
   * @throws IOException when the CA file can't be read, or is none
   */
  public static ManagedChannel connect(String address, Path caFile, String apiKey) throws IOException {
    URI uri = parse(address);
    boolean secure = uri.getScheme().equals("https");
    ChannelCredentials credentials = secure ? tls(caFile) : InsecureChannelCredentials.create();
    if (apiKey != null && !apiKey.isEmpty()) {
      CallCredentials key = new ApiKeyCredentials(apiKey);
      credentials = CompositeChannelCredentials.create(credentials, key);
    }
    int port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
    return Grpc.newChannelBuilderForAddress(uri.getHost(), port, credentials)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .enableRetry()
        .defaultServiceConfig(ServiceConfig.load())
        .intercept(new RequestId(), new Checksums())
        // While a call waits for an answer, a daemon that vanished without a word is noticed within a minute.
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(20, TimeUnit.SECONDS)
        .build();
  }

  /**
   * Returns what the daemons tell programs about an error: every error of theirs has it. {@code getReason()} says what went wrong
   * (each rpc's description lists its reasons), {@code getDomain()} is {@code casemate.dev}, and {@code getMetadataMap()} has the
   * particulars where there are some.
   *
   * @param error a {@code StatusRuntimeException} or {@code StatusException}, or what was caused by one
   * @return empty when the error is not a daemon's own: a deadline, a broken connection
   */
  public static Optional<ErrorInfo> errorInfo(Throwable error) {
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    if (status == null) {
      return Optional.empty();
    }
    return status.getDetailsList().stream()
        .filter(detail -> detail.is(ErrorInfo.class))
        .findFirst()
        .map(
            detail -> {
              try {
                return detail.unpack(ErrorInfo.class);
              } catch (IOException malformed) {
                return null;
              }
            });
  }

  private static URI parse(String address) {
    URI uri;
    try {
      uri = URI.create(address);
    } catch (IllegalArgumentException e) {
      throw invalid(address, "it is no URL");
    }
    if (uri.getHost() == null || !("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
      throw invalid(address, "want https://host:port or http://127.0.0.1:port");
    }
    String path = uri.getPath();
    if (!(path.isEmpty() || path.equals("/")) || uri.getRawQuery() != null || uri.getRawUserInfo() != null) {
      throw invalid(address, "nothing may stand before the host or follow the port");
    }
    if (uri.getScheme().equals("http") && !LOOPBACK.matcher(uri.getHost()).matches()) {
      throw invalid(address, "plaintext would show the API key to the network; use https");
    }
    return uri;
  }

  private static IllegalArgumentException invalid(String address, String why) {
    return new IllegalArgumentException("address \"" + address + "\": " + why);
  }

  private static ChannelCredentials tls(Path caFile) throws IOException {
    if (caFile == null) {
      return TlsChannelCredentials.create();
    }
    byte[] pem = Files.readAllBytes(caFile);
    try {
      // gRPC's own error names neither the file nor what is wrong with it.
      if (CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).isEmpty()) {
        throw new CertificateException("it holds no certificate");
      }
    } catch (CertificateException e) {
      throw new IOException("CA file " + caFile + ": " + e.getMessage(), e);
    }
    return TlsChannelCredentials.newBuilder().trustManager(new ByteArrayInputStream(pem)).build();
  }
}
