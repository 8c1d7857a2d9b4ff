/** casemate.secrets.v1, the API of secretsd, as it is generated. */
export * from "../gen/casemate/secrets/v1/resources_pb.js";
export * from "../gen/casemate/secrets/v1/secrets_manager_pb.js";
