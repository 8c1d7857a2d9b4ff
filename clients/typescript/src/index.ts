/**
 * A client of Casemate's two daemons over gRPC. Everything that the APIs offer is generated; this module only connects:
 * TLS, the API key, message limits, keep-alive, and the retries that the published service config asks for.
 */
export { createClients, createTransport, type ClientOptions, type Clients } from "./client.js";
export { errorInfo } from "./errors.js";
export type { MethodConfig, RetryPolicy, ServiceConfig } from "./serviceconfig.js";
export { Code, ConnectError, createClient } from "@connectrpc/connect";
