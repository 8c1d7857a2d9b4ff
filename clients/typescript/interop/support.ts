// What the checks share. Nothing of it knows a daemon.
import { strict as assert } from "node:assert";
import { randomBytes, randomUUID } from "node:crypto";
import { type Code, ConnectError, errorInfo } from "@casemate/client";

export function env(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

export function text(data: Uint8Array): string {
  return Buffer.from(data).toString();
}

/** The bytes of a text, or so many random ones. */
export function bytes(of: string | number): Buffer {
  return typeof of === "string" ? Buffer.from(of) : randomBytes(of);
}

/** Fails unless the call fails with that code and, when given, with ErrorInfo of that reason. */
export async function fails(call: Promise<unknown>, code: Code, reason?: string): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof ConnectError, `${error} is no ConnectError`);
    assert.equal(error.code, code, `${error}`);
    if (reason !== undefined) {
      const info = errorInfo(error);
      assert.deepEqual([info?.reason, info?.domain], [reason, "casemate.dev"]);
    }
    return true;
  });
}

interface CallOptions {
  headers?: Record<string, string>;
  onHeader?(headers: Headers): void;
}

/**
 * Fails unless both calls show the request id in their answer's metadata, the one that the daemon chose and the one that
 * the client did. The first call must succeed, the second one fail.
 */
export async function requestIdOf(
  good: (options: CallOptions) => Promise<unknown>,
  bad: (options: CallOptions) => Promise<unknown>,
): Promise<void> {
  const key = "x-request-id";
  for (const sent of [undefined, `interop-${randomUUID()}`]) {
    const headers: Record<string, string> = sent ? { [key]: sent } : {};
    let answered: string | null = null;
    await good({ headers, onHeader: (h) => (answered = h.get(key)) });
    const failed = await bad({ headers }).catch((error) => (error as ConnectError).metadata.get(key));
    for (const id of [answered, failed]) {
      assert.ok(typeof id === "string" && id !== "", "the answer has no request id");
      assert.equal(id, sent ?? id);
    }
  }
}
