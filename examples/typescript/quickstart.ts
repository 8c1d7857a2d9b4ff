// Runs against the daemons that CASEMATE_SANDBOXD, CASEMATE_SECRETSD, CASEMATE_CA_FILE and CASEMATE_API_KEY name.
import { createClients, errorInfo } from "@casemate/client";

const { sandboxes, secrets } = createClients();
const parent = (await secrets.whoAmI({})).team;

const data = Buffer.from("hunter2");
const secret = (await secrets.createSecret({ parent, secretId: "QUICKSTART_DB_PASSWORD", data })).secret!;
const run = await sandboxes.runSandbox({
  spec: { image: "python:3.11", secrets: [{ secret: "QUICKSTART_DB_PASSWORD", envVar: "PGPASSWORD" }] },
});
const name = run.sandbox!.name;

try {
  const command = ["python", "-c", "import os; print(len(os.environ['PGPASSWORD']), 'characters')"];
  async function* input() {
    yield { message: { case: "start" as const, value: { name, spec: { command } } } };
  }
  for await (const { message } of sandboxes.streamExec(input())) {
    if (message.case === "stdout") process.stdout.write(message.value);
    if (message.case === "exit") console.log("exit code", message.value.exitCode);
  }

  await sandboxes.writeFile({ name, path: "/tmp/greeting", content: Buffer.from("hello from a file") });
  const { content } = await sandboxes.readFile({ name, path: "/tmp/greeting" });
  console.log(Buffer.from(content).toString());

  const missing = sandboxes.readFile({ name, path: "/tmp/no-such-file" });
  await missing.catch((error) => console.log(errorInfo(error)?.reason)); // FILE_NOT_FOUND
} finally {
  await sandboxes.deleteSandbox({ name });
  await secrets.deleteSecret({ name: secret.name, purge: true });
}
