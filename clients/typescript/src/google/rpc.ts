/** google.rpc's error details, as they are generated: pass their schemas to ConnectError.findDetails. */
export * from "../gen/google/rpc/error_details_pb.js";
