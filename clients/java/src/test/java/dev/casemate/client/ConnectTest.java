package dev.casemate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectTest {
  @ParameterizedTest
  @CsvSource({
    "https://casemate.example:7443, casemate.example:7443",
    "https://casemate.example/, casemate.example:443",
    "http://127.0.0.1:7470, 127.0.0.1:7470",
    "http://localhost, localhost:80",
    "http://[::1]:7470, [::1]:7470",
  })
  void addresses(String address, String authority) throws IOException {
    var channel = Casemate.connect(address, null, null);
    channel.shutdownNow();
    assertEquals(authority, channel.authority());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "127.0.0.1:7470",
        "ftp://127.0.0.1",
        "http://casemate.example:7470",
        "http://127.0.0.1.casemate.example",
        "https://casemate.example/x",
        "https://casemate.example?x",
        "https://user@casemate.example",
        "https://",
        "unix:///run/casemate.sock",
      })
  void refusedAddresses(String address) {
    var e = assertThrows(IllegalArgumentException.class, () -> Casemate.connect(address, null, null));
    assertTrue(e.getMessage().startsWith("address \"" + address + "\": "), e.getMessage());
  }

  @Test
  void aKeyWithALineEndIsRefusedAndNotShown() {
    var e = assertThrows(IllegalArgumentException.class, () -> Casemate.connect("http://localhost", null, "cm-secret\n"));
    assertFalse(e.getMessage().contains("cm-secret"), e.getMessage());
  }

  @Test
  void theCaFileIsNamed(@TempDir Path dir) throws IOException {
    Path ca = dir.resolve("ca.pem");
    for (String content : new String[] {null, "not PEM"}) {
      if (content != null) {
        Files.writeString(ca, content);
      }
      var e = assertThrows(IOException.class, () -> Casemate.connect("https://localhost", ca, null).shutdownNow());
      assertTrue(e.getMessage().contains(ca.toString()), e.getMessage());
    }
  }
}
