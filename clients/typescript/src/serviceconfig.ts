import { readFileSync } from "node:fs";

/** The part of gRPC's service config, in its published JSON form, that this client follows. */
export interface ServiceConfig {
  methodConfig: MethodConfig[];
}

/** What holds for the methods that `name` lists. */
export interface MethodConfig {
  /** A method; without `method` all of the service's, without both all of all services. */
  name: { service?: string; method?: string }[];
  /** When a failed call is made again. Absent: never. */
  retryPolicy?: RetryPolicy;
}

/** When a failed call is made again; see gRFC A6. */
export interface RetryPolicy {
  /** Attempts in all, the first one included. As everywhere in gRPC, more than 5 are taken for 5. */
  maxAttempts: number;
  /** Time before the second attempt, in seconds, such as "0.5s". */
  initialBackoff: string;
  /** The longest time before an attempt, in the same form. */
  maxBackoff: string;
  /** Each time is the one before times this. */
  backoffMultiplier: number;
  /** Names of the status codes, such as "UNAVAILABLE", after which another attempt is made. */
  retryableStatusCodes: string[];
}

/** Casemate's own, as it is published with the .proto files. */
export const published = JSON.parse(
  readFileSync(new URL("./service_config.json", import.meta.url), "utf8"),
) as ServiceConfig;
