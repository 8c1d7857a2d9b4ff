import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { clone } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { checksum } from "./checksum.js";
import { SandboxService } from "./gen/casemate/sandbox/v1/sandbox_service_pb.js";
import { SecretsManager } from "./gen/casemate/secrets/v1/secrets_manager_pb.js";
import { lost } from "./lost.js";
import { retry } from "./retry.js";
import { published, type ServiceConfig } from "./serviceconfig.js";

/** The largest message that is sent or received: what the daemons accept. */
const MAX_MESSAGE_BYTES = 100 * 1024 * 1024;

/** How to connect, and as whom. What is left out is taken from the environment. */
export interface ClientOptions {
  /** The API key that goes with every call. Else CASEMATE_API_KEY, else no key is sent. */
  apiKey?: string;
  /** A PEM file of the authorities to trust. Else CASEMATE_CA_FILE, else those that Node.js knows. */
  caFile?: string;
  /** Which calls are made again, and when. Else the one that is published with the APIs. */
  serviceConfig?: ServiceConfig;
  /** Seen once by every call, whatever number of attempts it takes. Else none. */
  interceptors?: Interceptor[];
}

/** A client of each daemon. An idle connection does not keep the process alive, so there is nothing to close. */
export interface Clients {
  sandboxes: Client<typeof SandboxService>;
  secrets: Client<typeof SecretsManager>;
}

/**
 * Makes a client of each daemon. Addresses are as for createTransport; else CASEMATE_SANDBOXD and CASEMATE_SECRETSD. It
 * throws when an address or the CA file is of no use; it connects at the first call.
 */
export function createClients(options: ClientOptions & { sandboxd?: string; secretsd?: string } = {}): Clients {
  const address = (given: string | undefined, variable: string): string => {
    const found = given ?? process.env[variable];
    if (!found) {
      throw new Error(`no address: set ${variable}, such as https://127.0.0.1:7470`);
    }
    return found;
  };
  return {
    sandboxes: createClient(SandboxService, createTransport(address(options.sandboxd, "CASEMATE_SANDBOXD"), options)),
    secrets: createClient(SecretsManager, createTransport(address(options.secretsd, "CASEMATE_SECRETSD"), options)),
  };
}

/**
 * Makes a transport to one daemon, at https://host[:port] or, on this machine only, http://host[:port]. It throws when
 * the address or the CA file is of no use; it connects at the first call.
 */
export function createTransport(address: string, options: ClientOptions = {}): Transport {
  const apiKey = options.apiKey ?? process.env["CASEMATE_API_KEY"];
  const caFile = options.caFile ?? process.env["CASEMATE_CA_FILE"];
  return createGrpcTransport({
    baseUrl: parseAddress(address),
    nodeOptions: caFile ? { ca: readFileSync(caFile) } : {},
    readMaxBytes: MAX_MESSAGE_BYTES,
    writeMaxBytes: MAX_MESSAGE_BYTES,
    // While a call waits for an answer, a daemon that vanished without a word is noticed within a minute. The daemons
    // refuse pings that come more often than every 10 seconds.
    pingIntervalMs: 30_000,
    pingTimeoutMs: 20_000,
    interceptors: [
      ...(options.interceptors ?? []),
      checksum,
      requestId,
      retry(options.serviceConfig ?? published),
      lost,
      ...(apiKey ? [bearer(apiKey)] : []),
    ],
  });
}

function parseAddress(address: string): string {
  const bad = (what: string) => new Error(`address ${JSON.stringify(address)}: ${what}`);
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw bad("want https://host:port or http://127.0.0.1:port");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw bad("want https://host:port or http://127.0.0.1:port");
  }
  if (url.href !== `${url.origin}/`) {
    throw bad("nothing may follow host and port");
  }
  if (url.protocol === "http:" && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)) {
    throw bad("plaintext would show the API key to the network; use https");
  }
  return url.origin;
}

function bearer(apiKey: string): Interceptor {
  return (next) => (req) => {
    req.header.set("authorization", `Bearer ${apiKey}`);
    return next(req);
  };
}

/**
 * Gives a request without a request_id one of its own, where there is such a field, so that a repeated attempt can make
 * no second sandbox, secret or version. It is a copy that gets it: the caller may send the same request again, and mean
 * another one.
 */
const requestId: Interceptor = (next) => (req) => {
  const field = req.method.input.field["requestId"];
  if (req.stream || field === undefined || reflect(req.method.input, req.message).isSet(field)) {
    return next(req);
  }
  const copy = reflect(req.method.input, clone(req.method.input, req.message));
  copy.set(field, randomUUID());
  return next({ ...req, message: copy.message });
};
