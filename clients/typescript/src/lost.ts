import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";

/**
 * Gives a call that ended without a status of the server's the code that gRPC has for that: UNAVAILABLE when the
 * connection or the stream was lost, DEADLINE_EXCEEDED when that was because the deadline had passed, which the server may
 * notice first. connect-node says CANCELED, ABORTED or INTERNAL, by what Node.js noticed first.
 */
export const lost: Interceptor = (next) => async (req) => {
  const deadline = performance.now() + timeoutOf(req.header);
  const named = (error: unknown): unknown => {
    // Once the signal is aborted, by the caller or by the deadline on this side, the transport says which of the two it was.
    if (req.signal.aborted || !(error instanceof ConnectError) || !wasLost(error)) {
      return error;
    }
    return performance.now() >= deadline
      ? new ConnectError("the deadline has passed", Code.DeadlineExceeded, undefined, undefined, error)
      : new ConnectError(`the connection was lost: ${error.rawMessage}`, Code.Unavailable, undefined, undefined, error);
  };
  try {
    const res = await next(req);
    return res.stream ? { ...res, message: renamed(res.message, named) } : res;
  } catch (error) {
    throw named(error);
  }
};

/** What the call's grpc-timeout header says, in milliseconds; Infinity when it has none. */
function timeoutOf(header: Headers): number {
  const timeout = /^(\d+)m$/.exec(header.get("grpc-timeout") ?? "")?.[1];
  return timeout === undefined ? Infinity : Number(timeout);
}

function wasLost(error: ConnectError): boolean {
  if (error.metadata.has("grpc-status")) {
    return false; // the server's own word
  }
  // Either side reset the stream; Node.js also says so when the connection ends in order.
  if (error.code === Code.Canceled || error.code === Code.Aborted) {
    return true;
  }
  // Errors of system calls on the socket, and those of Node.js's HTTP/2. What is wrong with a certificate is neither.
  const cause = error.cause;
  return cause instanceof Error && ("syscall" in cause || ("code" in cause && /^ERR_(HTTP2|STREAM)_/.test(String(cause.code))));
}

async function* renamed<T>(messages: AsyncIterable<T>, named: (error: unknown) => unknown): AsyncGenerator<T> {
  try {
    yield* messages;
  } catch (error) {
    throw named(error);
  }
}
