import { ConnectError } from "@connectrpc/connect";
import { type ErrorInfo, ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";

/**
 * Returns what an error says to programs: `reason`, such as SECRET_NOT_FOUND, `domain` and `metadata`. Every error that a
 * daemon answers carries it; undefined means that the error is not a daemon's, for example that none was reached.
 */
export function errorInfo(error: unknown): ErrorInfo | undefined {
  return error instanceof ConnectError ? error.findDetails(ErrorInfoSchema)[0] : undefined;
}
