import com.google.protobuf.ByteString;
import dev.casemate.client.Casemate;
import dev.casemate.sandbox.v1.*;
import dev.casemate.secrets.v1.*;
import io.grpc.StatusException;

/** Stores a secret, runs a sandbox that has it as GREETING, works in it, meets an error, and clears everything away. */
public class Quickstart {
  public static void main(String[] args) throws Exception {
    var secrets = SecretsManagerGrpc.newBlockingV2Stub(Casemate.secretsd());
    var sandboxes = SandboxServiceGrpc.newBlockingV2Stub(Casemate.sandboxd());
    var team = secrets.whoAmI(WhoAmIRequest.getDefaultInstance()).getTeam();
    var secret = secrets.createSecret(CreateSecretRequest.newBuilder().setParent(team).setSecretId("QUICKSTART_JAVA")
        .setData(ByteString.copyFromUtf8("hello from a secret")).build()).getSecret().getName();
    try {
      var spec = SandboxSpec.newBuilder().setImage("python:3.11")
          .addSecrets(SecretRef.newBuilder().setSecret("QUICKSTART_JAVA").setEnvVar("GREETING"));
      var sandbox = sandboxes.runSandbox(RunSandboxRequest.newBuilder().setSpec(spec).build()).getSandbox().getName();
      try {
        var exec = sandboxes.streamExec();
        var command = ExecSpec.newBuilder().addCommand("printenv").addCommand("GREETING");
        exec.write(StreamExecRequest.newBuilder()
            .setStart(StreamExecStart.newBuilder().setName(sandbox).setSpec(command)).build());
        for (var event = exec.read(); event != null; event = exec.read()) System.out.print(event.getStdout().toStringUtf8());

        sandboxes.writeFile(WriteFileRequest.newBuilder().setName(sandbox).setPath("/tmp/note")
            .setContent(ByteString.copyFromUtf8("hello from a file\n")).build());
        var read = ReadFileRequest.newBuilder().setName(sandbox);
        System.out.print(sandboxes.readFile(read.setPath("/tmp/note").build()).getContent().toStringUtf8());
        sandboxes.readFile(read.setPath("/missing").build());
      } finally {
        sandboxes.deleteSandbox(DeleteSandboxRequest.newBuilder().setName(sandbox).build());
      }
    } catch (StatusException e) {
      System.out.println(Casemate.errorInfo(e).orElseThrow(() -> e).getReason());
    } finally {
      secrets.deleteSecret(DeleteSecretRequest.newBuilder().setName(secret).setPurge(true).build());
    }
  }
}
