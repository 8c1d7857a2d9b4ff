package dev.casemate.client;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The service config that is published with the APIs, packed in the jar: which calls are repeated, and when. */
final class ServiceConfig {
  private ServiceConfig() {}

  /**
   * Returns the config as {@code ManagedChannelBuilder.defaultServiceConfig} takes it, with one thing added for grpc-java: where
   * UNAVAILABLE is repeated, UNKNOWN is too. grpc-java reports a connection that closes just as a call is written as UNKNOWN
   * ("channel closed"), not as UNAVAILABLE. The daemons themselves never answer UNKNOWN, and only calls that may be repeated are
   * in the config.
   */
  static Map<String, ?> load() throws IOException {
    Gson gson = new Gson();
    try (InputStream in = ServiceConfig.class.getResourceAsStream("service_config.json")) {
      JsonObject config = gson.fromJson(new InputStreamReader(in, StandardCharsets.UTF_8), JsonObject.class);
      for (JsonElement method : config.getAsJsonArray("methodConfig")) {
        JsonArray codes =
            method.getAsJsonObject().getAsJsonObject("retryPolicy").getAsJsonArray("retryableStatusCodes");
        codes.add("UNKNOWN");
      }
      @SuppressWarnings("unchecked") // the keys of a JSON object are strings
      Map<String, ?> map = gson.fromJson(config, Map.class);
      return map;
    }
  }
}
