import { crc32c } from "@aws-crypto/crc32c";
import { clone, isMessage } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { AccessSecretVersionResponseSchema } from "./gen/casemate/secrets/v1/secrets_manager_pb.js";
import { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";

/**
 * Sends the CRC32C of a value along with it, where the caller gave none, and checks that of a value that was read. A value
 * that was damaged is not given out: the error is Unavailable, with the reason DATA_CORRUPTED.
 */
export const checksum: Interceptor = (next) => async (req) => {
  const sum = req.method.input.field["dataCrc32c"];
  const data = req.method.input.field["data"];
  if (!req.stream && sum !== undefined && data !== undefined) {
    const given = reflect(req.method.input, req.message);
    if (given.isSet(data) && !given.isSet(sum)) {
      const copy = reflect(req.method.input, clone(req.method.input, req.message));
      copy.set(sum, BigInt(crc32c(given.get(data) as Uint8Array)));
      req = { ...req, message: copy.message };
    }
  }
  const res = await next(req);
  if (!res.stream && isMessage(res.message, AccessSecretVersionResponseSchema) && res.message.dataCrc32c !== BigInt(crc32c(res.message.data))) {
    const reason = { desc: ErrorInfoSchema, value: { reason: "DATA_CORRUPTED", domain: "casemate.dev" } };
    throw new ConnectError(
      `the value of ${res.message.name} was damaged on its way from secretsd: its CRC32C is another; try again`,
      Code.Unavailable,
      undefined,
      [reason],
    );
  }
  return res;
};
