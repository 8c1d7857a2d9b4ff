package dev.casemate.interop;

import dev.casemate.client.Casemate;
import io.grpc.ManagedChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * Tries the client on real daemons, one line a check: {@code ok NAME} or {@code FAIL NAME: why}. For a daemon's restart it prints
 * {@code RESTART DAEMON} and goes on at the line {@code DONE}. It ends with 1 when a check failed.
 */
public final class Interop {
  private static final BufferedReader STDIN =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  private static int failures;

  private Interop() {}

  /** Takes everything from the environment: what {@link Casemate} reads, CASEMATE_TEAM and CASEMATE_IMAGE. */
  public static void main(String[] args) throws IOException {
    ManagedChannel secretsd = Casemate.secretsd();
    ManagedChannel sandboxd = Casemate.sandboxd();
    try (SecretsdChecks secrets = new SecretsdChecks(secretsd, System.getenv("CASEMATE_TEAM"));
        SandboxdChecks sandboxes = new SandboxdChecks(sandboxd, System.getenv("CASEMATE_IMAGE"))) {
      check("unary/secretsd", secrets::unary);
      check("deadline/secretsd", secrets::deadline);
      check("large/secretsd", secrets::large);
      check("checksum/secretsd", secrets::checksum);
      check("request-id/secretsd", secrets::requestId);
      check("typed-error/secretsd", secrets::typedError);
      check("unary/sandboxd", sandboxes::unary);
      check("server-stream/sandboxd", sandboxes::serverStream);
      check("bidi/sandboxd", sandboxes::bidi);
      check("deadline/sandboxd", sandboxes::deadline);
      check("cancel/sandboxd", sandboxes::cancel);
      check("large/sandboxd", sandboxes::large);
      check("request-id/sandboxd", sandboxes::requestId);
      check("typed-error/sandboxd", sandboxes::typedError);
      check("restart/secretsd", secrets::restart);
      check("restart/sandboxd", sandboxes::restart);
    } catch (Exception e) {
      failures++;
      System.err.println("what the checks made could not be cleared away: " + e);
    } finally {
      secretsd.shutdownNow();
      sandboxd.shutdownNow();
    }
    System.exit(failures == 0 ? 0 : 1);
  }

  /** A check's body; whatever it throws is why it failed. */
  interface Check {
    void run() throws Exception;
  }

  private static void check(String name, Check body) {
    try {
      body.run();
      System.out.println("ok " + name);
    } catch (Exception | AssertionError e) {
      failures++;
      System.out.println("FAIL " + name + ": " + e.toString().replace('\n', ' '));
    }
  }

  static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  static void requireEqual(Object want, Object have) {
    require(want.equals(have), "got " + have + ", want " + want);
  }

  /** Has the harness kill a daemon, which comes up again by itself; returns when it is dead. */
  static void restart(String daemon) throws IOException {
    System.out.println("RESTART " + daemon);
    requireEqual("DONE", STDIN.readLine());
  }
}
