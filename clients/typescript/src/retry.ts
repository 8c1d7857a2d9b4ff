import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import type { RetryPolicy, ServiceConfig } from "./serviceconfig.js";

/** No implementation of gRPC makes more attempts than this, whatever the service config says. */
const MOST_ATTEMPTS = 5;

/** How far a backoff may be off, either way, so that clients which lost a daemon together don't come back together. */
const JITTER = 0.2;

/**
 * Makes a failed unary call again as `config` says for its method, within the call's deadline. Streams are left alone:
 * part of what they carry may have been seen.
 */
export function retry(config: ServiceConfig): Interceptor {
  const policies = byMethod(config);
  return (next) => async (req) => {
    const policy =
      policies.get(`${req.service.typeName}/${req.method.name}`) ?? policies.get(`${req.service.typeName}/`) ?? policies.get("/");
    if (policy === undefined || req.stream) {
      return next(req);
    }
    for (let attempt = 1; ; attempt++) {
      try {
        return await next(req);
      } catch (error) {
        if (attempt >= policy.attempts || req.signal.aborted || !policy.codes.has(ConnectError.from(error).code)) {
          throw error;
        }
        // Once the deadline passes or the caller cancels, this throws, and the transport says which of the two it was.
        await sleep(policy.backoff(attempt), undefined, { signal: req.signal });
      }
    }
  };
}

interface Policy {
  attempts: number;
  codes: Set<Code>;
  /** Milliseconds to wait after that many attempts. */
  backoff(attempts: number): number;
}

function byMethod(config: ServiceConfig): Map<string, Policy> {
  const policies = new Map<string, Policy>();
  for (const { name, retryPolicy } of config.methodConfig) {
    if (retryPolicy === undefined) {
      continue;
    }
    const policy = parse(retryPolicy);
    for (const { service = "", method = "" } of name) {
      policies.set(`${service}/${method}`, policy);
    }
  }
  return policies;
}

function parse(p: RetryPolicy): Policy {
  const first = milliseconds(p.initialBackoff);
  const longest = milliseconds(p.maxBackoff);
  return {
    attempts: Math.min(p.maxAttempts, MOST_ATTEMPTS),
    codes: new Set(p.retryableStatusCodes.map(code)),
    backoff: (attempts) =>
      Math.min(first * p.backoffMultiplier ** (attempts - 1), longest) * (1 - JITTER + 2 * JITTER * Math.random()),
  };
}

/** Parses a duration in protobuf's JSON form, such as "0.5s". */
function milliseconds(duration: string): number {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(duration)?.[1];
  if (seconds === undefined) {
    throw new Error(`service config: ${JSON.stringify(duration)} is no duration; want seconds, such as "0.5s"`);
  }
  return Number(seconds) * 1000;
}

/** Finds a status code by its name in gRPC, such as DEADLINE_EXCEEDED. */
function code(name: string): Code {
  for (const value of Object.values(Code)) {
    if (typeof value === "number" && grpcName(value) === name) {
      return value;
    }
  }
  throw new Error(`service config: there is no status code ${JSON.stringify(name)}`);
}

function grpcName(value: Code): string {
  return value === Code.Canceled ? "CANCELLED" : Code[value].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
