import { createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type ClientOptions, createClients, type Clients } from "@casemate/client";
import { SandboxService } from "@casemate/client/sandbox/v1";
import { SecretsManager } from "@casemate/client/secrets/v1";
import type { ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";

interface Served extends Clients {
  /** Cuts every connection that there is, as a killed daemon does. */
  cut(): void;
}

/** Serves both services over gRPC on a loopback port until the test ends, and returns clients of them. */
export async function serve(
  t: TestContext,
  services: { secrets?: Partial<ServiceImpl<typeof SecretsManager>>; sandboxes?: Partial<ServiceImpl<typeof SandboxService>> },
  options: ClientOptions = {},
): Promise<Served> {
  const sessions = new Set<ServerHttp2Session>();
  const cut = () => sessions.forEach((s) => s.destroy());
  const server = createServer(
    connectNodeAdapter({
      routes: (router) => {
        router.service(SecretsManager, services.secrets ?? {});
        router.service(SandboxService, services.sandboxes ?? {});
      },
    }),
  );
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    cut();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...createClients({ secretsd: address, sandboxd: address, ...options }), cut };
}
