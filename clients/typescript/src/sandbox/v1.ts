/** casemate.sandbox.v1, the native API of sandboxd, as it is generated. */
export * from "../gen/casemate/sandbox/v1/resources_pb.js";
export * from "../gen/casemate/sandbox/v1/sandbox_service_pb.js";
