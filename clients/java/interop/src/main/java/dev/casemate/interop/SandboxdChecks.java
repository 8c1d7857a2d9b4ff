package dev.casemate.interop;

import static dev.casemate.interop.Interop.require;
import static dev.casemate.interop.Interop.requireEqual;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.casemate.sandbox.v1.DeleteSandboxRequest;
import dev.casemate.sandbox.v1.ExecRequest;
import dev.casemate.sandbox.v1.ExecSpec;
import dev.casemate.sandbox.v1.GetSandboxRequest;
import dev.casemate.sandbox.v1.ReadFileRequest;
import dev.casemate.sandbox.v1.RunSandboxRequest;
import dev.casemate.sandbox.v1.Sandbox;
import dev.casemate.sandbox.v1.SandboxServiceGrpc;
import dev.casemate.sandbox.v1.SandboxServiceGrpc.SandboxServiceBlockingV2Stub;
import dev.casemate.sandbox.v1.SandboxSpec;
import dev.casemate.sandbox.v1.SandboxState;
import dev.casemate.sandbox.v1.StreamExecRequest;
import dev.casemate.sandbox.v1.StreamExecResponse;
import dev.casemate.sandbox.v1.StreamExecStart;
import dev.casemate.sandbox.v1.StreamLogsRequest;
import dev.casemate.sandbox.v1.StreamLogsResponse;
import dev.casemate.sandbox.v1.WriteFileRequest;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** The checks of sandboxd, in one sandbox, which the first of them makes and close removes. */
final class SandboxdChecks implements AutoCloseable {
  private static final int LARGE_FILE = 8 << 20;
  private static final String LOG_LINE = "the main process runs\n";

  private final Channel channel;
  private final SandboxServiceBlockingV2Stub sandboxes;
  private final String image;
  private String sandbox = "";

  SandboxdChecks(Channel channel, String image) {
    this.channel = channel;
    sandboxes = SandboxServiceGrpc.newBlockingV2Stub(channel);
    this.image = image;
  }

  void unary() throws StatusException {
    SandboxSpec spec =
        SandboxSpec.newBuilder()
            .setImage(image)
            .addAllCommand(List.of("sh", "-c", "printf '" + LOG_LINE + "'; exec sleep 999"))
            .build();
    sandbox = sandboxes.runSandbox(RunSandboxRequest.newBuilder().setSpec(spec).build()).getSandbox().getName();
    requireEqual(SandboxState.SANDBOX_STATE_RUNNING, get(sandbox, sandboxes).getState());
  }

  void serverStream() throws Exception {
    StreamLogsRequest request = StreamLogsRequest.newBuilder().setName(sandbox).setFollow(true).build();
    BlockingClientCall<?, StreamLogsResponse> logs = sandboxes.withDeadlineAfter(10, TimeUnit.SECONDS).streamLogs(request);
    StringBuilder text = new StringBuilder();
    while (text.length() < LOG_LINE.length()) {
      text.append(logs.read().getData().toStringUtf8());
    }
    logs.cancel("all is there", null);
    requireEqual(LOG_LINE, text.toString());
  }

  void bidi() throws Exception {
    BlockingClientCall<StreamExecRequest, StreamExecResponse> exec = start("cat");
    require(exec.read().hasStarted(), "the first message is not started");
    for (String line : List.of("one\n", "two\n")) {
      exec.write(StreamExecRequest.newBuilder().setStdin(ByteString.copyFromUtf8(line)).build());
      requireEqual(line, exec.read().getStdout().toStringUtf8());
    }
    exec.halfClose();
    StreamExecResponse last = exec.read();
    require(last.hasExit() && last.getExit().getExitCode() == 0, "the last message is " + last);
    require(exec.read() == null, "something follows the exit");
  }

  void deadline() {
    Calls.requireFails(
        Status.Code.DEADLINE_EXCEEDED,
        sandboxes.withDeadlineAfter(500, TimeUnit.MILLISECONDS),
        stub -> exec(stub, "sleep", "30"));
  }

  void cancel() throws Exception {
    BlockingClientCall<StreamExecRequest, StreamExecResponse> exec = start("sleep", "1000");
    int pid = exec.read().getStarted().getPid();
    requireEqual(0, exec(sandboxes, "grep", "-q", "1000", "/proc/" + pid + "/cmdline"));
    exec.cancel("nobody waits for it", null);
    // Ends when the process has ended; sandboxd ends it with 137 when it has not.
    requireEqual(0, exec(sandboxes, "sh", "-c", "while test -e /proc/" + pid + "; do sleep 0.01; done"));
  }

  void large() throws StatusException {
    byte[] bytes = new byte[LARGE_FILE];
    new Random(1).nextBytes(bytes);
    ByteString content = ByteString.copyFrom(bytes);
    sandboxes.writeFile(
        WriteFileRequest.newBuilder().setName(sandbox).setPath("/tmp/large").setContent(content).build());
    ReadFileRequest request = ReadFileRequest.newBuilder().setName(sandbox).setPath("/tmp/large").build();
    require(sandboxes.readFile(request).getContent().equals(content), "other bytes came back");
  }

  void requestId() throws StatusException {
    Calls.requireRequestIds(channel, SandboxServiceGrpc::newBlockingV2Stub, stub -> get(sandbox, stub));
  }

  void typedError() {
    StatusException error =
        Calls.requireFails(Status.Code.NOT_FOUND, sandboxes, stub -> get("teams/-/sandboxes/missing", stub));
    Calls.requireReason("SANDBOX_NOT_FOUND", error);
  }

  void restart() throws Exception {
    Interop.restart("sandboxd");
    requireEqual(SandboxState.SANDBOX_STATE_RUNNING, get(sandbox, sandboxes).getState());
    requireEqual(0, exec(sandboxes, "true"));
  }

  @Override
  public void close() throws StatusException {
    if (!sandbox.isEmpty()) {
      sandboxes.deleteSandbox(DeleteSandboxRequest.newBuilder().setName(sandbox).build());
    }
  }

  private static Sandbox get(String name, SandboxServiceBlockingV2Stub stub) throws StatusException {
    return stub.getSandbox(GetSandboxRequest.newBuilder().setName(name).build()).getSandbox();
  }

  /** Runs a command for 10 seconds at most and returns its exit code. */
  private int exec(SandboxServiceBlockingV2Stub stub, String... command) throws StatusException {
    ExecSpec spec =
        ExecSpec.newBuilder().addAllCommand(List.of(command)).setTimeout(Duration.newBuilder().setSeconds(10)).build();
    return stub.exec(ExecRequest.newBuilder().setName(sandbox).setSpec(spec).build()).getExitCode();
  }

  private BlockingClientCall<StreamExecRequest, StreamExecResponse> start(String... command) throws Exception {
    BlockingClientCall<StreamExecRequest, StreamExecResponse> exec =
        sandboxes.withDeadlineAfter(30, TimeUnit.SECONDS).streamExec();
    ExecSpec spec = ExecSpec.newBuilder().addAllCommand(List.of(command)).build();
    exec.write(
        StreamExecRequest.newBuilder().setStart(StreamExecStart.newBuilder().setName(sandbox).setSpec(spec)).build());
    return exec;
  }
}
