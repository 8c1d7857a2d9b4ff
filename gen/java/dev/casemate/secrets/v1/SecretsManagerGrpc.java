package dev.casemate.secrets.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * SecretsManager owns teams, members, API keys, secrets, secret versions and the audit log.
 * Authentication: every rpc but WatchRevocations and ReportSandboxes, which are for workloads, and ExchangeToken needs
 * `authorization: Bearer &lt;API key&gt;` metadata. Without a valid key the answer is UNAUTHENTICATED (reason API_KEY_MISSING,
 * API_KEY_MALFORMED or API_KEY_INVALID), or, after many such answers to one address, RESOURCE_EXHAUSTED
 * (TOO_MANY_FAILED_ATTEMPTS) with google.rpc.RetryInfo for a while. BatchAccessSecretVersions needs, in
 * addition, an mTLS client certificate whose SPIFFE ID secretsd is configured to trust.
 * Authorization: an action needs both a role in the team and a scope on the key; what is not granted is denied with
 * PERMISSION_DENIED (reason PERMISSION_DENIED), worded the same whether or not the thing exists. A key acts in the team it
 * was made in, its home team, and in those that other keys of its user's were presented for; in each as long as its user
 * is a member. The operator's first key, which secretsd's first start writes to a file, belongs to no team: it acts in all
 * teams that the operator is a member of, and is the only one with an operator's rights.
 * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
 * with google.rpc.BadRequest. Changes are durable before they are answered, and audited before that: when the audit
 * entry can't be written, the call fails with UNAVAILABLE (reason AUDIT_UNAVAILABLE) and nothing happened. While secretsd
 * waits for its key-encryption key, whatever needs a key is UNAVAILABLE (reason SEALED) with google.rpc.RetryInfo: a value
 * that is read, used or added, a team that is made, a key that is rotated. Everything else is answered.
 * Limits: every rpc may be refused with RESOURCE_EXHAUSTED and google.rpc.RetryInfo, and then did nothing: RATE_LIMITED when
 * the user or the team has called too often, TOO_MANY_CALLS when the user has too many calls under way, OVERLOADED when
 * secretsd has more than it can answer in time. The operator sets how much that is. A request has at most 1 MiB.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SecretsManagerGrpc {

  private SecretsManagerGrpc() {}

  public static final java.lang.String SERVICE_NAME = "casemate.secrets.v1.SecretsManager";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateSecretRequest,
      dev.casemate.secrets.v1.CreateSecretResponse> getCreateSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateSecret",
      requestType = dev.casemate.secrets.v1.CreateSecretRequest.class,
      responseType = dev.casemate.secrets.v1.CreateSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateSecretRequest,
      dev.casemate.secrets.v1.CreateSecretResponse> getCreateSecretMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateSecretRequest, dev.casemate.secrets.v1.CreateSecretResponse> getCreateSecretMethod;
    if ((getCreateSecretMethod = SecretsManagerGrpc.getCreateSecretMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getCreateSecretMethod = SecretsManagerGrpc.getCreateSecretMethod) == null) {
          SecretsManagerGrpc.getCreateSecretMethod = getCreateSecretMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.CreateSecretRequest, dev.casemate.secrets.v1.CreateSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.CreateSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.CreateSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("CreateSecret"))
              .build();
        }
      }
    }
    return getCreateSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.GetSecretRequest,
      dev.casemate.secrets.v1.GetSecretResponse> getGetSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSecret",
      requestType = dev.casemate.secrets.v1.GetSecretRequest.class,
      responseType = dev.casemate.secrets.v1.GetSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.GetSecretRequest,
      dev.casemate.secrets.v1.GetSecretResponse> getGetSecretMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.GetSecretRequest, dev.casemate.secrets.v1.GetSecretResponse> getGetSecretMethod;
    if ((getGetSecretMethod = SecretsManagerGrpc.getGetSecretMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getGetSecretMethod = SecretsManagerGrpc.getGetSecretMethod) == null) {
          SecretsManagerGrpc.getGetSecretMethod = getGetSecretMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.GetSecretRequest, dev.casemate.secrets.v1.GetSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.GetSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.GetSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("GetSecret"))
              .build();
        }
      }
    }
    return getGetSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListSecretsRequest,
      dev.casemate.secrets.v1.ListSecretsResponse> getListSecretsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSecrets",
      requestType = dev.casemate.secrets.v1.ListSecretsRequest.class,
      responseType = dev.casemate.secrets.v1.ListSecretsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListSecretsRequest,
      dev.casemate.secrets.v1.ListSecretsResponse> getListSecretsMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListSecretsRequest, dev.casemate.secrets.v1.ListSecretsResponse> getListSecretsMethod;
    if ((getListSecretsMethod = SecretsManagerGrpc.getListSecretsMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getListSecretsMethod = SecretsManagerGrpc.getListSecretsMethod) == null) {
          SecretsManagerGrpc.getListSecretsMethod = getListSecretsMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.ListSecretsRequest, dev.casemate.secrets.v1.ListSecretsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSecrets"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListSecretsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListSecretsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("ListSecrets"))
              .build();
        }
      }
    }
    return getListSecretsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.UpdateSecretRequest,
      dev.casemate.secrets.v1.UpdateSecretResponse> getUpdateSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateSecret",
      requestType = dev.casemate.secrets.v1.UpdateSecretRequest.class,
      responseType = dev.casemate.secrets.v1.UpdateSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.UpdateSecretRequest,
      dev.casemate.secrets.v1.UpdateSecretResponse> getUpdateSecretMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.UpdateSecretRequest, dev.casemate.secrets.v1.UpdateSecretResponse> getUpdateSecretMethod;
    if ((getUpdateSecretMethod = SecretsManagerGrpc.getUpdateSecretMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getUpdateSecretMethod = SecretsManagerGrpc.getUpdateSecretMethod) == null) {
          SecretsManagerGrpc.getUpdateSecretMethod = getUpdateSecretMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.UpdateSecretRequest, dev.casemate.secrets.v1.UpdateSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.UpdateSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.UpdateSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("UpdateSecret"))
              .build();
        }
      }
    }
    return getUpdateSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteSecretRequest,
      dev.casemate.secrets.v1.DeleteSecretResponse> getDeleteSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteSecret",
      requestType = dev.casemate.secrets.v1.DeleteSecretRequest.class,
      responseType = dev.casemate.secrets.v1.DeleteSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteSecretRequest,
      dev.casemate.secrets.v1.DeleteSecretResponse> getDeleteSecretMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteSecretRequest, dev.casemate.secrets.v1.DeleteSecretResponse> getDeleteSecretMethod;
    if ((getDeleteSecretMethod = SecretsManagerGrpc.getDeleteSecretMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getDeleteSecretMethod = SecretsManagerGrpc.getDeleteSecretMethod) == null) {
          SecretsManagerGrpc.getDeleteSecretMethod = getDeleteSecretMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.DeleteSecretRequest, dev.casemate.secrets.v1.DeleteSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DeleteSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DeleteSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("DeleteSecret"))
              .build();
        }
      }
    }
    return getDeleteSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.UndeleteSecretRequest,
      dev.casemate.secrets.v1.UndeleteSecretResponse> getUndeleteSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UndeleteSecret",
      requestType = dev.casemate.secrets.v1.UndeleteSecretRequest.class,
      responseType = dev.casemate.secrets.v1.UndeleteSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.UndeleteSecretRequest,
      dev.casemate.secrets.v1.UndeleteSecretResponse> getUndeleteSecretMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.UndeleteSecretRequest, dev.casemate.secrets.v1.UndeleteSecretResponse> getUndeleteSecretMethod;
    if ((getUndeleteSecretMethod = SecretsManagerGrpc.getUndeleteSecretMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getUndeleteSecretMethod = SecretsManagerGrpc.getUndeleteSecretMethod) == null) {
          SecretsManagerGrpc.getUndeleteSecretMethod = getUndeleteSecretMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.UndeleteSecretRequest, dev.casemate.secrets.v1.UndeleteSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UndeleteSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.UndeleteSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.UndeleteSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("UndeleteSecret"))
              .build();
        }
      }
    }
    return getUndeleteSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.AddSecretVersionRequest,
      dev.casemate.secrets.v1.AddSecretVersionResponse> getAddSecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "AddSecretVersion",
      requestType = dev.casemate.secrets.v1.AddSecretVersionRequest.class,
      responseType = dev.casemate.secrets.v1.AddSecretVersionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.AddSecretVersionRequest,
      dev.casemate.secrets.v1.AddSecretVersionResponse> getAddSecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.AddSecretVersionRequest, dev.casemate.secrets.v1.AddSecretVersionResponse> getAddSecretVersionMethod;
    if ((getAddSecretVersionMethod = SecretsManagerGrpc.getAddSecretVersionMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getAddSecretVersionMethod = SecretsManagerGrpc.getAddSecretVersionMethod) == null) {
          SecretsManagerGrpc.getAddSecretVersionMethod = getAddSecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.AddSecretVersionRequest, dev.casemate.secrets.v1.AddSecretVersionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "AddSecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.AddSecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.AddSecretVersionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("AddSecretVersion"))
              .build();
        }
      }
    }
    return getAddSecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.GetSecretVersionRequest,
      dev.casemate.secrets.v1.GetSecretVersionResponse> getGetSecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSecretVersion",
      requestType = dev.casemate.secrets.v1.GetSecretVersionRequest.class,
      responseType = dev.casemate.secrets.v1.GetSecretVersionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.GetSecretVersionRequest,
      dev.casemate.secrets.v1.GetSecretVersionResponse> getGetSecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.GetSecretVersionRequest, dev.casemate.secrets.v1.GetSecretVersionResponse> getGetSecretVersionMethod;
    if ((getGetSecretVersionMethod = SecretsManagerGrpc.getGetSecretVersionMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getGetSecretVersionMethod = SecretsManagerGrpc.getGetSecretVersionMethod) == null) {
          SecretsManagerGrpc.getGetSecretVersionMethod = getGetSecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.GetSecretVersionRequest, dev.casemate.secrets.v1.GetSecretVersionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.GetSecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.GetSecretVersionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("GetSecretVersion"))
              .build();
        }
      }
    }
    return getGetSecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListSecretVersionsRequest,
      dev.casemate.secrets.v1.ListSecretVersionsResponse> getListSecretVersionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSecretVersions",
      requestType = dev.casemate.secrets.v1.ListSecretVersionsRequest.class,
      responseType = dev.casemate.secrets.v1.ListSecretVersionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListSecretVersionsRequest,
      dev.casemate.secrets.v1.ListSecretVersionsResponse> getListSecretVersionsMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListSecretVersionsRequest, dev.casemate.secrets.v1.ListSecretVersionsResponse> getListSecretVersionsMethod;
    if ((getListSecretVersionsMethod = SecretsManagerGrpc.getListSecretVersionsMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getListSecretVersionsMethod = SecretsManagerGrpc.getListSecretVersionsMethod) == null) {
          SecretsManagerGrpc.getListSecretVersionsMethod = getListSecretVersionsMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.ListSecretVersionsRequest, dev.casemate.secrets.v1.ListSecretVersionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSecretVersions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListSecretVersionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListSecretVersionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("ListSecretVersions"))
              .build();
        }
      }
    }
    return getListSecretVersionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.EnableSecretVersionRequest,
      dev.casemate.secrets.v1.EnableSecretVersionResponse> getEnableSecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "EnableSecretVersion",
      requestType = dev.casemate.secrets.v1.EnableSecretVersionRequest.class,
      responseType = dev.casemate.secrets.v1.EnableSecretVersionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.EnableSecretVersionRequest,
      dev.casemate.secrets.v1.EnableSecretVersionResponse> getEnableSecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.EnableSecretVersionRequest, dev.casemate.secrets.v1.EnableSecretVersionResponse> getEnableSecretVersionMethod;
    if ((getEnableSecretVersionMethod = SecretsManagerGrpc.getEnableSecretVersionMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getEnableSecretVersionMethod = SecretsManagerGrpc.getEnableSecretVersionMethod) == null) {
          SecretsManagerGrpc.getEnableSecretVersionMethod = getEnableSecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.EnableSecretVersionRequest, dev.casemate.secrets.v1.EnableSecretVersionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "EnableSecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.EnableSecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.EnableSecretVersionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("EnableSecretVersion"))
              .build();
        }
      }
    }
    return getEnableSecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DisableSecretVersionRequest,
      dev.casemate.secrets.v1.DisableSecretVersionResponse> getDisableSecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DisableSecretVersion",
      requestType = dev.casemate.secrets.v1.DisableSecretVersionRequest.class,
      responseType = dev.casemate.secrets.v1.DisableSecretVersionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DisableSecretVersionRequest,
      dev.casemate.secrets.v1.DisableSecretVersionResponse> getDisableSecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DisableSecretVersionRequest, dev.casemate.secrets.v1.DisableSecretVersionResponse> getDisableSecretVersionMethod;
    if ((getDisableSecretVersionMethod = SecretsManagerGrpc.getDisableSecretVersionMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getDisableSecretVersionMethod = SecretsManagerGrpc.getDisableSecretVersionMethod) == null) {
          SecretsManagerGrpc.getDisableSecretVersionMethod = getDisableSecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.DisableSecretVersionRequest, dev.casemate.secrets.v1.DisableSecretVersionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DisableSecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DisableSecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DisableSecretVersionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("DisableSecretVersion"))
              .build();
        }
      }
    }
    return getDisableSecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DestroySecretVersionRequest,
      dev.casemate.secrets.v1.DestroySecretVersionResponse> getDestroySecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DestroySecretVersion",
      requestType = dev.casemate.secrets.v1.DestroySecretVersionRequest.class,
      responseType = dev.casemate.secrets.v1.DestroySecretVersionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DestroySecretVersionRequest,
      dev.casemate.secrets.v1.DestroySecretVersionResponse> getDestroySecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DestroySecretVersionRequest, dev.casemate.secrets.v1.DestroySecretVersionResponse> getDestroySecretVersionMethod;
    if ((getDestroySecretVersionMethod = SecretsManagerGrpc.getDestroySecretVersionMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getDestroySecretVersionMethod = SecretsManagerGrpc.getDestroySecretVersionMethod) == null) {
          SecretsManagerGrpc.getDestroySecretVersionMethod = getDestroySecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.DestroySecretVersionRequest, dev.casemate.secrets.v1.DestroySecretVersionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DestroySecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DestroySecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DestroySecretVersionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("DestroySecretVersion"))
              .build();
        }
      }
    }
    return getDestroySecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.AccessSecretVersionRequest,
      dev.casemate.secrets.v1.AccessSecretVersionResponse> getAccessSecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "AccessSecretVersion",
      requestType = dev.casemate.secrets.v1.AccessSecretVersionRequest.class,
      responseType = dev.casemate.secrets.v1.AccessSecretVersionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.AccessSecretVersionRequest,
      dev.casemate.secrets.v1.AccessSecretVersionResponse> getAccessSecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.AccessSecretVersionRequest, dev.casemate.secrets.v1.AccessSecretVersionResponse> getAccessSecretVersionMethod;
    if ((getAccessSecretVersionMethod = SecretsManagerGrpc.getAccessSecretVersionMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getAccessSecretVersionMethod = SecretsManagerGrpc.getAccessSecretVersionMethod) == null) {
          SecretsManagerGrpc.getAccessSecretVersionMethod = getAccessSecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.AccessSecretVersionRequest, dev.casemate.secrets.v1.AccessSecretVersionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "AccessSecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.AccessSecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.AccessSecretVersionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("AccessSecretVersion"))
              .build();
        }
      }
    }
    return getAccessSecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest,
      dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse> getBatchAccessSecretVersionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "BatchAccessSecretVersions",
      requestType = dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest.class,
      responseType = dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest,
      dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse> getBatchAccessSecretVersionsMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest, dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse> getBatchAccessSecretVersionsMethod;
    if ((getBatchAccessSecretVersionsMethod = SecretsManagerGrpc.getBatchAccessSecretVersionsMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getBatchAccessSecretVersionsMethod = SecretsManagerGrpc.getBatchAccessSecretVersionsMethod) == null) {
          SecretsManagerGrpc.getBatchAccessSecretVersionsMethod = getBatchAccessSecretVersionsMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest, dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "BatchAccessSecretVersions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("BatchAccessSecretVersions"))
              .build();
        }
      }
    }
    return getBatchAccessSecretVersionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListSecretUsesRequest,
      dev.casemate.secrets.v1.ListSecretUsesResponse> getListSecretUsesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSecretUses",
      requestType = dev.casemate.secrets.v1.ListSecretUsesRequest.class,
      responseType = dev.casemate.secrets.v1.ListSecretUsesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListSecretUsesRequest,
      dev.casemate.secrets.v1.ListSecretUsesResponse> getListSecretUsesMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListSecretUsesRequest, dev.casemate.secrets.v1.ListSecretUsesResponse> getListSecretUsesMethod;
    if ((getListSecretUsesMethod = SecretsManagerGrpc.getListSecretUsesMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getListSecretUsesMethod = SecretsManagerGrpc.getListSecretUsesMethod) == null) {
          SecretsManagerGrpc.getListSecretUsesMethod = getListSecretUsesMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.ListSecretUsesRequest, dev.casemate.secrets.v1.ListSecretUsesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSecretUses"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListSecretUsesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListSecretUsesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("ListSecretUses"))
              .build();
        }
      }
    }
    return getListSecretUsesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RevokeSecretVersionRequest,
      dev.casemate.secrets.v1.RevokeSecretVersionResponse> getRevokeSecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RevokeSecretVersion",
      requestType = dev.casemate.secrets.v1.RevokeSecretVersionRequest.class,
      responseType = dev.casemate.secrets.v1.RevokeSecretVersionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RevokeSecretVersionRequest,
      dev.casemate.secrets.v1.RevokeSecretVersionResponse> getRevokeSecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RevokeSecretVersionRequest, dev.casemate.secrets.v1.RevokeSecretVersionResponse> getRevokeSecretVersionMethod;
    if ((getRevokeSecretVersionMethod = SecretsManagerGrpc.getRevokeSecretVersionMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getRevokeSecretVersionMethod = SecretsManagerGrpc.getRevokeSecretVersionMethod) == null) {
          SecretsManagerGrpc.getRevokeSecretVersionMethod = getRevokeSecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.RevokeSecretVersionRequest, dev.casemate.secrets.v1.RevokeSecretVersionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RevokeSecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.RevokeSecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.RevokeSecretVersionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("RevokeSecretVersion"))
              .build();
        }
      }
    }
    return getRevokeSecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.WatchRevocationsRequest,
      dev.casemate.secrets.v1.WatchRevocationsResponse> getWatchRevocationsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchRevocations",
      requestType = dev.casemate.secrets.v1.WatchRevocationsRequest.class,
      responseType = dev.casemate.secrets.v1.WatchRevocationsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.WatchRevocationsRequest,
      dev.casemate.secrets.v1.WatchRevocationsResponse> getWatchRevocationsMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.WatchRevocationsRequest, dev.casemate.secrets.v1.WatchRevocationsResponse> getWatchRevocationsMethod;
    if ((getWatchRevocationsMethod = SecretsManagerGrpc.getWatchRevocationsMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getWatchRevocationsMethod = SecretsManagerGrpc.getWatchRevocationsMethod) == null) {
          SecretsManagerGrpc.getWatchRevocationsMethod = getWatchRevocationsMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.WatchRevocationsRequest, dev.casemate.secrets.v1.WatchRevocationsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchRevocations"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.WatchRevocationsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.WatchRevocationsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("WatchRevocations"))
              .build();
        }
      }
    }
    return getWatchRevocationsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ReportSandboxesRequest,
      dev.casemate.secrets.v1.ReportSandboxesResponse> getReportSandboxesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReportSandboxes",
      requestType = dev.casemate.secrets.v1.ReportSandboxesRequest.class,
      responseType = dev.casemate.secrets.v1.ReportSandboxesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ReportSandboxesRequest,
      dev.casemate.secrets.v1.ReportSandboxesResponse> getReportSandboxesMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ReportSandboxesRequest, dev.casemate.secrets.v1.ReportSandboxesResponse> getReportSandboxesMethod;
    if ((getReportSandboxesMethod = SecretsManagerGrpc.getReportSandboxesMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getReportSandboxesMethod = SecretsManagerGrpc.getReportSandboxesMethod) == null) {
          SecretsManagerGrpc.getReportSandboxesMethod = getReportSandboxesMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.ReportSandboxesRequest, dev.casemate.secrets.v1.ReportSandboxesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReportSandboxes"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ReportSandboxesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ReportSandboxesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("ReportSandboxes"))
              .build();
        }
      }
    }
    return getReportSandboxesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.EndWorkloadInstanceRequest,
      dev.casemate.secrets.v1.EndWorkloadInstanceResponse> getEndWorkloadInstanceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "EndWorkloadInstance",
      requestType = dev.casemate.secrets.v1.EndWorkloadInstanceRequest.class,
      responseType = dev.casemate.secrets.v1.EndWorkloadInstanceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.EndWorkloadInstanceRequest,
      dev.casemate.secrets.v1.EndWorkloadInstanceResponse> getEndWorkloadInstanceMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.EndWorkloadInstanceRequest, dev.casemate.secrets.v1.EndWorkloadInstanceResponse> getEndWorkloadInstanceMethod;
    if ((getEndWorkloadInstanceMethod = SecretsManagerGrpc.getEndWorkloadInstanceMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getEndWorkloadInstanceMethod = SecretsManagerGrpc.getEndWorkloadInstanceMethod) == null) {
          SecretsManagerGrpc.getEndWorkloadInstanceMethod = getEndWorkloadInstanceMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.EndWorkloadInstanceRequest, dev.casemate.secrets.v1.EndWorkloadInstanceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "EndWorkloadInstance"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.EndWorkloadInstanceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.EndWorkloadInstanceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("EndWorkloadInstance"))
              .build();
        }
      }
    }
    return getEndWorkloadInstanceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateSecretGrantRequest,
      dev.casemate.secrets.v1.CreateSecretGrantResponse> getCreateSecretGrantMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateSecretGrant",
      requestType = dev.casemate.secrets.v1.CreateSecretGrantRequest.class,
      responseType = dev.casemate.secrets.v1.CreateSecretGrantResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateSecretGrantRequest,
      dev.casemate.secrets.v1.CreateSecretGrantResponse> getCreateSecretGrantMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateSecretGrantRequest, dev.casemate.secrets.v1.CreateSecretGrantResponse> getCreateSecretGrantMethod;
    if ((getCreateSecretGrantMethod = SecretsManagerGrpc.getCreateSecretGrantMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getCreateSecretGrantMethod = SecretsManagerGrpc.getCreateSecretGrantMethod) == null) {
          SecretsManagerGrpc.getCreateSecretGrantMethod = getCreateSecretGrantMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.CreateSecretGrantRequest, dev.casemate.secrets.v1.CreateSecretGrantResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateSecretGrant"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.CreateSecretGrantRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.CreateSecretGrantResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("CreateSecretGrant"))
              .build();
        }
      }
    }
    return getCreateSecretGrantMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteSecretGrantRequest,
      dev.casemate.secrets.v1.DeleteSecretGrantResponse> getDeleteSecretGrantMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteSecretGrant",
      requestType = dev.casemate.secrets.v1.DeleteSecretGrantRequest.class,
      responseType = dev.casemate.secrets.v1.DeleteSecretGrantResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteSecretGrantRequest,
      dev.casemate.secrets.v1.DeleteSecretGrantResponse> getDeleteSecretGrantMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteSecretGrantRequest, dev.casemate.secrets.v1.DeleteSecretGrantResponse> getDeleteSecretGrantMethod;
    if ((getDeleteSecretGrantMethod = SecretsManagerGrpc.getDeleteSecretGrantMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getDeleteSecretGrantMethod = SecretsManagerGrpc.getDeleteSecretGrantMethod) == null) {
          SecretsManagerGrpc.getDeleteSecretGrantMethod = getDeleteSecretGrantMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.DeleteSecretGrantRequest, dev.casemate.secrets.v1.DeleteSecretGrantResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteSecretGrant"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DeleteSecretGrantRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DeleteSecretGrantResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("DeleteSecretGrant"))
              .build();
        }
      }
    }
    return getDeleteSecretGrantMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListSecretGrantsRequest,
      dev.casemate.secrets.v1.ListSecretGrantsResponse> getListSecretGrantsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSecretGrants",
      requestType = dev.casemate.secrets.v1.ListSecretGrantsRequest.class,
      responseType = dev.casemate.secrets.v1.ListSecretGrantsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListSecretGrantsRequest,
      dev.casemate.secrets.v1.ListSecretGrantsResponse> getListSecretGrantsMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListSecretGrantsRequest, dev.casemate.secrets.v1.ListSecretGrantsResponse> getListSecretGrantsMethod;
    if ((getListSecretGrantsMethod = SecretsManagerGrpc.getListSecretGrantsMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getListSecretGrantsMethod = SecretsManagerGrpc.getListSecretGrantsMethod) == null) {
          SecretsManagerGrpc.getListSecretGrantsMethod = getListSecretGrantsMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.ListSecretGrantsRequest, dev.casemate.secrets.v1.ListSecretGrantsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSecretGrants"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListSecretGrantsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListSecretGrantsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("ListSecretGrants"))
              .build();
        }
      }
    }
    return getListSecretGrantsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.TestPermissionsRequest,
      dev.casemate.secrets.v1.TestPermissionsResponse> getTestPermissionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "TestPermissions",
      requestType = dev.casemate.secrets.v1.TestPermissionsRequest.class,
      responseType = dev.casemate.secrets.v1.TestPermissionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.TestPermissionsRequest,
      dev.casemate.secrets.v1.TestPermissionsResponse> getTestPermissionsMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.TestPermissionsRequest, dev.casemate.secrets.v1.TestPermissionsResponse> getTestPermissionsMethod;
    if ((getTestPermissionsMethod = SecretsManagerGrpc.getTestPermissionsMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getTestPermissionsMethod = SecretsManagerGrpc.getTestPermissionsMethod) == null) {
          SecretsManagerGrpc.getTestPermissionsMethod = getTestPermissionsMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.TestPermissionsRequest, dev.casemate.secrets.v1.TestPermissionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "TestPermissions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.TestPermissionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.TestPermissionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("TestPermissions"))
              .build();
        }
      }
    }
    return getTestPermissionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateTeamRequest,
      dev.casemate.secrets.v1.CreateTeamResponse> getCreateTeamMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateTeam",
      requestType = dev.casemate.secrets.v1.CreateTeamRequest.class,
      responseType = dev.casemate.secrets.v1.CreateTeamResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateTeamRequest,
      dev.casemate.secrets.v1.CreateTeamResponse> getCreateTeamMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateTeamRequest, dev.casemate.secrets.v1.CreateTeamResponse> getCreateTeamMethod;
    if ((getCreateTeamMethod = SecretsManagerGrpc.getCreateTeamMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getCreateTeamMethod = SecretsManagerGrpc.getCreateTeamMethod) == null) {
          SecretsManagerGrpc.getCreateTeamMethod = getCreateTeamMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.CreateTeamRequest, dev.casemate.secrets.v1.CreateTeamResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateTeam"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.CreateTeamRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.CreateTeamResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("CreateTeam"))
              .build();
        }
      }
    }
    return getCreateTeamMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.GetTeamRequest,
      dev.casemate.secrets.v1.GetTeamResponse> getGetTeamMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetTeam",
      requestType = dev.casemate.secrets.v1.GetTeamRequest.class,
      responseType = dev.casemate.secrets.v1.GetTeamResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.GetTeamRequest,
      dev.casemate.secrets.v1.GetTeamResponse> getGetTeamMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.GetTeamRequest, dev.casemate.secrets.v1.GetTeamResponse> getGetTeamMethod;
    if ((getGetTeamMethod = SecretsManagerGrpc.getGetTeamMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getGetTeamMethod = SecretsManagerGrpc.getGetTeamMethod) == null) {
          SecretsManagerGrpc.getGetTeamMethod = getGetTeamMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.GetTeamRequest, dev.casemate.secrets.v1.GetTeamResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetTeam"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.GetTeamRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.GetTeamResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("GetTeam"))
              .build();
        }
      }
    }
    return getGetTeamMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListTeamsRequest,
      dev.casemate.secrets.v1.ListTeamsResponse> getListTeamsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListTeams",
      requestType = dev.casemate.secrets.v1.ListTeamsRequest.class,
      responseType = dev.casemate.secrets.v1.ListTeamsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListTeamsRequest,
      dev.casemate.secrets.v1.ListTeamsResponse> getListTeamsMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListTeamsRequest, dev.casemate.secrets.v1.ListTeamsResponse> getListTeamsMethod;
    if ((getListTeamsMethod = SecretsManagerGrpc.getListTeamsMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getListTeamsMethod = SecretsManagerGrpc.getListTeamsMethod) == null) {
          SecretsManagerGrpc.getListTeamsMethod = getListTeamsMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.ListTeamsRequest, dev.casemate.secrets.v1.ListTeamsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListTeams"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListTeamsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListTeamsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("ListTeams"))
              .build();
        }
      }
    }
    return getListTeamsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.UpdateTeamRequest,
      dev.casemate.secrets.v1.UpdateTeamResponse> getUpdateTeamMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateTeam",
      requestType = dev.casemate.secrets.v1.UpdateTeamRequest.class,
      responseType = dev.casemate.secrets.v1.UpdateTeamResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.UpdateTeamRequest,
      dev.casemate.secrets.v1.UpdateTeamResponse> getUpdateTeamMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.UpdateTeamRequest, dev.casemate.secrets.v1.UpdateTeamResponse> getUpdateTeamMethod;
    if ((getUpdateTeamMethod = SecretsManagerGrpc.getUpdateTeamMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getUpdateTeamMethod = SecretsManagerGrpc.getUpdateTeamMethod) == null) {
          SecretsManagerGrpc.getUpdateTeamMethod = getUpdateTeamMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.UpdateTeamRequest, dev.casemate.secrets.v1.UpdateTeamResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateTeam"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.UpdateTeamRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.UpdateTeamResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("UpdateTeam"))
              .build();
        }
      }
    }
    return getUpdateTeamMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteTeamRequest,
      dev.casemate.secrets.v1.DeleteTeamResponse> getDeleteTeamMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteTeam",
      requestType = dev.casemate.secrets.v1.DeleteTeamRequest.class,
      responseType = dev.casemate.secrets.v1.DeleteTeamResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteTeamRequest,
      dev.casemate.secrets.v1.DeleteTeamResponse> getDeleteTeamMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteTeamRequest, dev.casemate.secrets.v1.DeleteTeamResponse> getDeleteTeamMethod;
    if ((getDeleteTeamMethod = SecretsManagerGrpc.getDeleteTeamMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getDeleteTeamMethod = SecretsManagerGrpc.getDeleteTeamMethod) == null) {
          SecretsManagerGrpc.getDeleteTeamMethod = getDeleteTeamMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.DeleteTeamRequest, dev.casemate.secrets.v1.DeleteTeamResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteTeam"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DeleteTeamRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DeleteTeamResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("DeleteTeam"))
              .build();
        }
      }
    }
    return getDeleteTeamMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RotateKEKRequest,
      dev.casemate.secrets.v1.RotateKEKResponse> getRotateKEKMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RotateKEK",
      requestType = dev.casemate.secrets.v1.RotateKEKRequest.class,
      responseType = dev.casemate.secrets.v1.RotateKEKResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RotateKEKRequest,
      dev.casemate.secrets.v1.RotateKEKResponse> getRotateKEKMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RotateKEKRequest, dev.casemate.secrets.v1.RotateKEKResponse> getRotateKEKMethod;
    if ((getRotateKEKMethod = SecretsManagerGrpc.getRotateKEKMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getRotateKEKMethod = SecretsManagerGrpc.getRotateKEKMethod) == null) {
          SecretsManagerGrpc.getRotateKEKMethod = getRotateKEKMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.RotateKEKRequest, dev.casemate.secrets.v1.RotateKEKResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RotateKEK"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.RotateKEKRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.RotateKEKResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("RotateKEK"))
              .build();
        }
      }
    }
    return getRotateKEKMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RotateDataKeyRequest,
      dev.casemate.secrets.v1.RotateDataKeyResponse> getRotateDataKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RotateDataKey",
      requestType = dev.casemate.secrets.v1.RotateDataKeyRequest.class,
      responseType = dev.casemate.secrets.v1.RotateDataKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RotateDataKeyRequest,
      dev.casemate.secrets.v1.RotateDataKeyResponse> getRotateDataKeyMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RotateDataKeyRequest, dev.casemate.secrets.v1.RotateDataKeyResponse> getRotateDataKeyMethod;
    if ((getRotateDataKeyMethod = SecretsManagerGrpc.getRotateDataKeyMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getRotateDataKeyMethod = SecretsManagerGrpc.getRotateDataKeyMethod) == null) {
          SecretsManagerGrpc.getRotateDataKeyMethod = getRotateDataKeyMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.RotateDataKeyRequest, dev.casemate.secrets.v1.RotateDataKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RotateDataKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.RotateDataKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.RotateDataKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("RotateDataKey"))
              .build();
        }
      }
    }
    return getRotateDataKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.GetKeyStatusRequest,
      dev.casemate.secrets.v1.GetKeyStatusResponse> getGetKeyStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetKeyStatus",
      requestType = dev.casemate.secrets.v1.GetKeyStatusRequest.class,
      responseType = dev.casemate.secrets.v1.GetKeyStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.GetKeyStatusRequest,
      dev.casemate.secrets.v1.GetKeyStatusResponse> getGetKeyStatusMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.GetKeyStatusRequest, dev.casemate.secrets.v1.GetKeyStatusResponse> getGetKeyStatusMethod;
    if ((getGetKeyStatusMethod = SecretsManagerGrpc.getGetKeyStatusMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getGetKeyStatusMethod = SecretsManagerGrpc.getGetKeyStatusMethod) == null) {
          SecretsManagerGrpc.getGetKeyStatusMethod = getGetKeyStatusMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.GetKeyStatusRequest, dev.casemate.secrets.v1.GetKeyStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetKeyStatus"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.GetKeyStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.GetKeyStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("GetKeyStatus"))
              .build();
        }
      }
    }
    return getGetKeyStatusMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateMemberRequest,
      dev.casemate.secrets.v1.CreateMemberResponse> getCreateMemberMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateMember",
      requestType = dev.casemate.secrets.v1.CreateMemberRequest.class,
      responseType = dev.casemate.secrets.v1.CreateMemberResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateMemberRequest,
      dev.casemate.secrets.v1.CreateMemberResponse> getCreateMemberMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateMemberRequest, dev.casemate.secrets.v1.CreateMemberResponse> getCreateMemberMethod;
    if ((getCreateMemberMethod = SecretsManagerGrpc.getCreateMemberMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getCreateMemberMethod = SecretsManagerGrpc.getCreateMemberMethod) == null) {
          SecretsManagerGrpc.getCreateMemberMethod = getCreateMemberMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.CreateMemberRequest, dev.casemate.secrets.v1.CreateMemberResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateMember"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.CreateMemberRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.CreateMemberResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("CreateMember"))
              .build();
        }
      }
    }
    return getCreateMemberMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListMembersRequest,
      dev.casemate.secrets.v1.ListMembersResponse> getListMembersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListMembers",
      requestType = dev.casemate.secrets.v1.ListMembersRequest.class,
      responseType = dev.casemate.secrets.v1.ListMembersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListMembersRequest,
      dev.casemate.secrets.v1.ListMembersResponse> getListMembersMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListMembersRequest, dev.casemate.secrets.v1.ListMembersResponse> getListMembersMethod;
    if ((getListMembersMethod = SecretsManagerGrpc.getListMembersMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getListMembersMethod = SecretsManagerGrpc.getListMembersMethod) == null) {
          SecretsManagerGrpc.getListMembersMethod = getListMembersMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.ListMembersRequest, dev.casemate.secrets.v1.ListMembersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListMembers"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListMembersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListMembersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("ListMembers"))
              .build();
        }
      }
    }
    return getListMembersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.UpdateMemberRequest,
      dev.casemate.secrets.v1.UpdateMemberResponse> getUpdateMemberMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateMember",
      requestType = dev.casemate.secrets.v1.UpdateMemberRequest.class,
      responseType = dev.casemate.secrets.v1.UpdateMemberResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.UpdateMemberRequest,
      dev.casemate.secrets.v1.UpdateMemberResponse> getUpdateMemberMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.UpdateMemberRequest, dev.casemate.secrets.v1.UpdateMemberResponse> getUpdateMemberMethod;
    if ((getUpdateMemberMethod = SecretsManagerGrpc.getUpdateMemberMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getUpdateMemberMethod = SecretsManagerGrpc.getUpdateMemberMethod) == null) {
          SecretsManagerGrpc.getUpdateMemberMethod = getUpdateMemberMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.UpdateMemberRequest, dev.casemate.secrets.v1.UpdateMemberResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateMember"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.UpdateMemberRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.UpdateMemberResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("UpdateMember"))
              .build();
        }
      }
    }
    return getUpdateMemberMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteMemberRequest,
      dev.casemate.secrets.v1.DeleteMemberResponse> getDeleteMemberMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteMember",
      requestType = dev.casemate.secrets.v1.DeleteMemberRequest.class,
      responseType = dev.casemate.secrets.v1.DeleteMemberResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteMemberRequest,
      dev.casemate.secrets.v1.DeleteMemberResponse> getDeleteMemberMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteMemberRequest, dev.casemate.secrets.v1.DeleteMemberResponse> getDeleteMemberMethod;
    if ((getDeleteMemberMethod = SecretsManagerGrpc.getDeleteMemberMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getDeleteMemberMethod = SecretsManagerGrpc.getDeleteMemberMethod) == null) {
          SecretsManagerGrpc.getDeleteMemberMethod = getDeleteMemberMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.DeleteMemberRequest, dev.casemate.secrets.v1.DeleteMemberResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteMember"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DeleteMemberRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DeleteMemberResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("DeleteMember"))
              .build();
        }
      }
    }
    return getDeleteMemberMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateAPIKeyRequest,
      dev.casemate.secrets.v1.CreateAPIKeyResponse> getCreateAPIKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateAPIKey",
      requestType = dev.casemate.secrets.v1.CreateAPIKeyRequest.class,
      responseType = dev.casemate.secrets.v1.CreateAPIKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateAPIKeyRequest,
      dev.casemate.secrets.v1.CreateAPIKeyResponse> getCreateAPIKeyMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateAPIKeyRequest, dev.casemate.secrets.v1.CreateAPIKeyResponse> getCreateAPIKeyMethod;
    if ((getCreateAPIKeyMethod = SecretsManagerGrpc.getCreateAPIKeyMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getCreateAPIKeyMethod = SecretsManagerGrpc.getCreateAPIKeyMethod) == null) {
          SecretsManagerGrpc.getCreateAPIKeyMethod = getCreateAPIKeyMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.CreateAPIKeyRequest, dev.casemate.secrets.v1.CreateAPIKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateAPIKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.CreateAPIKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.CreateAPIKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("CreateAPIKey"))
              .build();
        }
      }
    }
    return getCreateAPIKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListAPIKeysRequest,
      dev.casemate.secrets.v1.ListAPIKeysResponse> getListAPIKeysMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListAPIKeys",
      requestType = dev.casemate.secrets.v1.ListAPIKeysRequest.class,
      responseType = dev.casemate.secrets.v1.ListAPIKeysResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListAPIKeysRequest,
      dev.casemate.secrets.v1.ListAPIKeysResponse> getListAPIKeysMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListAPIKeysRequest, dev.casemate.secrets.v1.ListAPIKeysResponse> getListAPIKeysMethod;
    if ((getListAPIKeysMethod = SecretsManagerGrpc.getListAPIKeysMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getListAPIKeysMethod = SecretsManagerGrpc.getListAPIKeysMethod) == null) {
          SecretsManagerGrpc.getListAPIKeysMethod = getListAPIKeysMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.ListAPIKeysRequest, dev.casemate.secrets.v1.ListAPIKeysResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListAPIKeys"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListAPIKeysRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListAPIKeysResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("ListAPIKeys"))
              .build();
        }
      }
    }
    return getListAPIKeysMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RevokeAPIKeyRequest,
      dev.casemate.secrets.v1.RevokeAPIKeyResponse> getRevokeAPIKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RevokeAPIKey",
      requestType = dev.casemate.secrets.v1.RevokeAPIKeyRequest.class,
      responseType = dev.casemate.secrets.v1.RevokeAPIKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RevokeAPIKeyRequest,
      dev.casemate.secrets.v1.RevokeAPIKeyResponse> getRevokeAPIKeyMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RevokeAPIKeyRequest, dev.casemate.secrets.v1.RevokeAPIKeyResponse> getRevokeAPIKeyMethod;
    if ((getRevokeAPIKeyMethod = SecretsManagerGrpc.getRevokeAPIKeyMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getRevokeAPIKeyMethod = SecretsManagerGrpc.getRevokeAPIKeyMethod) == null) {
          SecretsManagerGrpc.getRevokeAPIKeyMethod = getRevokeAPIKeyMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.RevokeAPIKeyRequest, dev.casemate.secrets.v1.RevokeAPIKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RevokeAPIKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.RevokeAPIKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.RevokeAPIKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("RevokeAPIKey"))
              .build();
        }
      }
    }
    return getRevokeAPIKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RotateAPIKeyRequest,
      dev.casemate.secrets.v1.RotateAPIKeyResponse> getRotateAPIKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RotateAPIKey",
      requestType = dev.casemate.secrets.v1.RotateAPIKeyRequest.class,
      responseType = dev.casemate.secrets.v1.RotateAPIKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RotateAPIKeyRequest,
      dev.casemate.secrets.v1.RotateAPIKeyResponse> getRotateAPIKeyMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.RotateAPIKeyRequest, dev.casemate.secrets.v1.RotateAPIKeyResponse> getRotateAPIKeyMethod;
    if ((getRotateAPIKeyMethod = SecretsManagerGrpc.getRotateAPIKeyMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getRotateAPIKeyMethod = SecretsManagerGrpc.getRotateAPIKeyMethod) == null) {
          SecretsManagerGrpc.getRotateAPIKeyMethod = getRotateAPIKeyMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.RotateAPIKeyRequest, dev.casemate.secrets.v1.RotateAPIKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RotateAPIKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.RotateAPIKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.RotateAPIKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("RotateAPIKey"))
              .build();
        }
      }
    }
    return getRotateAPIKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateOIDCTrustRequest,
      dev.casemate.secrets.v1.CreateOIDCTrustResponse> getCreateOIDCTrustMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateOIDCTrust",
      requestType = dev.casemate.secrets.v1.CreateOIDCTrustRequest.class,
      responseType = dev.casemate.secrets.v1.CreateOIDCTrustResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateOIDCTrustRequest,
      dev.casemate.secrets.v1.CreateOIDCTrustResponse> getCreateOIDCTrustMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.CreateOIDCTrustRequest, dev.casemate.secrets.v1.CreateOIDCTrustResponse> getCreateOIDCTrustMethod;
    if ((getCreateOIDCTrustMethod = SecretsManagerGrpc.getCreateOIDCTrustMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getCreateOIDCTrustMethod = SecretsManagerGrpc.getCreateOIDCTrustMethod) == null) {
          SecretsManagerGrpc.getCreateOIDCTrustMethod = getCreateOIDCTrustMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.CreateOIDCTrustRequest, dev.casemate.secrets.v1.CreateOIDCTrustResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateOIDCTrust"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.CreateOIDCTrustRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.CreateOIDCTrustResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("CreateOIDCTrust"))
              .build();
        }
      }
    }
    return getCreateOIDCTrustMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListOIDCTrustsRequest,
      dev.casemate.secrets.v1.ListOIDCTrustsResponse> getListOIDCTrustsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListOIDCTrusts",
      requestType = dev.casemate.secrets.v1.ListOIDCTrustsRequest.class,
      responseType = dev.casemate.secrets.v1.ListOIDCTrustsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListOIDCTrustsRequest,
      dev.casemate.secrets.v1.ListOIDCTrustsResponse> getListOIDCTrustsMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListOIDCTrustsRequest, dev.casemate.secrets.v1.ListOIDCTrustsResponse> getListOIDCTrustsMethod;
    if ((getListOIDCTrustsMethod = SecretsManagerGrpc.getListOIDCTrustsMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getListOIDCTrustsMethod = SecretsManagerGrpc.getListOIDCTrustsMethod) == null) {
          SecretsManagerGrpc.getListOIDCTrustsMethod = getListOIDCTrustsMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.ListOIDCTrustsRequest, dev.casemate.secrets.v1.ListOIDCTrustsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListOIDCTrusts"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListOIDCTrustsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListOIDCTrustsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("ListOIDCTrusts"))
              .build();
        }
      }
    }
    return getListOIDCTrustsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteOIDCTrustRequest,
      dev.casemate.secrets.v1.DeleteOIDCTrustResponse> getDeleteOIDCTrustMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteOIDCTrust",
      requestType = dev.casemate.secrets.v1.DeleteOIDCTrustRequest.class,
      responseType = dev.casemate.secrets.v1.DeleteOIDCTrustResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteOIDCTrustRequest,
      dev.casemate.secrets.v1.DeleteOIDCTrustResponse> getDeleteOIDCTrustMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.DeleteOIDCTrustRequest, dev.casemate.secrets.v1.DeleteOIDCTrustResponse> getDeleteOIDCTrustMethod;
    if ((getDeleteOIDCTrustMethod = SecretsManagerGrpc.getDeleteOIDCTrustMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getDeleteOIDCTrustMethod = SecretsManagerGrpc.getDeleteOIDCTrustMethod) == null) {
          SecretsManagerGrpc.getDeleteOIDCTrustMethod = getDeleteOIDCTrustMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.DeleteOIDCTrustRequest, dev.casemate.secrets.v1.DeleteOIDCTrustResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteOIDCTrust"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DeleteOIDCTrustRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.DeleteOIDCTrustResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("DeleteOIDCTrust"))
              .build();
        }
      }
    }
    return getDeleteOIDCTrustMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ExchangeTokenRequest,
      dev.casemate.secrets.v1.ExchangeTokenResponse> getExchangeTokenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExchangeToken",
      requestType = dev.casemate.secrets.v1.ExchangeTokenRequest.class,
      responseType = dev.casemate.secrets.v1.ExchangeTokenResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ExchangeTokenRequest,
      dev.casemate.secrets.v1.ExchangeTokenResponse> getExchangeTokenMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ExchangeTokenRequest, dev.casemate.secrets.v1.ExchangeTokenResponse> getExchangeTokenMethod;
    if ((getExchangeTokenMethod = SecretsManagerGrpc.getExchangeTokenMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getExchangeTokenMethod = SecretsManagerGrpc.getExchangeTokenMethod) == null) {
          SecretsManagerGrpc.getExchangeTokenMethod = getExchangeTokenMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.ExchangeTokenRequest, dev.casemate.secrets.v1.ExchangeTokenResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExchangeToken"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ExchangeTokenRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ExchangeTokenResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("ExchangeToken"))
              .build();
        }
      }
    }
    return getExchangeTokenMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.WhoAmIRequest,
      dev.casemate.secrets.v1.WhoAmIResponse> getWhoAmIMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WhoAmI",
      requestType = dev.casemate.secrets.v1.WhoAmIRequest.class,
      responseType = dev.casemate.secrets.v1.WhoAmIResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.WhoAmIRequest,
      dev.casemate.secrets.v1.WhoAmIResponse> getWhoAmIMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.WhoAmIRequest, dev.casemate.secrets.v1.WhoAmIResponse> getWhoAmIMethod;
    if ((getWhoAmIMethod = SecretsManagerGrpc.getWhoAmIMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getWhoAmIMethod = SecretsManagerGrpc.getWhoAmIMethod) == null) {
          SecretsManagerGrpc.getWhoAmIMethod = getWhoAmIMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.WhoAmIRequest, dev.casemate.secrets.v1.WhoAmIResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WhoAmI"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.WhoAmIRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.WhoAmIResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("WhoAmI"))
              .build();
        }
      }
    }
    return getWhoAmIMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListAuditEntriesRequest,
      dev.casemate.secrets.v1.ListAuditEntriesResponse> getListAuditEntriesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListAuditEntries",
      requestType = dev.casemate.secrets.v1.ListAuditEntriesRequest.class,
      responseType = dev.casemate.secrets.v1.ListAuditEntriesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListAuditEntriesRequest,
      dev.casemate.secrets.v1.ListAuditEntriesResponse> getListAuditEntriesMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ListAuditEntriesRequest, dev.casemate.secrets.v1.ListAuditEntriesResponse> getListAuditEntriesMethod;
    if ((getListAuditEntriesMethod = SecretsManagerGrpc.getListAuditEntriesMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getListAuditEntriesMethod = SecretsManagerGrpc.getListAuditEntriesMethod) == null) {
          SecretsManagerGrpc.getListAuditEntriesMethod = getListAuditEntriesMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.ListAuditEntriesRequest, dev.casemate.secrets.v1.ListAuditEntriesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListAuditEntries"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListAuditEntriesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ListAuditEntriesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("ListAuditEntries"))
              .build();
        }
      }
    }
    return getListAuditEntriesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.VerifyAuditLogRequest,
      dev.casemate.secrets.v1.VerifyAuditLogResponse> getVerifyAuditLogMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "VerifyAuditLog",
      requestType = dev.casemate.secrets.v1.VerifyAuditLogRequest.class,
      responseType = dev.casemate.secrets.v1.VerifyAuditLogResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.VerifyAuditLogRequest,
      dev.casemate.secrets.v1.VerifyAuditLogResponse> getVerifyAuditLogMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.VerifyAuditLogRequest, dev.casemate.secrets.v1.VerifyAuditLogResponse> getVerifyAuditLogMethod;
    if ((getVerifyAuditLogMethod = SecretsManagerGrpc.getVerifyAuditLogMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getVerifyAuditLogMethod = SecretsManagerGrpc.getVerifyAuditLogMethod) == null) {
          SecretsManagerGrpc.getVerifyAuditLogMethod = getVerifyAuditLogMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.VerifyAuditLogRequest, dev.casemate.secrets.v1.VerifyAuditLogResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "VerifyAuditLog"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.VerifyAuditLogRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.VerifyAuditLogResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("VerifyAuditLog"))
              .build();
        }
      }
    }
    return getVerifyAuditLogMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.TailAuditEntriesRequest,
      dev.casemate.secrets.v1.TailAuditEntriesResponse> getTailAuditEntriesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "TailAuditEntries",
      requestType = dev.casemate.secrets.v1.TailAuditEntriesRequest.class,
      responseType = dev.casemate.secrets.v1.TailAuditEntriesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.TailAuditEntriesRequest,
      dev.casemate.secrets.v1.TailAuditEntriesResponse> getTailAuditEntriesMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.TailAuditEntriesRequest, dev.casemate.secrets.v1.TailAuditEntriesResponse> getTailAuditEntriesMethod;
    if ((getTailAuditEntriesMethod = SecretsManagerGrpc.getTailAuditEntriesMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getTailAuditEntriesMethod = SecretsManagerGrpc.getTailAuditEntriesMethod) == null) {
          SecretsManagerGrpc.getTailAuditEntriesMethod = getTailAuditEntriesMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.TailAuditEntriesRequest, dev.casemate.secrets.v1.TailAuditEntriesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "TailAuditEntries"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.TailAuditEntriesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.TailAuditEntriesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("TailAuditEntries"))
              .build();
        }
      }
    }
    return getTailAuditEntriesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ExportAuditLogRequest,
      dev.casemate.secrets.v1.ExportAuditLogResponse> getExportAuditLogMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExportAuditLog",
      requestType = dev.casemate.secrets.v1.ExportAuditLogRequest.class,
      responseType = dev.casemate.secrets.v1.ExportAuditLogResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ExportAuditLogRequest,
      dev.casemate.secrets.v1.ExportAuditLogResponse> getExportAuditLogMethod() {
    io.grpc.MethodDescriptor<dev.casemate.secrets.v1.ExportAuditLogRequest, dev.casemate.secrets.v1.ExportAuditLogResponse> getExportAuditLogMethod;
    if ((getExportAuditLogMethod = SecretsManagerGrpc.getExportAuditLogMethod) == null) {
      synchronized (SecretsManagerGrpc.class) {
        if ((getExportAuditLogMethod = SecretsManagerGrpc.getExportAuditLogMethod) == null) {
          SecretsManagerGrpc.getExportAuditLogMethod = getExportAuditLogMethod =
              io.grpc.MethodDescriptor.<dev.casemate.secrets.v1.ExportAuditLogRequest, dev.casemate.secrets.v1.ExportAuditLogResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExportAuditLog"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ExportAuditLogRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.secrets.v1.ExportAuditLogResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsManagerMethodDescriptorSupplier("ExportAuditLog"))
              .build();
        }
      }
    }
    return getExportAuditLogMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SecretsManagerStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SecretsManagerStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SecretsManagerStub>() {
        @java.lang.Override
        public SecretsManagerStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SecretsManagerStub(channel, callOptions);
        }
      };
    return SecretsManagerStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SecretsManagerBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SecretsManagerBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SecretsManagerBlockingV2Stub>() {
        @java.lang.Override
        public SecretsManagerBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SecretsManagerBlockingV2Stub(channel, callOptions);
        }
      };
    return SecretsManagerBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SecretsManagerBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SecretsManagerBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SecretsManagerBlockingStub>() {
        @java.lang.Override
        public SecretsManagerBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SecretsManagerBlockingStub(channel, callOptions);
        }
      };
    return SecretsManagerBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SecretsManagerFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SecretsManagerFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SecretsManagerFutureStub>() {
        @java.lang.Override
        public SecretsManagerFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SecretsManagerFutureStub(channel, callOptions);
        }
      };
    return SecretsManagerFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * SecretsManager owns teams, members, API keys, secrets, secret versions and the audit log.
   * Authentication: every rpc but WatchRevocations and ReportSandboxes, which are for workloads, and ExchangeToken needs
   * `authorization: Bearer &lt;API key&gt;` metadata. Without a valid key the answer is UNAUTHENTICATED (reason API_KEY_MISSING,
   * API_KEY_MALFORMED or API_KEY_INVALID), or, after many such answers to one address, RESOURCE_EXHAUSTED
   * (TOO_MANY_FAILED_ATTEMPTS) with google.rpc.RetryInfo for a while. BatchAccessSecretVersions needs, in
   * addition, an mTLS client certificate whose SPIFFE ID secretsd is configured to trust.
   * Authorization: an action needs both a role in the team and a scope on the key; what is not granted is denied with
   * PERMISSION_DENIED (reason PERMISSION_DENIED), worded the same whether or not the thing exists. A key acts in the team it
   * was made in, its home team, and in those that other keys of its user's were presented for; in each as long as its user
   * is a member. The operator's first key, which secretsd's first start writes to a file, belongs to no team: it acts in all
   * teams that the operator is a member of, and is the only one with an operator's rights.
   * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
   * with google.rpc.BadRequest. Changes are durable before they are answered, and audited before that: when the audit
   * entry can't be written, the call fails with UNAVAILABLE (reason AUDIT_UNAVAILABLE) and nothing happened. While secretsd
   * waits for its key-encryption key, whatever needs a key is UNAVAILABLE (reason SEALED) with google.rpc.RetryInfo: a value
   * that is read, used or added, a team that is made, a key that is rotated. Everything else is answered.
   * Limits: every rpc may be refused with RESOURCE_EXHAUSTED and google.rpc.RetryInfo, and then did nothing: RATE_LIMITED when
   * the user or the team has called too often, TOO_MANY_CALLS when the user has too many calls under way, OVERLOADED when
   * secretsd has more than it can answer in time. The operator sets how much that is. A request has at most 1 MiB.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * CreateSecret makes a secret, and its version 1 when `data` or `generate` is given. Action secret.manage.
     * Errors: ALREADY_EXISTS (SECRET_EXISTS, for the name of a deleted secret too; REQUEST_ID_CONFLICT), INVALID_ARGUMENT
     * (DATA_CORRUPTED), NOT_FOUND (SECRET_NOT_FOUND, for a repeat whose secret was purged since), RESOURCE_EXHAUSTED
     * (TOO_MANY_SECRETS; a team has at most 5000, deleted ones too).
     * </pre>
     */
    default void createSecret(dev.casemate.secrets.v1.CreateSecretRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetSecret returns a secret's metadata, never a value; a deleted one's too, with its `delete_time`. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    default void getSecret(dev.casemate.secrets.v1.GetSecretRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.GetSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSecrets pages through a team's secrets by name, ascending; deleted ones only when asked for. Action secret.list; to
     * a member whose role does not list (SERVICE), it shows those that a grant lets the member list.
     * </pre>
     */
    default void listSecrets(dev.casemate.secrets.v1.ListSecretsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListSecretsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSecretsMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateSecret changes what a secret says of itself: the fields of `update_mask`. Action secret.manage. What lets more
     * people at the value needs the rights that it gives, as for a grant: `restricted` is taken back by who may use and access
     * the value, and `injection` is weakened (from BROKER_ONLY, or by another host) by who may access it.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED; VERSION_NOT_FOUND, for an alias), FAILED_PRECONDITION
     * (VERSION_DESTROYED, for an alias), ABORTED (ETAG_MISMATCH), PERMISSION_DENIED (RIGHT_EXCEEDED).
     * </pre>
     */
    default void updateSecret(dev.casemate.secrets.v1.UpdateSecretRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.UpdateSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteSecret deletes a secret: from now on nobody can use, read or change it, and its name stays taken. UndeleteSecret
     * brings it back until its `purge_time`; then secretsd erases it, values and all. `purge` erases it now, one that was
     * deleted before too. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND; SECRET_DELETED, without `purge`), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    default void deleteSecret(dev.casemate.secrets.v1.DeleteSecretRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * UndeleteSecret brings a deleted secret back with all its versions as they were, but for those that were to be destroyed
     * meanwhile. An `expire_time` that has passed is taken away. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, also for one whose `purge_time` has come), ALREADY_EXISTS (SECRET_NOT_DELETED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    default void undeleteSecret(dev.casemate.secrets.v1.UndeleteSecretRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.UndeleteSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUndeleteSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * AddSecretVersion adds an immutable version, which becomes `latest`. Action version.add.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED; VERSION_NOT_FOUND, never for a first call), INVALID_ARGUMENT
     * (DATA_CORRUPTED), ALREADY_EXISTS (REQUEST_ID_CONFLICT), ABORTED (ETAG_MISMATCH), RESOURCE_EXHAUSTED
     * (TOO_MANY_VERSIONS; a secret has at most 1000 that are not destroyed).
     * </pre>
     */
    default void addSecretVersion(dev.casemate.secrets.v1.AddSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.AddSecretVersionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAddSecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetSecretVersion returns a version's metadata, never its value. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND), FAILED_PRECONDITION
     * (VERSION_DESTROYED, for `latest` when all versions are destroyed).
     * </pre>
     */
    default void getSecretVersion(dev.casemate.secrets.v1.GetSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.GetSecretVersionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSecretVersions pages through a secret's versions, newest first. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED).
     * </pre>
     */
    default void listSecretVersions(dev.casemate.secrets.v1.ListSecretVersionsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListSecretVersionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSecretVersionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * EnableSecretVersion makes a DISABLED version usable again, and takes back a destroy that is not due yet; repeating it
     * is no error. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), FAILED_PRECONDITION (VERSION_DESTROYED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    default void enableSecretVersion(dev.casemate.secrets.v1.EnableSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.EnableSecretVersionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEnableSecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * DisableSecretVersion makes a version unusable until it is enabled; repeating it is no error. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), FAILED_PRECONDITION (VERSION_DESTROYED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    default void disableSecretVersion(dev.casemate.secrets.v1.DisableSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DisableSecretVersionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDisableSecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * DestroySecretVersion deletes a version's ciphertext for good; the row stays as DESTROYED. On a secret with a
     * `version_destroy_ttl` it disables the version now, and secretsd destroys it at its `scheduled_destroy_time`. Repeating
     * it is no error and moves no time. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    default void destroySecretVersion(dev.casemate.secrets.v1.DestroySecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DestroySecretVersionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDestroySecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * AccessSecretVersion returns a version's value to a person or program that may read it. Action version.access.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND), FAILED_PRECONDITION
     * (SECRET_EXPIRED, VERSION_DISABLED, VERSION_DESTROYED, FIELD_NOT_FOUND, NOT_STRUCTURED).
     * </pre>
     */
    default void accessSecretVersion(dev.casemate.secrets.v1.AccessSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.AccessSecretVersionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAccessSecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * BatchAccessSecretVersions resolves the references of one sandbox, all or nothing, for injection only. The
     * connection must carry an mTLS client certificate with a SPIFFE ID that secretsd allows to resolve, and the
     * authorization metadata must be the end caller's own API key: each reference needs the end caller's version.use.
     * Each value leaves a receipt, see ListSecretUses. A sandbox's id can be resolved once: after an answer that got lost the
     * sandbox needs a new id.
     * Errors: PERMISSION_DENIED (WORKLOAD_NOT_ALLOWED) for a peer that may not resolve, whoever the caller is;
     * FAILED_PRECONDITION (SANDBOX_ALREADY_RESOLVED) when the peer got values under this sandbox id before;
     * FAILED_PRECONDITION (SECRETS_UNRESOLVED) with one google.rpc.PreconditionFailure violation for every reference that
     * failed: `type` is SECRET_NOT_FOUND, SECRET_DELETED, SECRET_EXPIRED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND,
     * VERSION_DISABLED, VERSION_DESTROYED, FIELD_NOT_FOUND, NOT_STRUCTURED, VALUE_NOT_INJECTABLE (it holds a NUL byte),
     * INJECTION_NOT_AVAILABLE (the secret's injection policy is BROKER_ONLY, and there is no broker yet) or
     * PERMISSION_DENIED; `subject` is the reference's full
     * resource name. A caller who may not use the team's secrets gets PERMISSION_DENIED for every reference, in the same
     * words whether or not team and secret exist; so does a member whose role does not list secrets, of one that is
     * restricted or does not exist.
     * </pre>
     */
    default void batchAccessSecretVersions(dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBatchAccessSecretVersionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSecretUses pages through the receipts of a secret, newest first: which sandboxes hold or held which version, and who
     * ran them. Action audit.read. Errors: NOT_FOUND (SECRET_NOT_FOUND, VERSION_NOT_FOUND).
     * </pre>
     */
    default void listSecretUses(dev.casemate.secrets.v1.ListSecretUsesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListSecretUsesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSecretUsesMethod(), responseObserver);
    }

    /**
     * <pre>
     * RevokeSecretVersion disables a version and takes it back from where it is in use: no sandbox gets it after the answer, and
     * the workloads that run sandboxes are told at once, or when they are back, to end those that hold it. Enabling the
     * version lifts the revocation. Of a destroyed version, which sandboxes may still hold, only these are ended. Repeating the
     * call is no error. Action secret.manage. Errors: NOT_FOUND (SECRET_NOT_FOUND, VERSION_NOT_FOUND).
     * </pre>
     */
    default void revokeSecretVersion(dev.casemate.secrets.v1.RevokeSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RevokeSecretVersionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeSecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * WatchRevocations tells a workload what it must act on, until either side ends the stream. It starts with what is still to
     * be done, so that nothing is lost while either side is away: a revoked version is named again and again, at each start,
     * as long as a sandbox that holds it has not been reported as ended. For workloads: see ReportSandboxes.
     * Errors: UNAVAILABLE (SECRETSD_STOPPING): open it again.
     * </pre>
     */
    default void watchRevocations(dev.casemate.secrets.v1.WatchRevocationsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.WatchRevocationsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchRevocationsMethod(), responseObserver);
    }

    /**
     * <pre>
     * ReportSandboxes tells secretsd which of the calling workload's sandboxes have ended; of others' it can't. Repeating it is
     * no error. For workloads: it takes no API key but an mTLS client certificate with a SPIFFE ID that secretsd allows to
     * resolve. Errors: PERMISSION_DENIED (WORKLOAD_NOT_ALLOWED).
     * </pre>
     */
    default void reportSandboxes(dev.casemate.secrets.v1.ReportSandboxesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ReportSandboxesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReportSandboxesMethod(), responseObserver);
    }

    /**
     * <pre>
     * EndWorkloadInstance records that everything has ended that an instance of a workload ran: its machine, or all that it kept, is
     * gone, so that nobody else can report it. Make sure of it first: what still runs keeps its values, and a revocation passes it
     * by. Repeating it is no error, and neither is an instance that is not known. Action workload.manage, which operators may.
     * Errors: FAILED_PRECONDITION (INSTANCE_CONNECTED) for one that is watching revocations at the moment.
     * </pre>
     */
    default void endWorkloadInstance(dev.casemate.secrets.v1.EndWorkloadInstanceRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.EndWorkloadInstanceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEndWorkloadInstanceMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreateSecretGrant gives a member, or the members of a role, rights to one secret. Action secret.manage on the secret; and
     * nobody gives a right that he does not hold himself, with the calling key, whatever the request and for ever. A grant is
     * not changed afterwards, it is deleted and another is made: so two people who work on a secret's rights never overwrite
     * each other's, nothing has to be read before, and the audit log has each right's beginning and end. A grant that is there
     * already is returned as it is. Errors: NOT_FOUND (SECRET_NOT_FOUND, MEMBER_NOT_FOUND), PERMISSION_DENIED
     * (RIGHT_EXCEEDED), RESOURCE_EXHAUSTED (TOO_MANY_GRANTS; a secret has at most 100).
     * </pre>
     */
    default void createSecretGrant(dev.casemate.secrets.v1.CreateSecretGrantRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateSecretGrantResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateSecretGrantMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteSecretGrant takes a grant away, at once. Action secret.manage on the secret.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, GRANT_NOT_FOUND).
     * </pre>
     */
    default void deleteSecretGrant(dev.casemate.secrets.v1.DeleteSecretGrantRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteSecretGrantResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteSecretGrantMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSecretGrants returns all grants of a secret. Action grant.list on the secret, which goes with secret.manage and with
     * audit.read. Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    default void listSecretGrants(dev.casemate.secrets.v1.ListSecretGrantsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListSecretGrantsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSecretGrantsMethod(), responseObserver);
    }

    /**
     * <pre>
     * TestPermissions says what the caller may do with a team or a secret, by the same function that decides when it is done.
     * Any valid key. It tells nothing of what exists: of a secret that does not, it says what the caller's role may do with
     * any. Nothing is audited. Errors: INVALID_ARGUMENT for an action that is none, or none on such a resource.
     * </pre>
     */
    default void testPermissions(dev.casemate.secrets.v1.TestPermissionsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.TestPermissionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getTestPermissionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreateTeam makes a team and its data key; the caller becomes its owner. Operators only (action team.create).
     * Errors: ALREADY_EXISTS (TEAM_EXISTS, TEAM_DELETED), RESOURCE_EXHAUSTED (TOO_MANY_TEAMS; there are at most 10000),
     * UNAVAILABLE (SEALED).
     * </pre>
     */
    default void createTeam(dev.casemate.secrets.v1.CreateTeamRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateTeamResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateTeamMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetTeam returns one team of the caller's. Action team.get.
     * </pre>
     */
    default void getTeam(dev.casemate.secrets.v1.GetTeamRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.GetTeamResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetTeamMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListTeams pages through the teams that the key acts in, by name; an operator sees all. Any valid key.
     * </pre>
     */
    default void listTeams(dev.casemate.secrets.v1.ListTeamsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListTeamsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListTeamsMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateTeam changes what holds for a whole team: the fields of `update_mask`. Action team.update, which owners and admins
     * have. Errors: ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    default void updateTeam(dev.casemate.secrets.v1.UpdateTeamRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.UpdateTeamResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateTeamMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteTeam ends a team for good: its data key, the ciphertext of all its values and its members are destroyed, the
     * keys whose home it is are revoked, and other keys lose it. What the audit log says of it stays, and its name stays
     * taken. Copies of the database from before open only with the key-encryption key: rotate that too, and they don't.
     * Action team.delete, or an operator. Errors: NOT_FOUND (TEAM_NOT_FOUND, for operators), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    default void deleteTeam(dev.casemate.secrets.v1.DeleteTeamRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteTeamResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteTeamMethod(), responseObserver);
    }

    /**
     * <pre>
     * RotateKEK makes a new key-encryption key and has every team's data key wrapped anew, in the background; calls go on
     * meanwhile, and a restart goes on where it was. While a rotation is under way it starts none, and answers how far
     * that is. When no data key needs them, the keys before it are dropped. Operators only (action kek.manage).
     * Errors: UNAVAILABLE (SEALED, KEK_UNAVAILABLE).
     * </pre>
     */
    default void rotateKEK(dev.casemate.secrets.v1.RotateKEKRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RotateKEKResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRotateKEKMethod(), responseObserver);
    }

    /**
     * <pre>
     * RotateDataKey makes a new data key of a team and has every value of the team's sealed anew, in the background; calls
     * go on meanwhile, and a restart goes on where it was. While a rotation is under way it starts none, and answers how
     * far that is. When no version needs them, the keys before it are dropped. Action team.rotate_key.
     * Errors: UNAVAILABLE (SEALED).
     * </pre>
     */
    default void rotateDataKey(dev.casemate.secrets.v1.RotateDataKeyRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RotateDataKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRotateDataKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetKeyStatus says which keys there are, and how much still needs a retired one. Of a team: action team.get. Of the
     * whole installation: operators only (action kek.manage), answered while secretsd is sealed too.
     * Errors: UNAVAILABLE (SEALED, for a team).
     * </pre>
     */
    default void getKeyStatus(dev.casemate.secrets.v1.GetKeyStatusRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.GetKeyStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetKeyStatusMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreateMember adds a user to a team with a role. Action member.manage; to make an owner, owner.manage, which owners have.
     * A role that may read values (OWNER, ADMIN) is given with a key that has the scope READ. Errors: ALREADY_EXISTS
     * (MEMBER_EXISTS), PERMISSION_DENIED (SCOPE_EXCEEDED), RESOURCE_EXHAUSTED (TOO_MANY_MEMBERS; a team has at most 1000).
     * </pre>
     */
    default void createMember(dev.casemate.secrets.v1.CreateMemberRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateMemberResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateMemberMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListMembers pages through a team's members, by user. Action team.get.
     * </pre>
     */
    default void listMembers(dev.casemate.secrets.v1.ListMembersRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListMembersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListMembersMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateMember changes a member's role. Action member.manage, and owner.manage from or to OWNER. A role that may read
     * values (OWNER, ADMIN) is given with a key that has the scope READ.
     * Errors: NOT_FOUND (MEMBER_NOT_FOUND), PERMISSION_DENIED (SCOPE_EXCEEDED), FAILED_PRECONDITION (LAST_OWNER).
     * </pre>
     */
    default void updateMember(dev.casemate.secrets.v1.UpdateMemberRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.UpdateMemberResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateMemberMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteMember removes a user from a team with the grants to the user by name, revokes the user's keys whose home it is,
     * and takes the team for good from the user's other keys that act in it, which go on in their other teams. Action
     * member.manage; of an owner, owner.manage. Errors: NOT_FOUND (MEMBER_NOT_FOUND), FAILED_PRECONDITION (LAST_OWNER).
     * </pre>
     */
    default void deleteMember(dev.casemate.secrets.v1.DeleteMemberRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteMemberResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteMemberMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreateAPIKey makes a key for a member of a team and returns the whole key, this once. A member makes keys for
     * itself (action key.create); an admin for any member (action member.manage) but an owner (owner.manage). A key that an
     * admin made for another member has the rights of the member's role, and nothing of what is granted to the member by
     * name: else admins could help themselves to that. For such grants a member needs a key that an owner made, or one that
     * it made itself with such a key. A key can never be given scopes that
     * the calling key lacks. With `other_keys`, the new key acts in their teams too; the audit log of every team concerned
     * has an entry about it, under the key that was presented for that team. Errors: NOT_FOUND (MEMBER_NOT_FOUND),
     * PERMISSION_DENIED (SCOPE_EXCEEDED, OTHER_KEYS_REFUSED), RESOURCE_EXHAUSTED (TOO_MANY_API_KEYS; a user has at most
     * 100 valid ones in a team; TOO_MANY_KEY_TEAMS; a key acts in at most 32).
     * </pre>
     */
    default void createAPIKey(dev.casemate.secrets.v1.CreateAPIKeyRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateAPIKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateAPIKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListAPIKeys pages through the keys that act in a team (an admin) or the caller's own of them (anyone else), newest
     * first. Never shows a key. Action key.create.
     * </pre>
     */
    default void listAPIKeys(dev.casemate.secrets.v1.ListAPIKeysRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListAPIKeysResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListAPIKeysMethod(), responseObserver);
    }

    /**
     * <pre>
     * RevokeAPIKey makes a key invalid at once, for good, in all teams that it acts in; repeating it is no error. One's own
     * (action key.create), or any that acts in the team (action member.manage; an owner's, owner.manage). A key that an owner
     * acts as one with is not the own one of a key that an admin made for the same user. A key that was made by the rotation
     * of one that may make no keys is revoked with that one (see RotateAPIKey).
     * Errors: NOT_FOUND (API_KEY_NOT_FOUND), for who may revoke any.
     * </pre>
     */
    default void revokeAPIKey(dev.casemate.secrets.v1.RevokeAPIKeyRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RevokeAPIKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeAPIKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * RotateAPIKey replaces a key: the new one has the same user, teams, scopes, description and expiry, and the old one stops
     * after the overlap. Every valid key may rotate itself; its own user's others, who has the action key.create and every scope
     * of the key; any that acts in no team but the caller's, who has member.manage in all of them and every scope of the key.
     * A key has one successor, ever: being told that there is one already is a sign that somebody else has the key. What a key
     * that may make no keys (action key.create, in all its teams) made by rotating itself is revoked with it, so that a stolen
     * one can't outlive its revocation. It never lives longer than the old key would have.
     * Errors: NOT_FOUND (API_KEY_NOT_FOUND), FAILED_PRECONDITION (API_KEY_ROTATED; API_KEY_ENDED, for a key that is revoked or
     * expired), PERMISSION_DENIED (SCOPE_EXCEEDED, KEY_EXCHANGED), RESOURCE_EXHAUSTED (TOO_MANY_API_KEYS).
     * </pre>
     */
    default void rotateAPIKey(dev.casemate.secrets.v1.RotateAPIKeyRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RotateAPIKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRotateAPIKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreateOIDCTrust lets workloads with tokens of an OIDC issuer have short-lived keys of a member's. Action member.manage.
     * Errors: ALREADY_EXISTS (OIDC_TRUST_EXISTS), NOT_FOUND (MEMBER_NOT_FOUND), FAILED_PRECONDITION (OIDC_ISSUER_NOT_ALLOWED),
     * PERMISSION_DENIED (SCOPE_EXCEEDED, KEY_EXCHANGED), RESOURCE_EXHAUSTED (TOO_MANY_OIDC_TRUSTS; a team has at most 100).
     * </pre>
     */
    default void createOIDCTrust(dev.casemate.secrets.v1.CreateOIDCTrustRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateOIDCTrustResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateOIDCTrustMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListOIDCTrusts pages through a team's trusts by id, ascending. Action member.manage.
     * </pre>
     */
    default void listOIDCTrusts(dev.casemate.secrets.v1.ListOIDCTrustsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListOIDCTrustsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListOIDCTrustsMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteOIDCTrust ends a trust, and revokes the keys that were exchanged under it. Action member.manage; of one for an
     * owner, owner.manage.
     * Errors: NOT_FOUND (OIDC_TRUST_NOT_FOUND).
     * </pre>
     */
    default void deleteOIDCTrust(dev.casemate.secrets.v1.DeleteOIDCTrustRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteOIDCTrustResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteOIDCTrustMethod(), responseObserver);
    }

    /**
     * <pre>
     * ExchangeToken makes a short-lived API key for who holds a token that meets a trust. It needs no API key. Such a key makes
     * neither keys nor trusts, and ends with its trust and with its user's membership.
     * Errors: UNAUTHENTICATED (OIDC_TOKEN_INVALID, when the token itself is no good: not signed by an allowed issuer, expired, not
     * valid yet; OIDC_TOKEN_REFUSED, in the same words whether there is no such trust or the token does not meet it;
     * OIDC_TOKEN_REPLAYED, when it was exchanged before), UNAVAILABLE (OIDC_ISSUER_UNAVAILABLE, when the issuer's keys can't be
     * had), RESOURCE_EXHAUSTED (TOO_MANY_FAILED_ATTEMPTS; TOO_MANY_API_KEYS; a trust has at most 1000 valid ones).
     * </pre>
     */
    default void exchangeToken(dev.casemate.secrets.v1.ExchangeTokenRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ExchangeTokenResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExchangeTokenMethod(), responseObserver);
    }

    /**
     * <pre>
     * WhoAmI says whom the presented API key stands for. Any valid key.
     * </pre>
     */
    default void whoAmI(dev.casemate.secrets.v1.WhoAmIRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.WhoAmIResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWhoAmIMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListAuditEntries pages through a team's part of the audit log by sequence, ascending, or through what of it is about one
     * secret. Action audit.read, on the team or on the secret. Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    default void listAuditEntries(dev.casemate.secrets.v1.ListAuditEntriesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListAuditEntriesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListAuditEntriesMethod(), responseObserver);
    }

    /**
     * <pre>
     * VerifyAuditLog verifies the whole log, all teams': its hash chain, the signatures of its checkpoints, and that it
     * contains all checkpoints of secretsd's checkpoint file. Operators only (action audit.verify). A broken log is an
     * answer, not an error.
     * </pre>
     */
    default void verifyAuditLog(dev.casemate.secrets.v1.VerifyAuditLogRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.VerifyAuditLogResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getVerifyAuditLogMethod(), responseObserver);
    }

    /**
     * <pre>
     * TailAuditEntries sends a team's part of the audit log as it grows. Action audit.read; audit.read_all for the whole log.
     * A reader may be slow, but takes each piece within a minute. Whether the caller still may read is asked again before
     * anything is sent. Errors: ABORTED (READER_TOO_SLOW) and UNAVAILABLE (SECRETSD_STOPPING), both with the metadata
     * `after_sequence` to go on from; UNAUTHENTICATED (API_KEY_INVALID) and PERMISSION_DENIED (PERMISSION_DENIED) also later.
     * </pre>
     */
    default void tailAuditEntries(dev.casemate.secrets.v1.TailAuditEntriesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.TailAuditEntriesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getTailAuditEntriesMethod(), responseObserver);
    }

    /**
     * <pre>
     * ExportAuditLog sends the whole audit log, all teams', with its checkpoints, so that it can be verified without secretsd.
     * Operators only (action audit.read_all). Errors: NOT_FOUND (CHECKPOINT_NOT_FOUND), where after_sequence is no
     * checkpoint's; ABORTED (READER_TOO_SLOW), when a piece is not taken within a minute.
     * </pre>
     */
    default void exportAuditLog(dev.casemate.secrets.v1.ExportAuditLogRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ExportAuditLogResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExportAuditLogMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SecretsManager.
   * <pre>
   * SecretsManager owns teams, members, API keys, secrets, secret versions and the audit log.
   * Authentication: every rpc but WatchRevocations and ReportSandboxes, which are for workloads, and ExchangeToken needs
   * `authorization: Bearer &lt;API key&gt;` metadata. Without a valid key the answer is UNAUTHENTICATED (reason API_KEY_MISSING,
   * API_KEY_MALFORMED or API_KEY_INVALID), or, after many such answers to one address, RESOURCE_EXHAUSTED
   * (TOO_MANY_FAILED_ATTEMPTS) with google.rpc.RetryInfo for a while. BatchAccessSecretVersions needs, in
   * addition, an mTLS client certificate whose SPIFFE ID secretsd is configured to trust.
   * Authorization: an action needs both a role in the team and a scope on the key; what is not granted is denied with
   * PERMISSION_DENIED (reason PERMISSION_DENIED), worded the same whether or not the thing exists. A key acts in the team it
   * was made in, its home team, and in those that other keys of its user's were presented for; in each as long as its user
   * is a member. The operator's first key, which secretsd's first start writes to a file, belongs to no team: it acts in all
   * teams that the operator is a member of, and is the only one with an operator's rights.
   * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
   * with google.rpc.BadRequest. Changes are durable before they are answered, and audited before that: when the audit
   * entry can't be written, the call fails with UNAVAILABLE (reason AUDIT_UNAVAILABLE) and nothing happened. While secretsd
   * waits for its key-encryption key, whatever needs a key is UNAVAILABLE (reason SEALED) with google.rpc.RetryInfo: a value
   * that is read, used or added, a team that is made, a key that is rotated. Everything else is answered.
   * Limits: every rpc may be refused with RESOURCE_EXHAUSTED and google.rpc.RetryInfo, and then did nothing: RATE_LIMITED when
   * the user or the team has called too often, TOO_MANY_CALLS when the user has too many calls under way, OVERLOADED when
   * secretsd has more than it can answer in time. The operator sets how much that is. A request has at most 1 MiB.
   * </pre>
   */
  public static abstract class SecretsManagerImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SecretsManagerGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SecretsManager.
   * <pre>
   * SecretsManager owns teams, members, API keys, secrets, secret versions and the audit log.
   * Authentication: every rpc but WatchRevocations and ReportSandboxes, which are for workloads, and ExchangeToken needs
   * `authorization: Bearer &lt;API key&gt;` metadata. Without a valid key the answer is UNAUTHENTICATED (reason API_KEY_MISSING,
   * API_KEY_MALFORMED or API_KEY_INVALID), or, after many such answers to one address, RESOURCE_EXHAUSTED
   * (TOO_MANY_FAILED_ATTEMPTS) with google.rpc.RetryInfo for a while. BatchAccessSecretVersions needs, in
   * addition, an mTLS client certificate whose SPIFFE ID secretsd is configured to trust.
   * Authorization: an action needs both a role in the team and a scope on the key; what is not granted is denied with
   * PERMISSION_DENIED (reason PERMISSION_DENIED), worded the same whether or not the thing exists. A key acts in the team it
   * was made in, its home team, and in those that other keys of its user's were presented for; in each as long as its user
   * is a member. The operator's first key, which secretsd's first start writes to a file, belongs to no team: it acts in all
   * teams that the operator is a member of, and is the only one with an operator's rights.
   * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
   * with google.rpc.BadRequest. Changes are durable before they are answered, and audited before that: when the audit
   * entry can't be written, the call fails with UNAVAILABLE (reason AUDIT_UNAVAILABLE) and nothing happened. While secretsd
   * waits for its key-encryption key, whatever needs a key is UNAVAILABLE (reason SEALED) with google.rpc.RetryInfo: a value
   * that is read, used or added, a team that is made, a key that is rotated. Everything else is answered.
   * Limits: every rpc may be refused with RESOURCE_EXHAUSTED and google.rpc.RetryInfo, and then did nothing: RATE_LIMITED when
   * the user or the team has called too often, TOO_MANY_CALLS when the user has too many calls under way, OVERLOADED when
   * secretsd has more than it can answer in time. The operator sets how much that is. A request has at most 1 MiB.
   * </pre>
   */
  public static final class SecretsManagerStub
      extends io.grpc.stub.AbstractAsyncStub<SecretsManagerStub> {
    private SecretsManagerStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SecretsManagerStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SecretsManagerStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSecret makes a secret, and its version 1 when `data` or `generate` is given. Action secret.manage.
     * Errors: ALREADY_EXISTS (SECRET_EXISTS, for the name of a deleted secret too; REQUEST_ID_CONFLICT), INVALID_ARGUMENT
     * (DATA_CORRUPTED), NOT_FOUND (SECRET_NOT_FOUND, for a repeat whose secret was purged since), RESOURCE_EXHAUSTED
     * (TOO_MANY_SECRETS; a team has at most 5000, deleted ones too).
     * </pre>
     */
    public void createSecret(dev.casemate.secrets.v1.CreateSecretRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetSecret returns a secret's metadata, never a value; a deleted one's too, with its `delete_time`. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    public void getSecret(dev.casemate.secrets.v1.GetSecretRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.GetSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSecrets pages through a team's secrets by name, ascending; deleted ones only when asked for. Action secret.list; to
     * a member whose role does not list (SERVICE), it shows those that a grant lets the member list.
     * </pre>
     */
    public void listSecrets(dev.casemate.secrets.v1.ListSecretsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListSecretsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSecretsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateSecret changes what a secret says of itself: the fields of `update_mask`. Action secret.manage. What lets more
     * people at the value needs the rights that it gives, as for a grant: `restricted` is taken back by who may use and access
     * the value, and `injection` is weakened (from BROKER_ONLY, or by another host) by who may access it.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED; VERSION_NOT_FOUND, for an alias), FAILED_PRECONDITION
     * (VERSION_DESTROYED, for an alias), ABORTED (ETAG_MISMATCH), PERMISSION_DENIED (RIGHT_EXCEEDED).
     * </pre>
     */
    public void updateSecret(dev.casemate.secrets.v1.UpdateSecretRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.UpdateSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteSecret deletes a secret: from now on nobody can use, read or change it, and its name stays taken. UndeleteSecret
     * brings it back until its `purge_time`; then secretsd erases it, values and all. `purge` erases it now, one that was
     * deleted before too. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND; SECRET_DELETED, without `purge`), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public void deleteSecret(dev.casemate.secrets.v1.DeleteSecretRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UndeleteSecret brings a deleted secret back with all its versions as they were, but for those that were to be destroyed
     * meanwhile. An `expire_time` that has passed is taken away. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, also for one whose `purge_time` has come), ALREADY_EXISTS (SECRET_NOT_DELETED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public void undeleteSecret(dev.casemate.secrets.v1.UndeleteSecretRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.UndeleteSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUndeleteSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * AddSecretVersion adds an immutable version, which becomes `latest`. Action version.add.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED; VERSION_NOT_FOUND, never for a first call), INVALID_ARGUMENT
     * (DATA_CORRUPTED), ALREADY_EXISTS (REQUEST_ID_CONFLICT), ABORTED (ETAG_MISMATCH), RESOURCE_EXHAUSTED
     * (TOO_MANY_VERSIONS; a secret has at most 1000 that are not destroyed).
     * </pre>
     */
    public void addSecretVersion(dev.casemate.secrets.v1.AddSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.AddSecretVersionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAddSecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetSecretVersion returns a version's metadata, never its value. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND), FAILED_PRECONDITION
     * (VERSION_DESTROYED, for `latest` when all versions are destroyed).
     * </pre>
     */
    public void getSecretVersion(dev.casemate.secrets.v1.GetSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.GetSecretVersionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSecretVersions pages through a secret's versions, newest first. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED).
     * </pre>
     */
    public void listSecretVersions(dev.casemate.secrets.v1.ListSecretVersionsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListSecretVersionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSecretVersionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * EnableSecretVersion makes a DISABLED version usable again, and takes back a destroy that is not due yet; repeating it
     * is no error. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), FAILED_PRECONDITION (VERSION_DESTROYED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public void enableSecretVersion(dev.casemate.secrets.v1.EnableSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.EnableSecretVersionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEnableSecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DisableSecretVersion makes a version unusable until it is enabled; repeating it is no error. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), FAILED_PRECONDITION (VERSION_DESTROYED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public void disableSecretVersion(dev.casemate.secrets.v1.DisableSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DisableSecretVersionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDisableSecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DestroySecretVersion deletes a version's ciphertext for good; the row stays as DESTROYED. On a secret with a
     * `version_destroy_ttl` it disables the version now, and secretsd destroys it at its `scheduled_destroy_time`. Repeating
     * it is no error and moves no time. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public void destroySecretVersion(dev.casemate.secrets.v1.DestroySecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DestroySecretVersionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDestroySecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * AccessSecretVersion returns a version's value to a person or program that may read it. Action version.access.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND), FAILED_PRECONDITION
     * (SECRET_EXPIRED, VERSION_DISABLED, VERSION_DESTROYED, FIELD_NOT_FOUND, NOT_STRUCTURED).
     * </pre>
     */
    public void accessSecretVersion(dev.casemate.secrets.v1.AccessSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.AccessSecretVersionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAccessSecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * BatchAccessSecretVersions resolves the references of one sandbox, all or nothing, for injection only. The
     * connection must carry an mTLS client certificate with a SPIFFE ID that secretsd allows to resolve, and the
     * authorization metadata must be the end caller's own API key: each reference needs the end caller's version.use.
     * Each value leaves a receipt, see ListSecretUses. A sandbox's id can be resolved once: after an answer that got lost the
     * sandbox needs a new id.
     * Errors: PERMISSION_DENIED (WORKLOAD_NOT_ALLOWED) for a peer that may not resolve, whoever the caller is;
     * FAILED_PRECONDITION (SANDBOX_ALREADY_RESOLVED) when the peer got values under this sandbox id before;
     * FAILED_PRECONDITION (SECRETS_UNRESOLVED) with one google.rpc.PreconditionFailure violation for every reference that
     * failed: `type` is SECRET_NOT_FOUND, SECRET_DELETED, SECRET_EXPIRED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND,
     * VERSION_DISABLED, VERSION_DESTROYED, FIELD_NOT_FOUND, NOT_STRUCTURED, VALUE_NOT_INJECTABLE (it holds a NUL byte),
     * INJECTION_NOT_AVAILABLE (the secret's injection policy is BROKER_ONLY, and there is no broker yet) or
     * PERMISSION_DENIED; `subject` is the reference's full
     * resource name. A caller who may not use the team's secrets gets PERMISSION_DENIED for every reference, in the same
     * words whether or not team and secret exist; so does a member whose role does not list secrets, of one that is
     * restricted or does not exist.
     * </pre>
     */
    public void batchAccessSecretVersions(dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBatchAccessSecretVersionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSecretUses pages through the receipts of a secret, newest first: which sandboxes hold or held which version, and who
     * ran them. Action audit.read. Errors: NOT_FOUND (SECRET_NOT_FOUND, VERSION_NOT_FOUND).
     * </pre>
     */
    public void listSecretUses(dev.casemate.secrets.v1.ListSecretUsesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListSecretUsesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSecretUsesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RevokeSecretVersion disables a version and takes it back from where it is in use: no sandbox gets it after the answer, and
     * the workloads that run sandboxes are told at once, or when they are back, to end those that hold it. Enabling the
     * version lifts the revocation. Of a destroyed version, which sandboxes may still hold, only these are ended. Repeating the
     * call is no error. Action secret.manage. Errors: NOT_FOUND (SECRET_NOT_FOUND, VERSION_NOT_FOUND).
     * </pre>
     */
    public void revokeSecretVersion(dev.casemate.secrets.v1.RevokeSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RevokeSecretVersionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeSecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * WatchRevocations tells a workload what it must act on, until either side ends the stream. It starts with what is still to
     * be done, so that nothing is lost while either side is away: a revoked version is named again and again, at each start,
     * as long as a sandbox that holds it has not been reported as ended. For workloads: see ReportSandboxes.
     * Errors: UNAVAILABLE (SECRETSD_STOPPING): open it again.
     * </pre>
     */
    public void watchRevocations(dev.casemate.secrets.v1.WatchRevocationsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.WatchRevocationsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchRevocationsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ReportSandboxes tells secretsd which of the calling workload's sandboxes have ended; of others' it can't. Repeating it is
     * no error. For workloads: it takes no API key but an mTLS client certificate with a SPIFFE ID that secretsd allows to
     * resolve. Errors: PERMISSION_DENIED (WORKLOAD_NOT_ALLOWED).
     * </pre>
     */
    public void reportSandboxes(dev.casemate.secrets.v1.ReportSandboxesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ReportSandboxesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReportSandboxesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * EndWorkloadInstance records that everything has ended that an instance of a workload ran: its machine, or all that it kept, is
     * gone, so that nobody else can report it. Make sure of it first: what still runs keeps its values, and a revocation passes it
     * by. Repeating it is no error, and neither is an instance that is not known. Action workload.manage, which operators may.
     * Errors: FAILED_PRECONDITION (INSTANCE_CONNECTED) for one that is watching revocations at the moment.
     * </pre>
     */
    public void endWorkloadInstance(dev.casemate.secrets.v1.EndWorkloadInstanceRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.EndWorkloadInstanceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEndWorkloadInstanceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreateSecretGrant gives a member, or the members of a role, rights to one secret. Action secret.manage on the secret; and
     * nobody gives a right that he does not hold himself, with the calling key, whatever the request and for ever. A grant is
     * not changed afterwards, it is deleted and another is made: so two people who work on a secret's rights never overwrite
     * each other's, nothing has to be read before, and the audit log has each right's beginning and end. A grant that is there
     * already is returned as it is. Errors: NOT_FOUND (SECRET_NOT_FOUND, MEMBER_NOT_FOUND), PERMISSION_DENIED
     * (RIGHT_EXCEEDED), RESOURCE_EXHAUSTED (TOO_MANY_GRANTS; a secret has at most 100).
     * </pre>
     */
    public void createSecretGrant(dev.casemate.secrets.v1.CreateSecretGrantRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateSecretGrantResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateSecretGrantMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteSecretGrant takes a grant away, at once. Action secret.manage on the secret.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, GRANT_NOT_FOUND).
     * </pre>
     */
    public void deleteSecretGrant(dev.casemate.secrets.v1.DeleteSecretGrantRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteSecretGrantResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteSecretGrantMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSecretGrants returns all grants of a secret. Action grant.list on the secret, which goes with secret.manage and with
     * audit.read. Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    public void listSecretGrants(dev.casemate.secrets.v1.ListSecretGrantsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListSecretGrantsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSecretGrantsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * TestPermissions says what the caller may do with a team or a secret, by the same function that decides when it is done.
     * Any valid key. It tells nothing of what exists: of a secret that does not, it says what the caller's role may do with
     * any. Nothing is audited. Errors: INVALID_ARGUMENT for an action that is none, or none on such a resource.
     * </pre>
     */
    public void testPermissions(dev.casemate.secrets.v1.TestPermissionsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.TestPermissionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getTestPermissionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreateTeam makes a team and its data key; the caller becomes its owner. Operators only (action team.create).
     * Errors: ALREADY_EXISTS (TEAM_EXISTS, TEAM_DELETED), RESOURCE_EXHAUSTED (TOO_MANY_TEAMS; there are at most 10000),
     * UNAVAILABLE (SEALED).
     * </pre>
     */
    public void createTeam(dev.casemate.secrets.v1.CreateTeamRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateTeamResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateTeamMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetTeam returns one team of the caller's. Action team.get.
     * </pre>
     */
    public void getTeam(dev.casemate.secrets.v1.GetTeamRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.GetTeamResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetTeamMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListTeams pages through the teams that the key acts in, by name; an operator sees all. Any valid key.
     * </pre>
     */
    public void listTeams(dev.casemate.secrets.v1.ListTeamsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListTeamsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListTeamsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateTeam changes what holds for a whole team: the fields of `update_mask`. Action team.update, which owners and admins
     * have. Errors: ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public void updateTeam(dev.casemate.secrets.v1.UpdateTeamRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.UpdateTeamResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateTeamMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteTeam ends a team for good: its data key, the ciphertext of all its values and its members are destroyed, the
     * keys whose home it is are revoked, and other keys lose it. What the audit log says of it stays, and its name stays
     * taken. Copies of the database from before open only with the key-encryption key: rotate that too, and they don't.
     * Action team.delete, or an operator. Errors: NOT_FOUND (TEAM_NOT_FOUND, for operators), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public void deleteTeam(dev.casemate.secrets.v1.DeleteTeamRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteTeamResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteTeamMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RotateKEK makes a new key-encryption key and has every team's data key wrapped anew, in the background; calls go on
     * meanwhile, and a restart goes on where it was. While a rotation is under way it starts none, and answers how far
     * that is. When no data key needs them, the keys before it are dropped. Operators only (action kek.manage).
     * Errors: UNAVAILABLE (SEALED, KEK_UNAVAILABLE).
     * </pre>
     */
    public void rotateKEK(dev.casemate.secrets.v1.RotateKEKRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RotateKEKResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRotateKEKMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RotateDataKey makes a new data key of a team and has every value of the team's sealed anew, in the background; calls
     * go on meanwhile, and a restart goes on where it was. While a rotation is under way it starts none, and answers how
     * far that is. When no version needs them, the keys before it are dropped. Action team.rotate_key.
     * Errors: UNAVAILABLE (SEALED).
     * </pre>
     */
    public void rotateDataKey(dev.casemate.secrets.v1.RotateDataKeyRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RotateDataKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRotateDataKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetKeyStatus says which keys there are, and how much still needs a retired one. Of a team: action team.get. Of the
     * whole installation: operators only (action kek.manage), answered while secretsd is sealed too.
     * Errors: UNAVAILABLE (SEALED, for a team).
     * </pre>
     */
    public void getKeyStatus(dev.casemate.secrets.v1.GetKeyStatusRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.GetKeyStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetKeyStatusMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreateMember adds a user to a team with a role. Action member.manage; to make an owner, owner.manage, which owners have.
     * A role that may read values (OWNER, ADMIN) is given with a key that has the scope READ. Errors: ALREADY_EXISTS
     * (MEMBER_EXISTS), PERMISSION_DENIED (SCOPE_EXCEEDED), RESOURCE_EXHAUSTED (TOO_MANY_MEMBERS; a team has at most 1000).
     * </pre>
     */
    public void createMember(dev.casemate.secrets.v1.CreateMemberRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateMemberResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateMemberMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListMembers pages through a team's members, by user. Action team.get.
     * </pre>
     */
    public void listMembers(dev.casemate.secrets.v1.ListMembersRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListMembersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListMembersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateMember changes a member's role. Action member.manage, and owner.manage from or to OWNER. A role that may read
     * values (OWNER, ADMIN) is given with a key that has the scope READ.
     * Errors: NOT_FOUND (MEMBER_NOT_FOUND), PERMISSION_DENIED (SCOPE_EXCEEDED), FAILED_PRECONDITION (LAST_OWNER).
     * </pre>
     */
    public void updateMember(dev.casemate.secrets.v1.UpdateMemberRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.UpdateMemberResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateMemberMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteMember removes a user from a team with the grants to the user by name, revokes the user's keys whose home it is,
     * and takes the team for good from the user's other keys that act in it, which go on in their other teams. Action
     * member.manage; of an owner, owner.manage. Errors: NOT_FOUND (MEMBER_NOT_FOUND), FAILED_PRECONDITION (LAST_OWNER).
     * </pre>
     */
    public void deleteMember(dev.casemate.secrets.v1.DeleteMemberRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteMemberResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteMemberMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreateAPIKey makes a key for a member of a team and returns the whole key, this once. A member makes keys for
     * itself (action key.create); an admin for any member (action member.manage) but an owner (owner.manage). A key that an
     * admin made for another member has the rights of the member's role, and nothing of what is granted to the member by
     * name: else admins could help themselves to that. For such grants a member needs a key that an owner made, or one that
     * it made itself with such a key. A key can never be given scopes that
     * the calling key lacks. With `other_keys`, the new key acts in their teams too; the audit log of every team concerned
     * has an entry about it, under the key that was presented for that team. Errors: NOT_FOUND (MEMBER_NOT_FOUND),
     * PERMISSION_DENIED (SCOPE_EXCEEDED, OTHER_KEYS_REFUSED), RESOURCE_EXHAUSTED (TOO_MANY_API_KEYS; a user has at most
     * 100 valid ones in a team; TOO_MANY_KEY_TEAMS; a key acts in at most 32).
     * </pre>
     */
    public void createAPIKey(dev.casemate.secrets.v1.CreateAPIKeyRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateAPIKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateAPIKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListAPIKeys pages through the keys that act in a team (an admin) or the caller's own of them (anyone else), newest
     * first. Never shows a key. Action key.create.
     * </pre>
     */
    public void listAPIKeys(dev.casemate.secrets.v1.ListAPIKeysRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListAPIKeysResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListAPIKeysMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RevokeAPIKey makes a key invalid at once, for good, in all teams that it acts in; repeating it is no error. One's own
     * (action key.create), or any that acts in the team (action member.manage; an owner's, owner.manage). A key that an owner
     * acts as one with is not the own one of a key that an admin made for the same user. A key that was made by the rotation
     * of one that may make no keys is revoked with that one (see RotateAPIKey).
     * Errors: NOT_FOUND (API_KEY_NOT_FOUND), for who may revoke any.
     * </pre>
     */
    public void revokeAPIKey(dev.casemate.secrets.v1.RevokeAPIKeyRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RevokeAPIKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeAPIKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RotateAPIKey replaces a key: the new one has the same user, teams, scopes, description and expiry, and the old one stops
     * after the overlap. Every valid key may rotate itself; its own user's others, who has the action key.create and every scope
     * of the key; any that acts in no team but the caller's, who has member.manage in all of them and every scope of the key.
     * A key has one successor, ever: being told that there is one already is a sign that somebody else has the key. What a key
     * that may make no keys (action key.create, in all its teams) made by rotating itself is revoked with it, so that a stolen
     * one can't outlive its revocation. It never lives longer than the old key would have.
     * Errors: NOT_FOUND (API_KEY_NOT_FOUND), FAILED_PRECONDITION (API_KEY_ROTATED; API_KEY_ENDED, for a key that is revoked or
     * expired), PERMISSION_DENIED (SCOPE_EXCEEDED, KEY_EXCHANGED), RESOURCE_EXHAUSTED (TOO_MANY_API_KEYS).
     * </pre>
     */
    public void rotateAPIKey(dev.casemate.secrets.v1.RotateAPIKeyRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RotateAPIKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRotateAPIKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreateOIDCTrust lets workloads with tokens of an OIDC issuer have short-lived keys of a member's. Action member.manage.
     * Errors: ALREADY_EXISTS (OIDC_TRUST_EXISTS), NOT_FOUND (MEMBER_NOT_FOUND), FAILED_PRECONDITION (OIDC_ISSUER_NOT_ALLOWED),
     * PERMISSION_DENIED (SCOPE_EXCEEDED, KEY_EXCHANGED), RESOURCE_EXHAUSTED (TOO_MANY_OIDC_TRUSTS; a team has at most 100).
     * </pre>
     */
    public void createOIDCTrust(dev.casemate.secrets.v1.CreateOIDCTrustRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateOIDCTrustResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateOIDCTrustMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListOIDCTrusts pages through a team's trusts by id, ascending. Action member.manage.
     * </pre>
     */
    public void listOIDCTrusts(dev.casemate.secrets.v1.ListOIDCTrustsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListOIDCTrustsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListOIDCTrustsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteOIDCTrust ends a trust, and revokes the keys that were exchanged under it. Action member.manage; of one for an
     * owner, owner.manage.
     * Errors: NOT_FOUND (OIDC_TRUST_NOT_FOUND).
     * </pre>
     */
    public void deleteOIDCTrust(dev.casemate.secrets.v1.DeleteOIDCTrustRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteOIDCTrustResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteOIDCTrustMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ExchangeToken makes a short-lived API key for who holds a token that meets a trust. It needs no API key. Such a key makes
     * neither keys nor trusts, and ends with its trust and with its user's membership.
     * Errors: UNAUTHENTICATED (OIDC_TOKEN_INVALID, when the token itself is no good: not signed by an allowed issuer, expired, not
     * valid yet; OIDC_TOKEN_REFUSED, in the same words whether there is no such trust or the token does not meet it;
     * OIDC_TOKEN_REPLAYED, when it was exchanged before), UNAVAILABLE (OIDC_ISSUER_UNAVAILABLE, when the issuer's keys can't be
     * had), RESOURCE_EXHAUSTED (TOO_MANY_FAILED_ATTEMPTS; TOO_MANY_API_KEYS; a trust has at most 1000 valid ones).
     * </pre>
     */
    public void exchangeToken(dev.casemate.secrets.v1.ExchangeTokenRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ExchangeTokenResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getExchangeTokenMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * WhoAmI says whom the presented API key stands for. Any valid key.
     * </pre>
     */
    public void whoAmI(dev.casemate.secrets.v1.WhoAmIRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.WhoAmIResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getWhoAmIMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListAuditEntries pages through a team's part of the audit log by sequence, ascending, or through what of it is about one
     * secret. Action audit.read, on the team or on the secret. Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    public void listAuditEntries(dev.casemate.secrets.v1.ListAuditEntriesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListAuditEntriesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListAuditEntriesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * VerifyAuditLog verifies the whole log, all teams': its hash chain, the signatures of its checkpoints, and that it
     * contains all checkpoints of secretsd's checkpoint file. Operators only (action audit.verify). A broken log is an
     * answer, not an error.
     * </pre>
     */
    public void verifyAuditLog(dev.casemate.secrets.v1.VerifyAuditLogRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.VerifyAuditLogResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getVerifyAuditLogMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * TailAuditEntries sends a team's part of the audit log as it grows. Action audit.read; audit.read_all for the whole log.
     * A reader may be slow, but takes each piece within a minute. Whether the caller still may read is asked again before
     * anything is sent. Errors: ABORTED (READER_TOO_SLOW) and UNAVAILABLE (SECRETSD_STOPPING), both with the metadata
     * `after_sequence` to go on from; UNAUTHENTICATED (API_KEY_INVALID) and PERMISSION_DENIED (PERMISSION_DENIED) also later.
     * </pre>
     */
    public void tailAuditEntries(dev.casemate.secrets.v1.TailAuditEntriesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.TailAuditEntriesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getTailAuditEntriesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ExportAuditLog sends the whole audit log, all teams', with its checkpoints, so that it can be verified without secretsd.
     * Operators only (action audit.read_all). Errors: NOT_FOUND (CHECKPOINT_NOT_FOUND), where after_sequence is no
     * checkpoint's; ABORTED (READER_TOO_SLOW), when a piece is not taken within a minute.
     * </pre>
     */
    public void exportAuditLog(dev.casemate.secrets.v1.ExportAuditLogRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ExportAuditLogResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getExportAuditLogMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SecretsManager.
   * <pre>
   * SecretsManager owns teams, members, API keys, secrets, secret versions and the audit log.
   * Authentication: every rpc but WatchRevocations and ReportSandboxes, which are for workloads, and ExchangeToken needs
   * `authorization: Bearer &lt;API key&gt;` metadata. Without a valid key the answer is UNAUTHENTICATED (reason API_KEY_MISSING,
   * API_KEY_MALFORMED or API_KEY_INVALID), or, after many such answers to one address, RESOURCE_EXHAUSTED
   * (TOO_MANY_FAILED_ATTEMPTS) with google.rpc.RetryInfo for a while. BatchAccessSecretVersions needs, in
   * addition, an mTLS client certificate whose SPIFFE ID secretsd is configured to trust.
   * Authorization: an action needs both a role in the team and a scope on the key; what is not granted is denied with
   * PERMISSION_DENIED (reason PERMISSION_DENIED), worded the same whether or not the thing exists. A key acts in the team it
   * was made in, its home team, and in those that other keys of its user's were presented for; in each as long as its user
   * is a member. The operator's first key, which secretsd's first start writes to a file, belongs to no team: it acts in all
   * teams that the operator is a member of, and is the only one with an operator's rights.
   * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
   * with google.rpc.BadRequest. Changes are durable before they are answered, and audited before that: when the audit
   * entry can't be written, the call fails with UNAVAILABLE (reason AUDIT_UNAVAILABLE) and nothing happened. While secretsd
   * waits for its key-encryption key, whatever needs a key is UNAVAILABLE (reason SEALED) with google.rpc.RetryInfo: a value
   * that is read, used or added, a team that is made, a key that is rotated. Everything else is answered.
   * Limits: every rpc may be refused with RESOURCE_EXHAUSTED and google.rpc.RetryInfo, and then did nothing: RATE_LIMITED when
   * the user or the team has called too often, TOO_MANY_CALLS when the user has too many calls under way, OVERLOADED when
   * secretsd has more than it can answer in time. The operator sets how much that is. A request has at most 1 MiB.
   * </pre>
   */
  public static final class SecretsManagerBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SecretsManagerBlockingV2Stub> {
    private SecretsManagerBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SecretsManagerBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SecretsManagerBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSecret makes a secret, and its version 1 when `data` or `generate` is given. Action secret.manage.
     * Errors: ALREADY_EXISTS (SECRET_EXISTS, for the name of a deleted secret too; REQUEST_ID_CONFLICT), INVALID_ARGUMENT
     * (DATA_CORRUPTED), NOT_FOUND (SECRET_NOT_FOUND, for a repeat whose secret was purged since), RESOURCE_EXHAUSTED
     * (TOO_MANY_SECRETS; a team has at most 5000, deleted ones too).
     * </pre>
     */
    public dev.casemate.secrets.v1.CreateSecretResponse createSecret(dev.casemate.secrets.v1.CreateSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSecret returns a secret's metadata, never a value; a deleted one's too, with its `delete_time`. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.GetSecretResponse getSecret(dev.casemate.secrets.v1.GetSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecrets pages through a team's secrets by name, ascending; deleted ones only when asked for. Action secret.list; to
     * a member whose role does not list (SERVICE), it shows those that a grant lets the member list.
     * </pre>
     */
    public dev.casemate.secrets.v1.ListSecretsResponse listSecrets(dev.casemate.secrets.v1.ListSecretsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSecretsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateSecret changes what a secret says of itself: the fields of `update_mask`. Action secret.manage. What lets more
     * people at the value needs the rights that it gives, as for a grant: `restricted` is taken back by who may use and access
     * the value, and `injection` is weakened (from BROKER_ONLY, or by another host) by who may access it.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED; VERSION_NOT_FOUND, for an alias), FAILED_PRECONDITION
     * (VERSION_DESTROYED, for an alias), ABORTED (ETAG_MISMATCH), PERMISSION_DENIED (RIGHT_EXCEEDED).
     * </pre>
     */
    public dev.casemate.secrets.v1.UpdateSecretResponse updateSecret(dev.casemate.secrets.v1.UpdateSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteSecret deletes a secret: from now on nobody can use, read or change it, and its name stays taken. UndeleteSecret
     * brings it back until its `purge_time`; then secretsd erases it, values and all. `purge` erases it now, one that was
     * deleted before too. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND; SECRET_DELETED, without `purge`), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.DeleteSecretResponse deleteSecret(dev.casemate.secrets.v1.DeleteSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UndeleteSecret brings a deleted secret back with all its versions as they were, but for those that were to be destroyed
     * meanwhile. An `expire_time` that has passed is taken away. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, also for one whose `purge_time` has come), ALREADY_EXISTS (SECRET_NOT_DELETED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.UndeleteSecretResponse undeleteSecret(dev.casemate.secrets.v1.UndeleteSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUndeleteSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * AddSecretVersion adds an immutable version, which becomes `latest`. Action version.add.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED; VERSION_NOT_FOUND, never for a first call), INVALID_ARGUMENT
     * (DATA_CORRUPTED), ALREADY_EXISTS (REQUEST_ID_CONFLICT), ABORTED (ETAG_MISMATCH), RESOURCE_EXHAUSTED
     * (TOO_MANY_VERSIONS; a secret has at most 1000 that are not destroyed).
     * </pre>
     */
    public dev.casemate.secrets.v1.AddSecretVersionResponse addSecretVersion(dev.casemate.secrets.v1.AddSecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAddSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSecretVersion returns a version's metadata, never its value. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND), FAILED_PRECONDITION
     * (VERSION_DESTROYED, for `latest` when all versions are destroyed).
     * </pre>
     */
    public dev.casemate.secrets.v1.GetSecretVersionResponse getSecretVersion(dev.casemate.secrets.v1.GetSecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecretVersions pages through a secret's versions, newest first. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED).
     * </pre>
     */
    public dev.casemate.secrets.v1.ListSecretVersionsResponse listSecretVersions(dev.casemate.secrets.v1.ListSecretVersionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSecretVersionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * EnableSecretVersion makes a DISABLED version usable again, and takes back a destroy that is not due yet; repeating it
     * is no error. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), FAILED_PRECONDITION (VERSION_DESTROYED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.EnableSecretVersionResponse enableSecretVersion(dev.casemate.secrets.v1.EnableSecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEnableSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DisableSecretVersion makes a version unusable until it is enabled; repeating it is no error. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), FAILED_PRECONDITION (VERSION_DESTROYED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.DisableSecretVersionResponse disableSecretVersion(dev.casemate.secrets.v1.DisableSecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDisableSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DestroySecretVersion deletes a version's ciphertext for good; the row stays as DESTROYED. On a secret with a
     * `version_destroy_ttl` it disables the version now, and secretsd destroys it at its `scheduled_destroy_time`. Repeating
     * it is no error and moves no time. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.DestroySecretVersionResponse destroySecretVersion(dev.casemate.secrets.v1.DestroySecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDestroySecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * AccessSecretVersion returns a version's value to a person or program that may read it. Action version.access.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND), FAILED_PRECONDITION
     * (SECRET_EXPIRED, VERSION_DISABLED, VERSION_DESTROYED, FIELD_NOT_FOUND, NOT_STRUCTURED).
     * </pre>
     */
    public dev.casemate.secrets.v1.AccessSecretVersionResponse accessSecretVersion(dev.casemate.secrets.v1.AccessSecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAccessSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * BatchAccessSecretVersions resolves the references of one sandbox, all or nothing, for injection only. The
     * connection must carry an mTLS client certificate with a SPIFFE ID that secretsd allows to resolve, and the
     * authorization metadata must be the end caller's own API key: each reference needs the end caller's version.use.
     * Each value leaves a receipt, see ListSecretUses. A sandbox's id can be resolved once: after an answer that got lost the
     * sandbox needs a new id.
     * Errors: PERMISSION_DENIED (WORKLOAD_NOT_ALLOWED) for a peer that may not resolve, whoever the caller is;
     * FAILED_PRECONDITION (SANDBOX_ALREADY_RESOLVED) when the peer got values under this sandbox id before;
     * FAILED_PRECONDITION (SECRETS_UNRESOLVED) with one google.rpc.PreconditionFailure violation for every reference that
     * failed: `type` is SECRET_NOT_FOUND, SECRET_DELETED, SECRET_EXPIRED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND,
     * VERSION_DISABLED, VERSION_DESTROYED, FIELD_NOT_FOUND, NOT_STRUCTURED, VALUE_NOT_INJECTABLE (it holds a NUL byte),
     * INJECTION_NOT_AVAILABLE (the secret's injection policy is BROKER_ONLY, and there is no broker yet) or
     * PERMISSION_DENIED; `subject` is the reference's full
     * resource name. A caller who may not use the team's secrets gets PERMISSION_DENIED for every reference, in the same
     * words whether or not team and secret exist; so does a member whose role does not list secrets, of one that is
     * restricted or does not exist.
     * </pre>
     */
    public dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse batchAccessSecretVersions(dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBatchAccessSecretVersionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecretUses pages through the receipts of a secret, newest first: which sandboxes hold or held which version, and who
     * ran them. Action audit.read. Errors: NOT_FOUND (SECRET_NOT_FOUND, VERSION_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.ListSecretUsesResponse listSecretUses(dev.casemate.secrets.v1.ListSecretUsesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSecretUsesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RevokeSecretVersion disables a version and takes it back from where it is in use: no sandbox gets it after the answer, and
     * the workloads that run sandboxes are told at once, or when they are back, to end those that hold it. Enabling the
     * version lifts the revocation. Of a destroyed version, which sandboxes may still hold, only these are ended. Repeating the
     * call is no error. Action secret.manage. Errors: NOT_FOUND (SECRET_NOT_FOUND, VERSION_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.RevokeSecretVersionResponse revokeSecretVersion(dev.casemate.secrets.v1.RevokeSecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchRevocations tells a workload what it must act on, until either side ends the stream. It starts with what is still to
     * be done, so that nothing is lost while either side is away: a revoked version is named again and again, at each start,
     * as long as a sandbox that holds it has not been reported as ended. For workloads: see ReportSandboxes.
     * Errors: UNAVAILABLE (SECRETSD_STOPPING): open it again.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.casemate.secrets.v1.WatchRevocationsResponse>
        watchRevocations(dev.casemate.secrets.v1.WatchRevocationsRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchRevocationsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ReportSandboxes tells secretsd which of the calling workload's sandboxes have ended; of others' it can't. Repeating it is
     * no error. For workloads: it takes no API key but an mTLS client certificate with a SPIFFE ID that secretsd allows to
     * resolve. Errors: PERMISSION_DENIED (WORKLOAD_NOT_ALLOWED).
     * </pre>
     */
    public dev.casemate.secrets.v1.ReportSandboxesResponse reportSandboxes(dev.casemate.secrets.v1.ReportSandboxesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReportSandboxesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * EndWorkloadInstance records that everything has ended that an instance of a workload ran: its machine, or all that it kept, is
     * gone, so that nobody else can report it. Make sure of it first: what still runs keeps its values, and a revocation passes it
     * by. Repeating it is no error, and neither is an instance that is not known. Action workload.manage, which operators may.
     * Errors: FAILED_PRECONDITION (INSTANCE_CONNECTED) for one that is watching revocations at the moment.
     * </pre>
     */
    public dev.casemate.secrets.v1.EndWorkloadInstanceResponse endWorkloadInstance(dev.casemate.secrets.v1.EndWorkloadInstanceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEndWorkloadInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateSecretGrant gives a member, or the members of a role, rights to one secret. Action secret.manage on the secret; and
     * nobody gives a right that he does not hold himself, with the calling key, whatever the request and for ever. A grant is
     * not changed afterwards, it is deleted and another is made: so two people who work on a secret's rights never overwrite
     * each other's, nothing has to be read before, and the audit log has each right's beginning and end. A grant that is there
     * already is returned as it is. Errors: NOT_FOUND (SECRET_NOT_FOUND, MEMBER_NOT_FOUND), PERMISSION_DENIED
     * (RIGHT_EXCEEDED), RESOURCE_EXHAUSTED (TOO_MANY_GRANTS; a secret has at most 100).
     * </pre>
     */
    public dev.casemate.secrets.v1.CreateSecretGrantResponse createSecretGrant(dev.casemate.secrets.v1.CreateSecretGrantRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateSecretGrantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteSecretGrant takes a grant away, at once. Action secret.manage on the secret.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, GRANT_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.DeleteSecretGrantResponse deleteSecretGrant(dev.casemate.secrets.v1.DeleteSecretGrantRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteSecretGrantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecretGrants returns all grants of a secret. Action grant.list on the secret, which goes with secret.manage and with
     * audit.read. Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.ListSecretGrantsResponse listSecretGrants(dev.casemate.secrets.v1.ListSecretGrantsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSecretGrantsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * TestPermissions says what the caller may do with a team or a secret, by the same function that decides when it is done.
     * Any valid key. It tells nothing of what exists: of a secret that does not, it says what the caller's role may do with
     * any. Nothing is audited. Errors: INVALID_ARGUMENT for an action that is none, or none on such a resource.
     * </pre>
     */
    public dev.casemate.secrets.v1.TestPermissionsResponse testPermissions(dev.casemate.secrets.v1.TestPermissionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getTestPermissionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateTeam makes a team and its data key; the caller becomes its owner. Operators only (action team.create).
     * Errors: ALREADY_EXISTS (TEAM_EXISTS, TEAM_DELETED), RESOURCE_EXHAUSTED (TOO_MANY_TEAMS; there are at most 10000),
     * UNAVAILABLE (SEALED).
     * </pre>
     */
    public dev.casemate.secrets.v1.CreateTeamResponse createTeam(dev.casemate.secrets.v1.CreateTeamRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateTeamMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetTeam returns one team of the caller's. Action team.get.
     * </pre>
     */
    public dev.casemate.secrets.v1.GetTeamResponse getTeam(dev.casemate.secrets.v1.GetTeamRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetTeamMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListTeams pages through the teams that the key acts in, by name; an operator sees all. Any valid key.
     * </pre>
     */
    public dev.casemate.secrets.v1.ListTeamsResponse listTeams(dev.casemate.secrets.v1.ListTeamsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListTeamsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateTeam changes what holds for a whole team: the fields of `update_mask`. Action team.update, which owners and admins
     * have. Errors: ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.UpdateTeamResponse updateTeam(dev.casemate.secrets.v1.UpdateTeamRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateTeamMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteTeam ends a team for good: its data key, the ciphertext of all its values and its members are destroyed, the
     * keys whose home it is are revoked, and other keys lose it. What the audit log says of it stays, and its name stays
     * taken. Copies of the database from before open only with the key-encryption key: rotate that too, and they don't.
     * Action team.delete, or an operator. Errors: NOT_FOUND (TEAM_NOT_FOUND, for operators), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.DeleteTeamResponse deleteTeam(dev.casemate.secrets.v1.DeleteTeamRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteTeamMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RotateKEK makes a new key-encryption key and has every team's data key wrapped anew, in the background; calls go on
     * meanwhile, and a restart goes on where it was. While a rotation is under way it starts none, and answers how far
     * that is. When no data key needs them, the keys before it are dropped. Operators only (action kek.manage).
     * Errors: UNAVAILABLE (SEALED, KEK_UNAVAILABLE).
     * </pre>
     */
    public dev.casemate.secrets.v1.RotateKEKResponse rotateKEK(dev.casemate.secrets.v1.RotateKEKRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRotateKEKMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RotateDataKey makes a new data key of a team and has every value of the team's sealed anew, in the background; calls
     * go on meanwhile, and a restart goes on where it was. While a rotation is under way it starts none, and answers how
     * far that is. When no version needs them, the keys before it are dropped. Action team.rotate_key.
     * Errors: UNAVAILABLE (SEALED).
     * </pre>
     */
    public dev.casemate.secrets.v1.RotateDataKeyResponse rotateDataKey(dev.casemate.secrets.v1.RotateDataKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRotateDataKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetKeyStatus says which keys there are, and how much still needs a retired one. Of a team: action team.get. Of the
     * whole installation: operators only (action kek.manage), answered while secretsd is sealed too.
     * Errors: UNAVAILABLE (SEALED, for a team).
     * </pre>
     */
    public dev.casemate.secrets.v1.GetKeyStatusResponse getKeyStatus(dev.casemate.secrets.v1.GetKeyStatusRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetKeyStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateMember adds a user to a team with a role. Action member.manage; to make an owner, owner.manage, which owners have.
     * A role that may read values (OWNER, ADMIN) is given with a key that has the scope READ. Errors: ALREADY_EXISTS
     * (MEMBER_EXISTS), PERMISSION_DENIED (SCOPE_EXCEEDED), RESOURCE_EXHAUSTED (TOO_MANY_MEMBERS; a team has at most 1000).
     * </pre>
     */
    public dev.casemate.secrets.v1.CreateMemberResponse createMember(dev.casemate.secrets.v1.CreateMemberRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateMemberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListMembers pages through a team's members, by user. Action team.get.
     * </pre>
     */
    public dev.casemate.secrets.v1.ListMembersResponse listMembers(dev.casemate.secrets.v1.ListMembersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListMembersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateMember changes a member's role. Action member.manage, and owner.manage from or to OWNER. A role that may read
     * values (OWNER, ADMIN) is given with a key that has the scope READ.
     * Errors: NOT_FOUND (MEMBER_NOT_FOUND), PERMISSION_DENIED (SCOPE_EXCEEDED), FAILED_PRECONDITION (LAST_OWNER).
     * </pre>
     */
    public dev.casemate.secrets.v1.UpdateMemberResponse updateMember(dev.casemate.secrets.v1.UpdateMemberRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateMemberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteMember removes a user from a team with the grants to the user by name, revokes the user's keys whose home it is,
     * and takes the team for good from the user's other keys that act in it, which go on in their other teams. Action
     * member.manage; of an owner, owner.manage. Errors: NOT_FOUND (MEMBER_NOT_FOUND), FAILED_PRECONDITION (LAST_OWNER).
     * </pre>
     */
    public dev.casemate.secrets.v1.DeleteMemberResponse deleteMember(dev.casemate.secrets.v1.DeleteMemberRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteMemberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateAPIKey makes a key for a member of a team and returns the whole key, this once. A member makes keys for
     * itself (action key.create); an admin for any member (action member.manage) but an owner (owner.manage). A key that an
     * admin made for another member has the rights of the member's role, and nothing of what is granted to the member by
     * name: else admins could help themselves to that. For such grants a member needs a key that an owner made, or one that
     * it made itself with such a key. A key can never be given scopes that
     * the calling key lacks. With `other_keys`, the new key acts in their teams too; the audit log of every team concerned
     * has an entry about it, under the key that was presented for that team. Errors: NOT_FOUND (MEMBER_NOT_FOUND),
     * PERMISSION_DENIED (SCOPE_EXCEEDED, OTHER_KEYS_REFUSED), RESOURCE_EXHAUSTED (TOO_MANY_API_KEYS; a user has at most
     * 100 valid ones in a team; TOO_MANY_KEY_TEAMS; a key acts in at most 32).
     * </pre>
     */
    public dev.casemate.secrets.v1.CreateAPIKeyResponse createAPIKey(dev.casemate.secrets.v1.CreateAPIKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateAPIKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListAPIKeys pages through the keys that act in a team (an admin) or the caller's own of them (anyone else), newest
     * first. Never shows a key. Action key.create.
     * </pre>
     */
    public dev.casemate.secrets.v1.ListAPIKeysResponse listAPIKeys(dev.casemate.secrets.v1.ListAPIKeysRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListAPIKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RevokeAPIKey makes a key invalid at once, for good, in all teams that it acts in; repeating it is no error. One's own
     * (action key.create), or any that acts in the team (action member.manage; an owner's, owner.manage). A key that an owner
     * acts as one with is not the own one of a key that an admin made for the same user. A key that was made by the rotation
     * of one that may make no keys is revoked with that one (see RotateAPIKey).
     * Errors: NOT_FOUND (API_KEY_NOT_FOUND), for who may revoke any.
     * </pre>
     */
    public dev.casemate.secrets.v1.RevokeAPIKeyResponse revokeAPIKey(dev.casemate.secrets.v1.RevokeAPIKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeAPIKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RotateAPIKey replaces a key: the new one has the same user, teams, scopes, description and expiry, and the old one stops
     * after the overlap. Every valid key may rotate itself; its own user's others, who has the action key.create and every scope
     * of the key; any that acts in no team but the caller's, who has member.manage in all of them and every scope of the key.
     * A key has one successor, ever: being told that there is one already is a sign that somebody else has the key. What a key
     * that may make no keys (action key.create, in all its teams) made by rotating itself is revoked with it, so that a stolen
     * one can't outlive its revocation. It never lives longer than the old key would have.
     * Errors: NOT_FOUND (API_KEY_NOT_FOUND), FAILED_PRECONDITION (API_KEY_ROTATED; API_KEY_ENDED, for a key that is revoked or
     * expired), PERMISSION_DENIED (SCOPE_EXCEEDED, KEY_EXCHANGED), RESOURCE_EXHAUSTED (TOO_MANY_API_KEYS).
     * </pre>
     */
    public dev.casemate.secrets.v1.RotateAPIKeyResponse rotateAPIKey(dev.casemate.secrets.v1.RotateAPIKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRotateAPIKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateOIDCTrust lets workloads with tokens of an OIDC issuer have short-lived keys of a member's. Action member.manage.
     * Errors: ALREADY_EXISTS (OIDC_TRUST_EXISTS), NOT_FOUND (MEMBER_NOT_FOUND), FAILED_PRECONDITION (OIDC_ISSUER_NOT_ALLOWED),
     * PERMISSION_DENIED (SCOPE_EXCEEDED, KEY_EXCHANGED), RESOURCE_EXHAUSTED (TOO_MANY_OIDC_TRUSTS; a team has at most 100).
     * </pre>
     */
    public dev.casemate.secrets.v1.CreateOIDCTrustResponse createOIDCTrust(dev.casemate.secrets.v1.CreateOIDCTrustRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateOIDCTrustMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListOIDCTrusts pages through a team's trusts by id, ascending. Action member.manage.
     * </pre>
     */
    public dev.casemate.secrets.v1.ListOIDCTrustsResponse listOIDCTrusts(dev.casemate.secrets.v1.ListOIDCTrustsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListOIDCTrustsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteOIDCTrust ends a trust, and revokes the keys that were exchanged under it. Action member.manage; of one for an
     * owner, owner.manage.
     * Errors: NOT_FOUND (OIDC_TRUST_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.DeleteOIDCTrustResponse deleteOIDCTrust(dev.casemate.secrets.v1.DeleteOIDCTrustRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteOIDCTrustMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ExchangeToken makes a short-lived API key for who holds a token that meets a trust. It needs no API key. Such a key makes
     * neither keys nor trusts, and ends with its trust and with its user's membership.
     * Errors: UNAUTHENTICATED (OIDC_TOKEN_INVALID, when the token itself is no good: not signed by an allowed issuer, expired, not
     * valid yet; OIDC_TOKEN_REFUSED, in the same words whether there is no such trust or the token does not meet it;
     * OIDC_TOKEN_REPLAYED, when it was exchanged before), UNAVAILABLE (OIDC_ISSUER_UNAVAILABLE, when the issuer's keys can't be
     * had), RESOURCE_EXHAUSTED (TOO_MANY_FAILED_ATTEMPTS; TOO_MANY_API_KEYS; a trust has at most 1000 valid ones).
     * </pre>
     */
    public dev.casemate.secrets.v1.ExchangeTokenResponse exchangeToken(dev.casemate.secrets.v1.ExchangeTokenRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getExchangeTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WhoAmI says whom the presented API key stands for. Any valid key.
     * </pre>
     */
    public dev.casemate.secrets.v1.WhoAmIResponse whoAmI(dev.casemate.secrets.v1.WhoAmIRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getWhoAmIMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListAuditEntries pages through a team's part of the audit log by sequence, ascending, or through what of it is about one
     * secret. Action audit.read, on the team or on the secret. Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.ListAuditEntriesResponse listAuditEntries(dev.casemate.secrets.v1.ListAuditEntriesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListAuditEntriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * VerifyAuditLog verifies the whole log, all teams': its hash chain, the signatures of its checkpoints, and that it
     * contains all checkpoints of secretsd's checkpoint file. Operators only (action audit.verify). A broken log is an
     * answer, not an error.
     * </pre>
     */
    public dev.casemate.secrets.v1.VerifyAuditLogResponse verifyAuditLog(dev.casemate.secrets.v1.VerifyAuditLogRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getVerifyAuditLogMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * TailAuditEntries sends a team's part of the audit log as it grows. Action audit.read; audit.read_all for the whole log.
     * A reader may be slow, but takes each piece within a minute. Whether the caller still may read is asked again before
     * anything is sent. Errors: ABORTED (READER_TOO_SLOW) and UNAVAILABLE (SECRETSD_STOPPING), both with the metadata
     * `after_sequence` to go on from; UNAUTHENTICATED (API_KEY_INVALID) and PERMISSION_DENIED (PERMISSION_DENIED) also later.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.casemate.secrets.v1.TailAuditEntriesResponse>
        tailAuditEntries(dev.casemate.secrets.v1.TailAuditEntriesRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getTailAuditEntriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ExportAuditLog sends the whole audit log, all teams', with its checkpoints, so that it can be verified without secretsd.
     * Operators only (action audit.read_all). Errors: NOT_FOUND (CHECKPOINT_NOT_FOUND), where after_sequence is no
     * checkpoint's; ABORTED (READER_TOO_SLOW), when a piece is not taken within a minute.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.casemate.secrets.v1.ExportAuditLogResponse>
        exportAuditLog(dev.casemate.secrets.v1.ExportAuditLogRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getExportAuditLogMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SecretsManager.
   * <pre>
   * SecretsManager owns teams, members, API keys, secrets, secret versions and the audit log.
   * Authentication: every rpc but WatchRevocations and ReportSandboxes, which are for workloads, and ExchangeToken needs
   * `authorization: Bearer &lt;API key&gt;` metadata. Without a valid key the answer is UNAUTHENTICATED (reason API_KEY_MISSING,
   * API_KEY_MALFORMED or API_KEY_INVALID), or, after many such answers to one address, RESOURCE_EXHAUSTED
   * (TOO_MANY_FAILED_ATTEMPTS) with google.rpc.RetryInfo for a while. BatchAccessSecretVersions needs, in
   * addition, an mTLS client certificate whose SPIFFE ID secretsd is configured to trust.
   * Authorization: an action needs both a role in the team and a scope on the key; what is not granted is denied with
   * PERMISSION_DENIED (reason PERMISSION_DENIED), worded the same whether or not the thing exists. A key acts in the team it
   * was made in, its home team, and in those that other keys of its user's were presented for; in each as long as its user
   * is a member. The operator's first key, which secretsd's first start writes to a file, belongs to no team: it acts in all
   * teams that the operator is a member of, and is the only one with an operator's rights.
   * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
   * with google.rpc.BadRequest. Changes are durable before they are answered, and audited before that: when the audit
   * entry can't be written, the call fails with UNAVAILABLE (reason AUDIT_UNAVAILABLE) and nothing happened. While secretsd
   * waits for its key-encryption key, whatever needs a key is UNAVAILABLE (reason SEALED) with google.rpc.RetryInfo: a value
   * that is read, used or added, a team that is made, a key that is rotated. Everything else is answered.
   * Limits: every rpc may be refused with RESOURCE_EXHAUSTED and google.rpc.RetryInfo, and then did nothing: RATE_LIMITED when
   * the user or the team has called too often, TOO_MANY_CALLS when the user has too many calls under way, OVERLOADED when
   * secretsd has more than it can answer in time. The operator sets how much that is. A request has at most 1 MiB.
   * </pre>
   */
  public static final class SecretsManagerBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SecretsManagerBlockingStub> {
    private SecretsManagerBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SecretsManagerBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SecretsManagerBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSecret makes a secret, and its version 1 when `data` or `generate` is given. Action secret.manage.
     * Errors: ALREADY_EXISTS (SECRET_EXISTS, for the name of a deleted secret too; REQUEST_ID_CONFLICT), INVALID_ARGUMENT
     * (DATA_CORRUPTED), NOT_FOUND (SECRET_NOT_FOUND, for a repeat whose secret was purged since), RESOURCE_EXHAUSTED
     * (TOO_MANY_SECRETS; a team has at most 5000, deleted ones too).
     * </pre>
     */
    public dev.casemate.secrets.v1.CreateSecretResponse createSecret(dev.casemate.secrets.v1.CreateSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSecret returns a secret's metadata, never a value; a deleted one's too, with its `delete_time`. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.GetSecretResponse getSecret(dev.casemate.secrets.v1.GetSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecrets pages through a team's secrets by name, ascending; deleted ones only when asked for. Action secret.list; to
     * a member whose role does not list (SERVICE), it shows those that a grant lets the member list.
     * </pre>
     */
    public dev.casemate.secrets.v1.ListSecretsResponse listSecrets(dev.casemate.secrets.v1.ListSecretsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSecretsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateSecret changes what a secret says of itself: the fields of `update_mask`. Action secret.manage. What lets more
     * people at the value needs the rights that it gives, as for a grant: `restricted` is taken back by who may use and access
     * the value, and `injection` is weakened (from BROKER_ONLY, or by another host) by who may access it.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED; VERSION_NOT_FOUND, for an alias), FAILED_PRECONDITION
     * (VERSION_DESTROYED, for an alias), ABORTED (ETAG_MISMATCH), PERMISSION_DENIED (RIGHT_EXCEEDED).
     * </pre>
     */
    public dev.casemate.secrets.v1.UpdateSecretResponse updateSecret(dev.casemate.secrets.v1.UpdateSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteSecret deletes a secret: from now on nobody can use, read or change it, and its name stays taken. UndeleteSecret
     * brings it back until its `purge_time`; then secretsd erases it, values and all. `purge` erases it now, one that was
     * deleted before too. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND; SECRET_DELETED, without `purge`), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.DeleteSecretResponse deleteSecret(dev.casemate.secrets.v1.DeleteSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UndeleteSecret brings a deleted secret back with all its versions as they were, but for those that were to be destroyed
     * meanwhile. An `expire_time` that has passed is taken away. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, also for one whose `purge_time` has come), ALREADY_EXISTS (SECRET_NOT_DELETED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.UndeleteSecretResponse undeleteSecret(dev.casemate.secrets.v1.UndeleteSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUndeleteSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * AddSecretVersion adds an immutable version, which becomes `latest`. Action version.add.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED; VERSION_NOT_FOUND, never for a first call), INVALID_ARGUMENT
     * (DATA_CORRUPTED), ALREADY_EXISTS (REQUEST_ID_CONFLICT), ABORTED (ETAG_MISMATCH), RESOURCE_EXHAUSTED
     * (TOO_MANY_VERSIONS; a secret has at most 1000 that are not destroyed).
     * </pre>
     */
    public dev.casemate.secrets.v1.AddSecretVersionResponse addSecretVersion(dev.casemate.secrets.v1.AddSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAddSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSecretVersion returns a version's metadata, never its value. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND), FAILED_PRECONDITION
     * (VERSION_DESTROYED, for `latest` when all versions are destroyed).
     * </pre>
     */
    public dev.casemate.secrets.v1.GetSecretVersionResponse getSecretVersion(dev.casemate.secrets.v1.GetSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecretVersions pages through a secret's versions, newest first. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED).
     * </pre>
     */
    public dev.casemate.secrets.v1.ListSecretVersionsResponse listSecretVersions(dev.casemate.secrets.v1.ListSecretVersionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSecretVersionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * EnableSecretVersion makes a DISABLED version usable again, and takes back a destroy that is not due yet; repeating it
     * is no error. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), FAILED_PRECONDITION (VERSION_DESTROYED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.EnableSecretVersionResponse enableSecretVersion(dev.casemate.secrets.v1.EnableSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEnableSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DisableSecretVersion makes a version unusable until it is enabled; repeating it is no error. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), FAILED_PRECONDITION (VERSION_DESTROYED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.DisableSecretVersionResponse disableSecretVersion(dev.casemate.secrets.v1.DisableSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDisableSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DestroySecretVersion deletes a version's ciphertext for good; the row stays as DESTROYED. On a secret with a
     * `version_destroy_ttl` it disables the version now, and secretsd destroys it at its `scheduled_destroy_time`. Repeating
     * it is no error and moves no time. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.DestroySecretVersionResponse destroySecretVersion(dev.casemate.secrets.v1.DestroySecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDestroySecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * AccessSecretVersion returns a version's value to a person or program that may read it. Action version.access.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND), FAILED_PRECONDITION
     * (SECRET_EXPIRED, VERSION_DISABLED, VERSION_DESTROYED, FIELD_NOT_FOUND, NOT_STRUCTURED).
     * </pre>
     */
    public dev.casemate.secrets.v1.AccessSecretVersionResponse accessSecretVersion(dev.casemate.secrets.v1.AccessSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAccessSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * BatchAccessSecretVersions resolves the references of one sandbox, all or nothing, for injection only. The
     * connection must carry an mTLS client certificate with a SPIFFE ID that secretsd allows to resolve, and the
     * authorization metadata must be the end caller's own API key: each reference needs the end caller's version.use.
     * Each value leaves a receipt, see ListSecretUses. A sandbox's id can be resolved once: after an answer that got lost the
     * sandbox needs a new id.
     * Errors: PERMISSION_DENIED (WORKLOAD_NOT_ALLOWED) for a peer that may not resolve, whoever the caller is;
     * FAILED_PRECONDITION (SANDBOX_ALREADY_RESOLVED) when the peer got values under this sandbox id before;
     * FAILED_PRECONDITION (SECRETS_UNRESOLVED) with one google.rpc.PreconditionFailure violation for every reference that
     * failed: `type` is SECRET_NOT_FOUND, SECRET_DELETED, SECRET_EXPIRED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND,
     * VERSION_DISABLED, VERSION_DESTROYED, FIELD_NOT_FOUND, NOT_STRUCTURED, VALUE_NOT_INJECTABLE (it holds a NUL byte),
     * INJECTION_NOT_AVAILABLE (the secret's injection policy is BROKER_ONLY, and there is no broker yet) or
     * PERMISSION_DENIED; `subject` is the reference's full
     * resource name. A caller who may not use the team's secrets gets PERMISSION_DENIED for every reference, in the same
     * words whether or not team and secret exist; so does a member whose role does not list secrets, of one that is
     * restricted or does not exist.
     * </pre>
     */
    public dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse batchAccessSecretVersions(dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBatchAccessSecretVersionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecretUses pages through the receipts of a secret, newest first: which sandboxes hold or held which version, and who
     * ran them. Action audit.read. Errors: NOT_FOUND (SECRET_NOT_FOUND, VERSION_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.ListSecretUsesResponse listSecretUses(dev.casemate.secrets.v1.ListSecretUsesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSecretUsesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RevokeSecretVersion disables a version and takes it back from where it is in use: no sandbox gets it after the answer, and
     * the workloads that run sandboxes are told at once, or when they are back, to end those that hold it. Enabling the
     * version lifts the revocation. Of a destroyed version, which sandboxes may still hold, only these are ended. Repeating the
     * call is no error. Action secret.manage. Errors: NOT_FOUND (SECRET_NOT_FOUND, VERSION_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.RevokeSecretVersionResponse revokeSecretVersion(dev.casemate.secrets.v1.RevokeSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchRevocations tells a workload what it must act on, until either side ends the stream. It starts with what is still to
     * be done, so that nothing is lost while either side is away: a revoked version is named again and again, at each start,
     * as long as a sandbox that holds it has not been reported as ended. For workloads: see ReportSandboxes.
     * Errors: UNAVAILABLE (SECRETSD_STOPPING): open it again.
     * </pre>
     */
    public java.util.Iterator<dev.casemate.secrets.v1.WatchRevocationsResponse> watchRevocations(
        dev.casemate.secrets.v1.WatchRevocationsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchRevocationsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ReportSandboxes tells secretsd which of the calling workload's sandboxes have ended; of others' it can't. Repeating it is
     * no error. For workloads: it takes no API key but an mTLS client certificate with a SPIFFE ID that secretsd allows to
     * resolve. Errors: PERMISSION_DENIED (WORKLOAD_NOT_ALLOWED).
     * </pre>
     */
    public dev.casemate.secrets.v1.ReportSandboxesResponse reportSandboxes(dev.casemate.secrets.v1.ReportSandboxesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReportSandboxesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * EndWorkloadInstance records that everything has ended that an instance of a workload ran: its machine, or all that it kept, is
     * gone, so that nobody else can report it. Make sure of it first: what still runs keeps its values, and a revocation passes it
     * by. Repeating it is no error, and neither is an instance that is not known. Action workload.manage, which operators may.
     * Errors: FAILED_PRECONDITION (INSTANCE_CONNECTED) for one that is watching revocations at the moment.
     * </pre>
     */
    public dev.casemate.secrets.v1.EndWorkloadInstanceResponse endWorkloadInstance(dev.casemate.secrets.v1.EndWorkloadInstanceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEndWorkloadInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateSecretGrant gives a member, or the members of a role, rights to one secret. Action secret.manage on the secret; and
     * nobody gives a right that he does not hold himself, with the calling key, whatever the request and for ever. A grant is
     * not changed afterwards, it is deleted and another is made: so two people who work on a secret's rights never overwrite
     * each other's, nothing has to be read before, and the audit log has each right's beginning and end. A grant that is there
     * already is returned as it is. Errors: NOT_FOUND (SECRET_NOT_FOUND, MEMBER_NOT_FOUND), PERMISSION_DENIED
     * (RIGHT_EXCEEDED), RESOURCE_EXHAUSTED (TOO_MANY_GRANTS; a secret has at most 100).
     * </pre>
     */
    public dev.casemate.secrets.v1.CreateSecretGrantResponse createSecretGrant(dev.casemate.secrets.v1.CreateSecretGrantRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateSecretGrantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteSecretGrant takes a grant away, at once. Action secret.manage on the secret.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, GRANT_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.DeleteSecretGrantResponse deleteSecretGrant(dev.casemate.secrets.v1.DeleteSecretGrantRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteSecretGrantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecretGrants returns all grants of a secret. Action grant.list on the secret, which goes with secret.manage and with
     * audit.read. Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.ListSecretGrantsResponse listSecretGrants(dev.casemate.secrets.v1.ListSecretGrantsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSecretGrantsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * TestPermissions says what the caller may do with a team or a secret, by the same function that decides when it is done.
     * Any valid key. It tells nothing of what exists: of a secret that does not, it says what the caller's role may do with
     * any. Nothing is audited. Errors: INVALID_ARGUMENT for an action that is none, or none on such a resource.
     * </pre>
     */
    public dev.casemate.secrets.v1.TestPermissionsResponse testPermissions(dev.casemate.secrets.v1.TestPermissionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getTestPermissionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateTeam makes a team and its data key; the caller becomes its owner. Operators only (action team.create).
     * Errors: ALREADY_EXISTS (TEAM_EXISTS, TEAM_DELETED), RESOURCE_EXHAUSTED (TOO_MANY_TEAMS; there are at most 10000),
     * UNAVAILABLE (SEALED).
     * </pre>
     */
    public dev.casemate.secrets.v1.CreateTeamResponse createTeam(dev.casemate.secrets.v1.CreateTeamRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateTeamMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetTeam returns one team of the caller's. Action team.get.
     * </pre>
     */
    public dev.casemate.secrets.v1.GetTeamResponse getTeam(dev.casemate.secrets.v1.GetTeamRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetTeamMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListTeams pages through the teams that the key acts in, by name; an operator sees all. Any valid key.
     * </pre>
     */
    public dev.casemate.secrets.v1.ListTeamsResponse listTeams(dev.casemate.secrets.v1.ListTeamsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListTeamsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateTeam changes what holds for a whole team: the fields of `update_mask`. Action team.update, which owners and admins
     * have. Errors: ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.UpdateTeamResponse updateTeam(dev.casemate.secrets.v1.UpdateTeamRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateTeamMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteTeam ends a team for good: its data key, the ciphertext of all its values and its members are destroyed, the
     * keys whose home it is are revoked, and other keys lose it. What the audit log says of it stays, and its name stays
     * taken. Copies of the database from before open only with the key-encryption key: rotate that too, and they don't.
     * Action team.delete, or an operator. Errors: NOT_FOUND (TEAM_NOT_FOUND, for operators), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public dev.casemate.secrets.v1.DeleteTeamResponse deleteTeam(dev.casemate.secrets.v1.DeleteTeamRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteTeamMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RotateKEK makes a new key-encryption key and has every team's data key wrapped anew, in the background; calls go on
     * meanwhile, and a restart goes on where it was. While a rotation is under way it starts none, and answers how far
     * that is. When no data key needs them, the keys before it are dropped. Operators only (action kek.manage).
     * Errors: UNAVAILABLE (SEALED, KEK_UNAVAILABLE).
     * </pre>
     */
    public dev.casemate.secrets.v1.RotateKEKResponse rotateKEK(dev.casemate.secrets.v1.RotateKEKRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRotateKEKMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RotateDataKey makes a new data key of a team and has every value of the team's sealed anew, in the background; calls
     * go on meanwhile, and a restart goes on where it was. While a rotation is under way it starts none, and answers how
     * far that is. When no version needs them, the keys before it are dropped. Action team.rotate_key.
     * Errors: UNAVAILABLE (SEALED).
     * </pre>
     */
    public dev.casemate.secrets.v1.RotateDataKeyResponse rotateDataKey(dev.casemate.secrets.v1.RotateDataKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRotateDataKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetKeyStatus says which keys there are, and how much still needs a retired one. Of a team: action team.get. Of the
     * whole installation: operators only (action kek.manage), answered while secretsd is sealed too.
     * Errors: UNAVAILABLE (SEALED, for a team).
     * </pre>
     */
    public dev.casemate.secrets.v1.GetKeyStatusResponse getKeyStatus(dev.casemate.secrets.v1.GetKeyStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetKeyStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateMember adds a user to a team with a role. Action member.manage; to make an owner, owner.manage, which owners have.
     * A role that may read values (OWNER, ADMIN) is given with a key that has the scope READ. Errors: ALREADY_EXISTS
     * (MEMBER_EXISTS), PERMISSION_DENIED (SCOPE_EXCEEDED), RESOURCE_EXHAUSTED (TOO_MANY_MEMBERS; a team has at most 1000).
     * </pre>
     */
    public dev.casemate.secrets.v1.CreateMemberResponse createMember(dev.casemate.secrets.v1.CreateMemberRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateMemberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListMembers pages through a team's members, by user. Action team.get.
     * </pre>
     */
    public dev.casemate.secrets.v1.ListMembersResponse listMembers(dev.casemate.secrets.v1.ListMembersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListMembersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateMember changes a member's role. Action member.manage, and owner.manage from or to OWNER. A role that may read
     * values (OWNER, ADMIN) is given with a key that has the scope READ.
     * Errors: NOT_FOUND (MEMBER_NOT_FOUND), PERMISSION_DENIED (SCOPE_EXCEEDED), FAILED_PRECONDITION (LAST_OWNER).
     * </pre>
     */
    public dev.casemate.secrets.v1.UpdateMemberResponse updateMember(dev.casemate.secrets.v1.UpdateMemberRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateMemberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteMember removes a user from a team with the grants to the user by name, revokes the user's keys whose home it is,
     * and takes the team for good from the user's other keys that act in it, which go on in their other teams. Action
     * member.manage; of an owner, owner.manage. Errors: NOT_FOUND (MEMBER_NOT_FOUND), FAILED_PRECONDITION (LAST_OWNER).
     * </pre>
     */
    public dev.casemate.secrets.v1.DeleteMemberResponse deleteMember(dev.casemate.secrets.v1.DeleteMemberRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteMemberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateAPIKey makes a key for a member of a team and returns the whole key, this once. A member makes keys for
     * itself (action key.create); an admin for any member (action member.manage) but an owner (owner.manage). A key that an
     * admin made for another member has the rights of the member's role, and nothing of what is granted to the member by
     * name: else admins could help themselves to that. For such grants a member needs a key that an owner made, or one that
     * it made itself with such a key. A key can never be given scopes that
     * the calling key lacks. With `other_keys`, the new key acts in their teams too; the audit log of every team concerned
     * has an entry about it, under the key that was presented for that team. Errors: NOT_FOUND (MEMBER_NOT_FOUND),
     * PERMISSION_DENIED (SCOPE_EXCEEDED, OTHER_KEYS_REFUSED), RESOURCE_EXHAUSTED (TOO_MANY_API_KEYS; a user has at most
     * 100 valid ones in a team; TOO_MANY_KEY_TEAMS; a key acts in at most 32).
     * </pre>
     */
    public dev.casemate.secrets.v1.CreateAPIKeyResponse createAPIKey(dev.casemate.secrets.v1.CreateAPIKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateAPIKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListAPIKeys pages through the keys that act in a team (an admin) or the caller's own of them (anyone else), newest
     * first. Never shows a key. Action key.create.
     * </pre>
     */
    public dev.casemate.secrets.v1.ListAPIKeysResponse listAPIKeys(dev.casemate.secrets.v1.ListAPIKeysRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListAPIKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RevokeAPIKey makes a key invalid at once, for good, in all teams that it acts in; repeating it is no error. One's own
     * (action key.create), or any that acts in the team (action member.manage; an owner's, owner.manage). A key that an owner
     * acts as one with is not the own one of a key that an admin made for the same user. A key that was made by the rotation
     * of one that may make no keys is revoked with that one (see RotateAPIKey).
     * Errors: NOT_FOUND (API_KEY_NOT_FOUND), for who may revoke any.
     * </pre>
     */
    public dev.casemate.secrets.v1.RevokeAPIKeyResponse revokeAPIKey(dev.casemate.secrets.v1.RevokeAPIKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeAPIKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RotateAPIKey replaces a key: the new one has the same user, teams, scopes, description and expiry, and the old one stops
     * after the overlap. Every valid key may rotate itself; its own user's others, who has the action key.create and every scope
     * of the key; any that acts in no team but the caller's, who has member.manage in all of them and every scope of the key.
     * A key has one successor, ever: being told that there is one already is a sign that somebody else has the key. What a key
     * that may make no keys (action key.create, in all its teams) made by rotating itself is revoked with it, so that a stolen
     * one can't outlive its revocation. It never lives longer than the old key would have.
     * Errors: NOT_FOUND (API_KEY_NOT_FOUND), FAILED_PRECONDITION (API_KEY_ROTATED; API_KEY_ENDED, for a key that is revoked or
     * expired), PERMISSION_DENIED (SCOPE_EXCEEDED, KEY_EXCHANGED), RESOURCE_EXHAUSTED (TOO_MANY_API_KEYS).
     * </pre>
     */
    public dev.casemate.secrets.v1.RotateAPIKeyResponse rotateAPIKey(dev.casemate.secrets.v1.RotateAPIKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRotateAPIKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateOIDCTrust lets workloads with tokens of an OIDC issuer have short-lived keys of a member's. Action member.manage.
     * Errors: ALREADY_EXISTS (OIDC_TRUST_EXISTS), NOT_FOUND (MEMBER_NOT_FOUND), FAILED_PRECONDITION (OIDC_ISSUER_NOT_ALLOWED),
     * PERMISSION_DENIED (SCOPE_EXCEEDED, KEY_EXCHANGED), RESOURCE_EXHAUSTED (TOO_MANY_OIDC_TRUSTS; a team has at most 100).
     * </pre>
     */
    public dev.casemate.secrets.v1.CreateOIDCTrustResponse createOIDCTrust(dev.casemate.secrets.v1.CreateOIDCTrustRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateOIDCTrustMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListOIDCTrusts pages through a team's trusts by id, ascending. Action member.manage.
     * </pre>
     */
    public dev.casemate.secrets.v1.ListOIDCTrustsResponse listOIDCTrusts(dev.casemate.secrets.v1.ListOIDCTrustsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListOIDCTrustsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteOIDCTrust ends a trust, and revokes the keys that were exchanged under it. Action member.manage; of one for an
     * owner, owner.manage.
     * Errors: NOT_FOUND (OIDC_TRUST_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.DeleteOIDCTrustResponse deleteOIDCTrust(dev.casemate.secrets.v1.DeleteOIDCTrustRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteOIDCTrustMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ExchangeToken makes a short-lived API key for who holds a token that meets a trust. It needs no API key. Such a key makes
     * neither keys nor trusts, and ends with its trust and with its user's membership.
     * Errors: UNAUTHENTICATED (OIDC_TOKEN_INVALID, when the token itself is no good: not signed by an allowed issuer, expired, not
     * valid yet; OIDC_TOKEN_REFUSED, in the same words whether there is no such trust or the token does not meet it;
     * OIDC_TOKEN_REPLAYED, when it was exchanged before), UNAVAILABLE (OIDC_ISSUER_UNAVAILABLE, when the issuer's keys can't be
     * had), RESOURCE_EXHAUSTED (TOO_MANY_FAILED_ATTEMPTS; TOO_MANY_API_KEYS; a trust has at most 1000 valid ones).
     * </pre>
     */
    public dev.casemate.secrets.v1.ExchangeTokenResponse exchangeToken(dev.casemate.secrets.v1.ExchangeTokenRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getExchangeTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WhoAmI says whom the presented API key stands for. Any valid key.
     * </pre>
     */
    public dev.casemate.secrets.v1.WhoAmIResponse whoAmI(dev.casemate.secrets.v1.WhoAmIRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getWhoAmIMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListAuditEntries pages through a team's part of the audit log by sequence, ascending, or through what of it is about one
     * secret. Action audit.read, on the team or on the secret. Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.secrets.v1.ListAuditEntriesResponse listAuditEntries(dev.casemate.secrets.v1.ListAuditEntriesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListAuditEntriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * VerifyAuditLog verifies the whole log, all teams': its hash chain, the signatures of its checkpoints, and that it
     * contains all checkpoints of secretsd's checkpoint file. Operators only (action audit.verify). A broken log is an
     * answer, not an error.
     * </pre>
     */
    public dev.casemate.secrets.v1.VerifyAuditLogResponse verifyAuditLog(dev.casemate.secrets.v1.VerifyAuditLogRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getVerifyAuditLogMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * TailAuditEntries sends a team's part of the audit log as it grows. Action audit.read; audit.read_all for the whole log.
     * A reader may be slow, but takes each piece within a minute. Whether the caller still may read is asked again before
     * anything is sent. Errors: ABORTED (READER_TOO_SLOW) and UNAVAILABLE (SECRETSD_STOPPING), both with the metadata
     * `after_sequence` to go on from; UNAUTHENTICATED (API_KEY_INVALID) and PERMISSION_DENIED (PERMISSION_DENIED) also later.
     * </pre>
     */
    public java.util.Iterator<dev.casemate.secrets.v1.TailAuditEntriesResponse> tailAuditEntries(
        dev.casemate.secrets.v1.TailAuditEntriesRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getTailAuditEntriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ExportAuditLog sends the whole audit log, all teams', with its checkpoints, so that it can be verified without secretsd.
     * Operators only (action audit.read_all). Errors: NOT_FOUND (CHECKPOINT_NOT_FOUND), where after_sequence is no
     * checkpoint's; ABORTED (READER_TOO_SLOW), when a piece is not taken within a minute.
     * </pre>
     */
    public java.util.Iterator<dev.casemate.secrets.v1.ExportAuditLogResponse> exportAuditLog(
        dev.casemate.secrets.v1.ExportAuditLogRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getExportAuditLogMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SecretsManager.
   * <pre>
   * SecretsManager owns teams, members, API keys, secrets, secret versions and the audit log.
   * Authentication: every rpc but WatchRevocations and ReportSandboxes, which are for workloads, and ExchangeToken needs
   * `authorization: Bearer &lt;API key&gt;` metadata. Without a valid key the answer is UNAUTHENTICATED (reason API_KEY_MISSING,
   * API_KEY_MALFORMED or API_KEY_INVALID), or, after many such answers to one address, RESOURCE_EXHAUSTED
   * (TOO_MANY_FAILED_ATTEMPTS) with google.rpc.RetryInfo for a while. BatchAccessSecretVersions needs, in
   * addition, an mTLS client certificate whose SPIFFE ID secretsd is configured to trust.
   * Authorization: an action needs both a role in the team and a scope on the key; what is not granted is denied with
   * PERMISSION_DENIED (reason PERMISSION_DENIED), worded the same whether or not the thing exists. A key acts in the team it
   * was made in, its home team, and in those that other keys of its user's were presented for; in each as long as its user
   * is a member. The operator's first key, which secretsd's first start writes to a file, belongs to no team: it acts in all
   * teams that the operator is a member of, and is the only one with an operator's rights.
   * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
   * with google.rpc.BadRequest. Changes are durable before they are answered, and audited before that: when the audit
   * entry can't be written, the call fails with UNAVAILABLE (reason AUDIT_UNAVAILABLE) and nothing happened. While secretsd
   * waits for its key-encryption key, whatever needs a key is UNAVAILABLE (reason SEALED) with google.rpc.RetryInfo: a value
   * that is read, used or added, a team that is made, a key that is rotated. Everything else is answered.
   * Limits: every rpc may be refused with RESOURCE_EXHAUSTED and google.rpc.RetryInfo, and then did nothing: RATE_LIMITED when
   * the user or the team has called too often, TOO_MANY_CALLS when the user has too many calls under way, OVERLOADED when
   * secretsd has more than it can answer in time. The operator sets how much that is. A request has at most 1 MiB.
   * </pre>
   */
  public static final class SecretsManagerFutureStub
      extends io.grpc.stub.AbstractFutureStub<SecretsManagerFutureStub> {
    private SecretsManagerFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SecretsManagerFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SecretsManagerFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSecret makes a secret, and its version 1 when `data` or `generate` is given. Action secret.manage.
     * Errors: ALREADY_EXISTS (SECRET_EXISTS, for the name of a deleted secret too; REQUEST_ID_CONFLICT), INVALID_ARGUMENT
     * (DATA_CORRUPTED), NOT_FOUND (SECRET_NOT_FOUND, for a repeat whose secret was purged since), RESOURCE_EXHAUSTED
     * (TOO_MANY_SECRETS; a team has at most 5000, deleted ones too).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.CreateSecretResponse> createSecret(
        dev.casemate.secrets.v1.CreateSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetSecret returns a secret's metadata, never a value; a deleted one's too, with its `delete_time`. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.GetSecretResponse> getSecret(
        dev.casemate.secrets.v1.GetSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSecrets pages through a team's secrets by name, ascending; deleted ones only when asked for. Action secret.list; to
     * a member whose role does not list (SERVICE), it shows those that a grant lets the member list.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.ListSecretsResponse> listSecrets(
        dev.casemate.secrets.v1.ListSecretsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSecretsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateSecret changes what a secret says of itself: the fields of `update_mask`. Action secret.manage. What lets more
     * people at the value needs the rights that it gives, as for a grant: `restricted` is taken back by who may use and access
     * the value, and `injection` is weakened (from BROKER_ONLY, or by another host) by who may access it.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED; VERSION_NOT_FOUND, for an alias), FAILED_PRECONDITION
     * (VERSION_DESTROYED, for an alias), ABORTED (ETAG_MISMATCH), PERMISSION_DENIED (RIGHT_EXCEEDED).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.UpdateSecretResponse> updateSecret(
        dev.casemate.secrets.v1.UpdateSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteSecret deletes a secret: from now on nobody can use, read or change it, and its name stays taken. UndeleteSecret
     * brings it back until its `purge_time`; then secretsd erases it, values and all. `purge` erases it now, one that was
     * deleted before too. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND; SECRET_DELETED, without `purge`), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.DeleteSecretResponse> deleteSecret(
        dev.casemate.secrets.v1.DeleteSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UndeleteSecret brings a deleted secret back with all its versions as they were, but for those that were to be destroyed
     * meanwhile. An `expire_time` that has passed is taken away. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, also for one whose `purge_time` has come), ALREADY_EXISTS (SECRET_NOT_DELETED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.UndeleteSecretResponse> undeleteSecret(
        dev.casemate.secrets.v1.UndeleteSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUndeleteSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * AddSecretVersion adds an immutable version, which becomes `latest`. Action version.add.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED; VERSION_NOT_FOUND, never for a first call), INVALID_ARGUMENT
     * (DATA_CORRUPTED), ALREADY_EXISTS (REQUEST_ID_CONFLICT), ABORTED (ETAG_MISMATCH), RESOURCE_EXHAUSTED
     * (TOO_MANY_VERSIONS; a secret has at most 1000 that are not destroyed).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.AddSecretVersionResponse> addSecretVersion(
        dev.casemate.secrets.v1.AddSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAddSecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetSecretVersion returns a version's metadata, never its value. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND), FAILED_PRECONDITION
     * (VERSION_DESTROYED, for `latest` when all versions are destroyed).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.GetSecretVersionResponse> getSecretVersion(
        dev.casemate.secrets.v1.GetSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSecretVersions pages through a secret's versions, newest first. Action secret.list.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.ListSecretVersionsResponse> listSecretVersions(
        dev.casemate.secrets.v1.ListSecretVersionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSecretVersionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * EnableSecretVersion makes a DISABLED version usable again, and takes back a destroy that is not due yet; repeating it
     * is no error. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), FAILED_PRECONDITION (VERSION_DESTROYED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.EnableSecretVersionResponse> enableSecretVersion(
        dev.casemate.secrets.v1.EnableSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEnableSecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DisableSecretVersion makes a version unusable until it is enabled; repeating it is no error. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), FAILED_PRECONDITION (VERSION_DESTROYED),
     * ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.DisableSecretVersionResponse> disableSecretVersion(
        dev.casemate.secrets.v1.DisableSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDisableSecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DestroySecretVersion deletes a version's ciphertext for good; the row stays as DESTROYED. On a secret with a
     * `version_destroy_ttl` it disables the version now, and secretsd destroys it at its `scheduled_destroy_time`. Repeating
     * it is no error and moves no time. Action secret.manage.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.DestroySecretVersionResponse> destroySecretVersion(
        dev.casemate.secrets.v1.DestroySecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDestroySecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * AccessSecretVersion returns a version's value to a person or program that may read it. Action version.access.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, SECRET_DELETED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND), FAILED_PRECONDITION
     * (SECRET_EXPIRED, VERSION_DISABLED, VERSION_DESTROYED, FIELD_NOT_FOUND, NOT_STRUCTURED).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.AccessSecretVersionResponse> accessSecretVersion(
        dev.casemate.secrets.v1.AccessSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAccessSecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * BatchAccessSecretVersions resolves the references of one sandbox, all or nothing, for injection only. The
     * connection must carry an mTLS client certificate with a SPIFFE ID that secretsd allows to resolve, and the
     * authorization metadata must be the end caller's own API key: each reference needs the end caller's version.use.
     * Each value leaves a receipt, see ListSecretUses. A sandbox's id can be resolved once: after an answer that got lost the
     * sandbox needs a new id.
     * Errors: PERMISSION_DENIED (WORKLOAD_NOT_ALLOWED) for a peer that may not resolve, whoever the caller is;
     * FAILED_PRECONDITION (SANDBOX_ALREADY_RESOLVED) when the peer got values under this sandbox id before;
     * FAILED_PRECONDITION (SECRETS_UNRESOLVED) with one google.rpc.PreconditionFailure violation for every reference that
     * failed: `type` is SECRET_NOT_FOUND, SECRET_DELETED, SECRET_EXPIRED, VERSION_NOT_FOUND, ALIAS_NOT_FOUND,
     * VERSION_DISABLED, VERSION_DESTROYED, FIELD_NOT_FOUND, NOT_STRUCTURED, VALUE_NOT_INJECTABLE (it holds a NUL byte),
     * INJECTION_NOT_AVAILABLE (the secret's injection policy is BROKER_ONLY, and there is no broker yet) or
     * PERMISSION_DENIED; `subject` is the reference's full
     * resource name. A caller who may not use the team's secrets gets PERMISSION_DENIED for every reference, in the same
     * words whether or not team and secret exist; so does a member whose role does not list secrets, of one that is
     * restricted or does not exist.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse> batchAccessSecretVersions(
        dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBatchAccessSecretVersionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSecretUses pages through the receipts of a secret, newest first: which sandboxes hold or held which version, and who
     * ran them. Action audit.read. Errors: NOT_FOUND (SECRET_NOT_FOUND, VERSION_NOT_FOUND).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.ListSecretUsesResponse> listSecretUses(
        dev.casemate.secrets.v1.ListSecretUsesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSecretUsesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RevokeSecretVersion disables a version and takes it back from where it is in use: no sandbox gets it after the answer, and
     * the workloads that run sandboxes are told at once, or when they are back, to end those that hold it. Enabling the
     * version lifts the revocation. Of a destroyed version, which sandboxes may still hold, only these are ended. Repeating the
     * call is no error. Action secret.manage. Errors: NOT_FOUND (SECRET_NOT_FOUND, VERSION_NOT_FOUND).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.RevokeSecretVersionResponse> revokeSecretVersion(
        dev.casemate.secrets.v1.RevokeSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeSecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ReportSandboxes tells secretsd which of the calling workload's sandboxes have ended; of others' it can't. Repeating it is
     * no error. For workloads: it takes no API key but an mTLS client certificate with a SPIFFE ID that secretsd allows to
     * resolve. Errors: PERMISSION_DENIED (WORKLOAD_NOT_ALLOWED).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.ReportSandboxesResponse> reportSandboxes(
        dev.casemate.secrets.v1.ReportSandboxesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReportSandboxesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * EndWorkloadInstance records that everything has ended that an instance of a workload ran: its machine, or all that it kept, is
     * gone, so that nobody else can report it. Make sure of it first: what still runs keeps its values, and a revocation passes it
     * by. Repeating it is no error, and neither is an instance that is not known. Action workload.manage, which operators may.
     * Errors: FAILED_PRECONDITION (INSTANCE_CONNECTED) for one that is watching revocations at the moment.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.EndWorkloadInstanceResponse> endWorkloadInstance(
        dev.casemate.secrets.v1.EndWorkloadInstanceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEndWorkloadInstanceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreateSecretGrant gives a member, or the members of a role, rights to one secret. Action secret.manage on the secret; and
     * nobody gives a right that he does not hold himself, with the calling key, whatever the request and for ever. A grant is
     * not changed afterwards, it is deleted and another is made: so two people who work on a secret's rights never overwrite
     * each other's, nothing has to be read before, and the audit log has each right's beginning and end. A grant that is there
     * already is returned as it is. Errors: NOT_FOUND (SECRET_NOT_FOUND, MEMBER_NOT_FOUND), PERMISSION_DENIED
     * (RIGHT_EXCEEDED), RESOURCE_EXHAUSTED (TOO_MANY_GRANTS; a secret has at most 100).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.CreateSecretGrantResponse> createSecretGrant(
        dev.casemate.secrets.v1.CreateSecretGrantRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateSecretGrantMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteSecretGrant takes a grant away, at once. Action secret.manage on the secret.
     * Errors: NOT_FOUND (SECRET_NOT_FOUND, GRANT_NOT_FOUND).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.DeleteSecretGrantResponse> deleteSecretGrant(
        dev.casemate.secrets.v1.DeleteSecretGrantRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteSecretGrantMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSecretGrants returns all grants of a secret. Action grant.list on the secret, which goes with secret.manage and with
     * audit.read. Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.ListSecretGrantsResponse> listSecretGrants(
        dev.casemate.secrets.v1.ListSecretGrantsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSecretGrantsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * TestPermissions says what the caller may do with a team or a secret, by the same function that decides when it is done.
     * Any valid key. It tells nothing of what exists: of a secret that does not, it says what the caller's role may do with
     * any. Nothing is audited. Errors: INVALID_ARGUMENT for an action that is none, or none on such a resource.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.TestPermissionsResponse> testPermissions(
        dev.casemate.secrets.v1.TestPermissionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getTestPermissionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreateTeam makes a team and its data key; the caller becomes its owner. Operators only (action team.create).
     * Errors: ALREADY_EXISTS (TEAM_EXISTS, TEAM_DELETED), RESOURCE_EXHAUSTED (TOO_MANY_TEAMS; there are at most 10000),
     * UNAVAILABLE (SEALED).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.CreateTeamResponse> createTeam(
        dev.casemate.secrets.v1.CreateTeamRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateTeamMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetTeam returns one team of the caller's. Action team.get.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.GetTeamResponse> getTeam(
        dev.casemate.secrets.v1.GetTeamRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetTeamMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListTeams pages through the teams that the key acts in, by name; an operator sees all. Any valid key.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.ListTeamsResponse> listTeams(
        dev.casemate.secrets.v1.ListTeamsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListTeamsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateTeam changes what holds for a whole team: the fields of `update_mask`. Action team.update, which owners and admins
     * have. Errors: ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.UpdateTeamResponse> updateTeam(
        dev.casemate.secrets.v1.UpdateTeamRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateTeamMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteTeam ends a team for good: its data key, the ciphertext of all its values and its members are destroyed, the
     * keys whose home it is are revoked, and other keys lose it. What the audit log says of it stays, and its name stays
     * taken. Copies of the database from before open only with the key-encryption key: rotate that too, and they don't.
     * Action team.delete, or an operator. Errors: NOT_FOUND (TEAM_NOT_FOUND, for operators), ABORTED (ETAG_MISMATCH).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.DeleteTeamResponse> deleteTeam(
        dev.casemate.secrets.v1.DeleteTeamRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteTeamMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RotateKEK makes a new key-encryption key and has every team's data key wrapped anew, in the background; calls go on
     * meanwhile, and a restart goes on where it was. While a rotation is under way it starts none, and answers how far
     * that is. When no data key needs them, the keys before it are dropped. Operators only (action kek.manage).
     * Errors: UNAVAILABLE (SEALED, KEK_UNAVAILABLE).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.RotateKEKResponse> rotateKEK(
        dev.casemate.secrets.v1.RotateKEKRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRotateKEKMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RotateDataKey makes a new data key of a team and has every value of the team's sealed anew, in the background; calls
     * go on meanwhile, and a restart goes on where it was. While a rotation is under way it starts none, and answers how
     * far that is. When no version needs them, the keys before it are dropped. Action team.rotate_key.
     * Errors: UNAVAILABLE (SEALED).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.RotateDataKeyResponse> rotateDataKey(
        dev.casemate.secrets.v1.RotateDataKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRotateDataKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetKeyStatus says which keys there are, and how much still needs a retired one. Of a team: action team.get. Of the
     * whole installation: operators only (action kek.manage), answered while secretsd is sealed too.
     * Errors: UNAVAILABLE (SEALED, for a team).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.GetKeyStatusResponse> getKeyStatus(
        dev.casemate.secrets.v1.GetKeyStatusRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetKeyStatusMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreateMember adds a user to a team with a role. Action member.manage; to make an owner, owner.manage, which owners have.
     * A role that may read values (OWNER, ADMIN) is given with a key that has the scope READ. Errors: ALREADY_EXISTS
     * (MEMBER_EXISTS), PERMISSION_DENIED (SCOPE_EXCEEDED), RESOURCE_EXHAUSTED (TOO_MANY_MEMBERS; a team has at most 1000).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.CreateMemberResponse> createMember(
        dev.casemate.secrets.v1.CreateMemberRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateMemberMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListMembers pages through a team's members, by user. Action team.get.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.ListMembersResponse> listMembers(
        dev.casemate.secrets.v1.ListMembersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListMembersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateMember changes a member's role. Action member.manage, and owner.manage from or to OWNER. A role that may read
     * values (OWNER, ADMIN) is given with a key that has the scope READ.
     * Errors: NOT_FOUND (MEMBER_NOT_FOUND), PERMISSION_DENIED (SCOPE_EXCEEDED), FAILED_PRECONDITION (LAST_OWNER).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.UpdateMemberResponse> updateMember(
        dev.casemate.secrets.v1.UpdateMemberRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateMemberMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteMember removes a user from a team with the grants to the user by name, revokes the user's keys whose home it is,
     * and takes the team for good from the user's other keys that act in it, which go on in their other teams. Action
     * member.manage; of an owner, owner.manage. Errors: NOT_FOUND (MEMBER_NOT_FOUND), FAILED_PRECONDITION (LAST_OWNER).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.DeleteMemberResponse> deleteMember(
        dev.casemate.secrets.v1.DeleteMemberRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteMemberMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreateAPIKey makes a key for a member of a team and returns the whole key, this once. A member makes keys for
     * itself (action key.create); an admin for any member (action member.manage) but an owner (owner.manage). A key that an
     * admin made for another member has the rights of the member's role, and nothing of what is granted to the member by
     * name: else admins could help themselves to that. For such grants a member needs a key that an owner made, or one that
     * it made itself with such a key. A key can never be given scopes that
     * the calling key lacks. With `other_keys`, the new key acts in their teams too; the audit log of every team concerned
     * has an entry about it, under the key that was presented for that team. Errors: NOT_FOUND (MEMBER_NOT_FOUND),
     * PERMISSION_DENIED (SCOPE_EXCEEDED, OTHER_KEYS_REFUSED), RESOURCE_EXHAUSTED (TOO_MANY_API_KEYS; a user has at most
     * 100 valid ones in a team; TOO_MANY_KEY_TEAMS; a key acts in at most 32).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.CreateAPIKeyResponse> createAPIKey(
        dev.casemate.secrets.v1.CreateAPIKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateAPIKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListAPIKeys pages through the keys that act in a team (an admin) or the caller's own of them (anyone else), newest
     * first. Never shows a key. Action key.create.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.ListAPIKeysResponse> listAPIKeys(
        dev.casemate.secrets.v1.ListAPIKeysRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListAPIKeysMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RevokeAPIKey makes a key invalid at once, for good, in all teams that it acts in; repeating it is no error. One's own
     * (action key.create), or any that acts in the team (action member.manage; an owner's, owner.manage). A key that an owner
     * acts as one with is not the own one of a key that an admin made for the same user. A key that was made by the rotation
     * of one that may make no keys is revoked with that one (see RotateAPIKey).
     * Errors: NOT_FOUND (API_KEY_NOT_FOUND), for who may revoke any.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.RevokeAPIKeyResponse> revokeAPIKey(
        dev.casemate.secrets.v1.RevokeAPIKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeAPIKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RotateAPIKey replaces a key: the new one has the same user, teams, scopes, description and expiry, and the old one stops
     * after the overlap. Every valid key may rotate itself; its own user's others, who has the action key.create and every scope
     * of the key; any that acts in no team but the caller's, who has member.manage in all of them and every scope of the key.
     * A key has one successor, ever: being told that there is one already is a sign that somebody else has the key. What a key
     * that may make no keys (action key.create, in all its teams) made by rotating itself is revoked with it, so that a stolen
     * one can't outlive its revocation. It never lives longer than the old key would have.
     * Errors: NOT_FOUND (API_KEY_NOT_FOUND), FAILED_PRECONDITION (API_KEY_ROTATED; API_KEY_ENDED, for a key that is revoked or
     * expired), PERMISSION_DENIED (SCOPE_EXCEEDED, KEY_EXCHANGED), RESOURCE_EXHAUSTED (TOO_MANY_API_KEYS).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.RotateAPIKeyResponse> rotateAPIKey(
        dev.casemate.secrets.v1.RotateAPIKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRotateAPIKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreateOIDCTrust lets workloads with tokens of an OIDC issuer have short-lived keys of a member's. Action member.manage.
     * Errors: ALREADY_EXISTS (OIDC_TRUST_EXISTS), NOT_FOUND (MEMBER_NOT_FOUND), FAILED_PRECONDITION (OIDC_ISSUER_NOT_ALLOWED),
     * PERMISSION_DENIED (SCOPE_EXCEEDED, KEY_EXCHANGED), RESOURCE_EXHAUSTED (TOO_MANY_OIDC_TRUSTS; a team has at most 100).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.CreateOIDCTrustResponse> createOIDCTrust(
        dev.casemate.secrets.v1.CreateOIDCTrustRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateOIDCTrustMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListOIDCTrusts pages through a team's trusts by id, ascending. Action member.manage.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.ListOIDCTrustsResponse> listOIDCTrusts(
        dev.casemate.secrets.v1.ListOIDCTrustsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListOIDCTrustsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteOIDCTrust ends a trust, and revokes the keys that were exchanged under it. Action member.manage; of one for an
     * owner, owner.manage.
     * Errors: NOT_FOUND (OIDC_TRUST_NOT_FOUND).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.DeleteOIDCTrustResponse> deleteOIDCTrust(
        dev.casemate.secrets.v1.DeleteOIDCTrustRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteOIDCTrustMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ExchangeToken makes a short-lived API key for who holds a token that meets a trust. It needs no API key. Such a key makes
     * neither keys nor trusts, and ends with its trust and with its user's membership.
     * Errors: UNAUTHENTICATED (OIDC_TOKEN_INVALID, when the token itself is no good: not signed by an allowed issuer, expired, not
     * valid yet; OIDC_TOKEN_REFUSED, in the same words whether there is no such trust or the token does not meet it;
     * OIDC_TOKEN_REPLAYED, when it was exchanged before), UNAVAILABLE (OIDC_ISSUER_UNAVAILABLE, when the issuer's keys can't be
     * had), RESOURCE_EXHAUSTED (TOO_MANY_FAILED_ATTEMPTS; TOO_MANY_API_KEYS; a trust has at most 1000 valid ones).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.ExchangeTokenResponse> exchangeToken(
        dev.casemate.secrets.v1.ExchangeTokenRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getExchangeTokenMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * WhoAmI says whom the presented API key stands for. Any valid key.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.WhoAmIResponse> whoAmI(
        dev.casemate.secrets.v1.WhoAmIRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getWhoAmIMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListAuditEntries pages through a team's part of the audit log by sequence, ascending, or through what of it is about one
     * secret. Action audit.read, on the team or on the secret. Errors: NOT_FOUND (SECRET_NOT_FOUND).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.ListAuditEntriesResponse> listAuditEntries(
        dev.casemate.secrets.v1.ListAuditEntriesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListAuditEntriesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * VerifyAuditLog verifies the whole log, all teams': its hash chain, the signatures of its checkpoints, and that it
     * contains all checkpoints of secretsd's checkpoint file. Operators only (action audit.verify). A broken log is an
     * answer, not an error.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.secrets.v1.VerifyAuditLogResponse> verifyAuditLog(
        dev.casemate.secrets.v1.VerifyAuditLogRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getVerifyAuditLogMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_SECRET = 0;
  private static final int METHODID_GET_SECRET = 1;
  private static final int METHODID_LIST_SECRETS = 2;
  private static final int METHODID_UPDATE_SECRET = 3;
  private static final int METHODID_DELETE_SECRET = 4;
  private static final int METHODID_UNDELETE_SECRET = 5;
  private static final int METHODID_ADD_SECRET_VERSION = 6;
  private static final int METHODID_GET_SECRET_VERSION = 7;
  private static final int METHODID_LIST_SECRET_VERSIONS = 8;
  private static final int METHODID_ENABLE_SECRET_VERSION = 9;
  private static final int METHODID_DISABLE_SECRET_VERSION = 10;
  private static final int METHODID_DESTROY_SECRET_VERSION = 11;
  private static final int METHODID_ACCESS_SECRET_VERSION = 12;
  private static final int METHODID_BATCH_ACCESS_SECRET_VERSIONS = 13;
  private static final int METHODID_LIST_SECRET_USES = 14;
  private static final int METHODID_REVOKE_SECRET_VERSION = 15;
  private static final int METHODID_WATCH_REVOCATIONS = 16;
  private static final int METHODID_REPORT_SANDBOXES = 17;
  private static final int METHODID_END_WORKLOAD_INSTANCE = 18;
  private static final int METHODID_CREATE_SECRET_GRANT = 19;
  private static final int METHODID_DELETE_SECRET_GRANT = 20;
  private static final int METHODID_LIST_SECRET_GRANTS = 21;
  private static final int METHODID_TEST_PERMISSIONS = 22;
  private static final int METHODID_CREATE_TEAM = 23;
  private static final int METHODID_GET_TEAM = 24;
  private static final int METHODID_LIST_TEAMS = 25;
  private static final int METHODID_UPDATE_TEAM = 26;
  private static final int METHODID_DELETE_TEAM = 27;
  private static final int METHODID_ROTATE_KEK = 28;
  private static final int METHODID_ROTATE_DATA_KEY = 29;
  private static final int METHODID_GET_KEY_STATUS = 30;
  private static final int METHODID_CREATE_MEMBER = 31;
  private static final int METHODID_LIST_MEMBERS = 32;
  private static final int METHODID_UPDATE_MEMBER = 33;
  private static final int METHODID_DELETE_MEMBER = 34;
  private static final int METHODID_CREATE_APIKEY = 35;
  private static final int METHODID_LIST_APIKEYS = 36;
  private static final int METHODID_REVOKE_APIKEY = 37;
  private static final int METHODID_ROTATE_APIKEY = 38;
  private static final int METHODID_CREATE_OIDCTRUST = 39;
  private static final int METHODID_LIST_OIDCTRUSTS = 40;
  private static final int METHODID_DELETE_OIDCTRUST = 41;
  private static final int METHODID_EXCHANGE_TOKEN = 42;
  private static final int METHODID_WHO_AM_I = 43;
  private static final int METHODID_LIST_AUDIT_ENTRIES = 44;
  private static final int METHODID_VERIFY_AUDIT_LOG = 45;
  private static final int METHODID_TAIL_AUDIT_ENTRIES = 46;
  private static final int METHODID_EXPORT_AUDIT_LOG = 47;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_CREATE_SECRET:
          serviceImpl.createSecret((dev.casemate.secrets.v1.CreateSecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateSecretResponse>) responseObserver);
          break;
        case METHODID_GET_SECRET:
          serviceImpl.getSecret((dev.casemate.secrets.v1.GetSecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.GetSecretResponse>) responseObserver);
          break;
        case METHODID_LIST_SECRETS:
          serviceImpl.listSecrets((dev.casemate.secrets.v1.ListSecretsRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListSecretsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_SECRET:
          serviceImpl.updateSecret((dev.casemate.secrets.v1.UpdateSecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.UpdateSecretResponse>) responseObserver);
          break;
        case METHODID_DELETE_SECRET:
          serviceImpl.deleteSecret((dev.casemate.secrets.v1.DeleteSecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteSecretResponse>) responseObserver);
          break;
        case METHODID_UNDELETE_SECRET:
          serviceImpl.undeleteSecret((dev.casemate.secrets.v1.UndeleteSecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.UndeleteSecretResponse>) responseObserver);
          break;
        case METHODID_ADD_SECRET_VERSION:
          serviceImpl.addSecretVersion((dev.casemate.secrets.v1.AddSecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.AddSecretVersionResponse>) responseObserver);
          break;
        case METHODID_GET_SECRET_VERSION:
          serviceImpl.getSecretVersion((dev.casemate.secrets.v1.GetSecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.GetSecretVersionResponse>) responseObserver);
          break;
        case METHODID_LIST_SECRET_VERSIONS:
          serviceImpl.listSecretVersions((dev.casemate.secrets.v1.ListSecretVersionsRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListSecretVersionsResponse>) responseObserver);
          break;
        case METHODID_ENABLE_SECRET_VERSION:
          serviceImpl.enableSecretVersion((dev.casemate.secrets.v1.EnableSecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.EnableSecretVersionResponse>) responseObserver);
          break;
        case METHODID_DISABLE_SECRET_VERSION:
          serviceImpl.disableSecretVersion((dev.casemate.secrets.v1.DisableSecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DisableSecretVersionResponse>) responseObserver);
          break;
        case METHODID_DESTROY_SECRET_VERSION:
          serviceImpl.destroySecretVersion((dev.casemate.secrets.v1.DestroySecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DestroySecretVersionResponse>) responseObserver);
          break;
        case METHODID_ACCESS_SECRET_VERSION:
          serviceImpl.accessSecretVersion((dev.casemate.secrets.v1.AccessSecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.AccessSecretVersionResponse>) responseObserver);
          break;
        case METHODID_BATCH_ACCESS_SECRET_VERSIONS:
          serviceImpl.batchAccessSecretVersions((dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse>) responseObserver);
          break;
        case METHODID_LIST_SECRET_USES:
          serviceImpl.listSecretUses((dev.casemate.secrets.v1.ListSecretUsesRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListSecretUsesResponse>) responseObserver);
          break;
        case METHODID_REVOKE_SECRET_VERSION:
          serviceImpl.revokeSecretVersion((dev.casemate.secrets.v1.RevokeSecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RevokeSecretVersionResponse>) responseObserver);
          break;
        case METHODID_WATCH_REVOCATIONS:
          serviceImpl.watchRevocations((dev.casemate.secrets.v1.WatchRevocationsRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.WatchRevocationsResponse>) responseObserver);
          break;
        case METHODID_REPORT_SANDBOXES:
          serviceImpl.reportSandboxes((dev.casemate.secrets.v1.ReportSandboxesRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ReportSandboxesResponse>) responseObserver);
          break;
        case METHODID_END_WORKLOAD_INSTANCE:
          serviceImpl.endWorkloadInstance((dev.casemate.secrets.v1.EndWorkloadInstanceRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.EndWorkloadInstanceResponse>) responseObserver);
          break;
        case METHODID_CREATE_SECRET_GRANT:
          serviceImpl.createSecretGrant((dev.casemate.secrets.v1.CreateSecretGrantRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateSecretGrantResponse>) responseObserver);
          break;
        case METHODID_DELETE_SECRET_GRANT:
          serviceImpl.deleteSecretGrant((dev.casemate.secrets.v1.DeleteSecretGrantRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteSecretGrantResponse>) responseObserver);
          break;
        case METHODID_LIST_SECRET_GRANTS:
          serviceImpl.listSecretGrants((dev.casemate.secrets.v1.ListSecretGrantsRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListSecretGrantsResponse>) responseObserver);
          break;
        case METHODID_TEST_PERMISSIONS:
          serviceImpl.testPermissions((dev.casemate.secrets.v1.TestPermissionsRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.TestPermissionsResponse>) responseObserver);
          break;
        case METHODID_CREATE_TEAM:
          serviceImpl.createTeam((dev.casemate.secrets.v1.CreateTeamRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateTeamResponse>) responseObserver);
          break;
        case METHODID_GET_TEAM:
          serviceImpl.getTeam((dev.casemate.secrets.v1.GetTeamRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.GetTeamResponse>) responseObserver);
          break;
        case METHODID_LIST_TEAMS:
          serviceImpl.listTeams((dev.casemate.secrets.v1.ListTeamsRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListTeamsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_TEAM:
          serviceImpl.updateTeam((dev.casemate.secrets.v1.UpdateTeamRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.UpdateTeamResponse>) responseObserver);
          break;
        case METHODID_DELETE_TEAM:
          serviceImpl.deleteTeam((dev.casemate.secrets.v1.DeleteTeamRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteTeamResponse>) responseObserver);
          break;
        case METHODID_ROTATE_KEK:
          serviceImpl.rotateKEK((dev.casemate.secrets.v1.RotateKEKRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RotateKEKResponse>) responseObserver);
          break;
        case METHODID_ROTATE_DATA_KEY:
          serviceImpl.rotateDataKey((dev.casemate.secrets.v1.RotateDataKeyRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RotateDataKeyResponse>) responseObserver);
          break;
        case METHODID_GET_KEY_STATUS:
          serviceImpl.getKeyStatus((dev.casemate.secrets.v1.GetKeyStatusRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.GetKeyStatusResponse>) responseObserver);
          break;
        case METHODID_CREATE_MEMBER:
          serviceImpl.createMember((dev.casemate.secrets.v1.CreateMemberRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateMemberResponse>) responseObserver);
          break;
        case METHODID_LIST_MEMBERS:
          serviceImpl.listMembers((dev.casemate.secrets.v1.ListMembersRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListMembersResponse>) responseObserver);
          break;
        case METHODID_UPDATE_MEMBER:
          serviceImpl.updateMember((dev.casemate.secrets.v1.UpdateMemberRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.UpdateMemberResponse>) responseObserver);
          break;
        case METHODID_DELETE_MEMBER:
          serviceImpl.deleteMember((dev.casemate.secrets.v1.DeleteMemberRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteMemberResponse>) responseObserver);
          break;
        case METHODID_CREATE_APIKEY:
          serviceImpl.createAPIKey((dev.casemate.secrets.v1.CreateAPIKeyRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateAPIKeyResponse>) responseObserver);
          break;
        case METHODID_LIST_APIKEYS:
          serviceImpl.listAPIKeys((dev.casemate.secrets.v1.ListAPIKeysRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListAPIKeysResponse>) responseObserver);
          break;
        case METHODID_REVOKE_APIKEY:
          serviceImpl.revokeAPIKey((dev.casemate.secrets.v1.RevokeAPIKeyRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RevokeAPIKeyResponse>) responseObserver);
          break;
        case METHODID_ROTATE_APIKEY:
          serviceImpl.rotateAPIKey((dev.casemate.secrets.v1.RotateAPIKeyRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.RotateAPIKeyResponse>) responseObserver);
          break;
        case METHODID_CREATE_OIDCTRUST:
          serviceImpl.createOIDCTrust((dev.casemate.secrets.v1.CreateOIDCTrustRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.CreateOIDCTrustResponse>) responseObserver);
          break;
        case METHODID_LIST_OIDCTRUSTS:
          serviceImpl.listOIDCTrusts((dev.casemate.secrets.v1.ListOIDCTrustsRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListOIDCTrustsResponse>) responseObserver);
          break;
        case METHODID_DELETE_OIDCTRUST:
          serviceImpl.deleteOIDCTrust((dev.casemate.secrets.v1.DeleteOIDCTrustRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.DeleteOIDCTrustResponse>) responseObserver);
          break;
        case METHODID_EXCHANGE_TOKEN:
          serviceImpl.exchangeToken((dev.casemate.secrets.v1.ExchangeTokenRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ExchangeTokenResponse>) responseObserver);
          break;
        case METHODID_WHO_AM_I:
          serviceImpl.whoAmI((dev.casemate.secrets.v1.WhoAmIRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.WhoAmIResponse>) responseObserver);
          break;
        case METHODID_LIST_AUDIT_ENTRIES:
          serviceImpl.listAuditEntries((dev.casemate.secrets.v1.ListAuditEntriesRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ListAuditEntriesResponse>) responseObserver);
          break;
        case METHODID_VERIFY_AUDIT_LOG:
          serviceImpl.verifyAuditLog((dev.casemate.secrets.v1.VerifyAuditLogRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.VerifyAuditLogResponse>) responseObserver);
          break;
        case METHODID_TAIL_AUDIT_ENTRIES:
          serviceImpl.tailAuditEntries((dev.casemate.secrets.v1.TailAuditEntriesRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.TailAuditEntriesResponse>) responseObserver);
          break;
        case METHODID_EXPORT_AUDIT_LOG:
          serviceImpl.exportAuditLog((dev.casemate.secrets.v1.ExportAuditLogRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.secrets.v1.ExportAuditLogResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getCreateSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.CreateSecretRequest,
              dev.casemate.secrets.v1.CreateSecretResponse>(
                service, METHODID_CREATE_SECRET)))
        .addMethod(
          getGetSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.GetSecretRequest,
              dev.casemate.secrets.v1.GetSecretResponse>(
                service, METHODID_GET_SECRET)))
        .addMethod(
          getListSecretsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.ListSecretsRequest,
              dev.casemate.secrets.v1.ListSecretsResponse>(
                service, METHODID_LIST_SECRETS)))
        .addMethod(
          getUpdateSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.UpdateSecretRequest,
              dev.casemate.secrets.v1.UpdateSecretResponse>(
                service, METHODID_UPDATE_SECRET)))
        .addMethod(
          getDeleteSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.DeleteSecretRequest,
              dev.casemate.secrets.v1.DeleteSecretResponse>(
                service, METHODID_DELETE_SECRET)))
        .addMethod(
          getUndeleteSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.UndeleteSecretRequest,
              dev.casemate.secrets.v1.UndeleteSecretResponse>(
                service, METHODID_UNDELETE_SECRET)))
        .addMethod(
          getAddSecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.AddSecretVersionRequest,
              dev.casemate.secrets.v1.AddSecretVersionResponse>(
                service, METHODID_ADD_SECRET_VERSION)))
        .addMethod(
          getGetSecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.GetSecretVersionRequest,
              dev.casemate.secrets.v1.GetSecretVersionResponse>(
                service, METHODID_GET_SECRET_VERSION)))
        .addMethod(
          getListSecretVersionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.ListSecretVersionsRequest,
              dev.casemate.secrets.v1.ListSecretVersionsResponse>(
                service, METHODID_LIST_SECRET_VERSIONS)))
        .addMethod(
          getEnableSecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.EnableSecretVersionRequest,
              dev.casemate.secrets.v1.EnableSecretVersionResponse>(
                service, METHODID_ENABLE_SECRET_VERSION)))
        .addMethod(
          getDisableSecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.DisableSecretVersionRequest,
              dev.casemate.secrets.v1.DisableSecretVersionResponse>(
                service, METHODID_DISABLE_SECRET_VERSION)))
        .addMethod(
          getDestroySecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.DestroySecretVersionRequest,
              dev.casemate.secrets.v1.DestroySecretVersionResponse>(
                service, METHODID_DESTROY_SECRET_VERSION)))
        .addMethod(
          getAccessSecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.AccessSecretVersionRequest,
              dev.casemate.secrets.v1.AccessSecretVersionResponse>(
                service, METHODID_ACCESS_SECRET_VERSION)))
        .addMethod(
          getBatchAccessSecretVersionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.BatchAccessSecretVersionsRequest,
              dev.casemate.secrets.v1.BatchAccessSecretVersionsResponse>(
                service, METHODID_BATCH_ACCESS_SECRET_VERSIONS)))
        .addMethod(
          getListSecretUsesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.ListSecretUsesRequest,
              dev.casemate.secrets.v1.ListSecretUsesResponse>(
                service, METHODID_LIST_SECRET_USES)))
        .addMethod(
          getRevokeSecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.RevokeSecretVersionRequest,
              dev.casemate.secrets.v1.RevokeSecretVersionResponse>(
                service, METHODID_REVOKE_SECRET_VERSION)))
        .addMethod(
          getWatchRevocationsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.WatchRevocationsRequest,
              dev.casemate.secrets.v1.WatchRevocationsResponse>(
                service, METHODID_WATCH_REVOCATIONS)))
        .addMethod(
          getReportSandboxesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.ReportSandboxesRequest,
              dev.casemate.secrets.v1.ReportSandboxesResponse>(
                service, METHODID_REPORT_SANDBOXES)))
        .addMethod(
          getEndWorkloadInstanceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.EndWorkloadInstanceRequest,
              dev.casemate.secrets.v1.EndWorkloadInstanceResponse>(
                service, METHODID_END_WORKLOAD_INSTANCE)))
        .addMethod(
          getCreateSecretGrantMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.CreateSecretGrantRequest,
              dev.casemate.secrets.v1.CreateSecretGrantResponse>(
                service, METHODID_CREATE_SECRET_GRANT)))
        .addMethod(
          getDeleteSecretGrantMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.DeleteSecretGrantRequest,
              dev.casemate.secrets.v1.DeleteSecretGrantResponse>(
                service, METHODID_DELETE_SECRET_GRANT)))
        .addMethod(
          getListSecretGrantsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.ListSecretGrantsRequest,
              dev.casemate.secrets.v1.ListSecretGrantsResponse>(
                service, METHODID_LIST_SECRET_GRANTS)))
        .addMethod(
          getTestPermissionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.TestPermissionsRequest,
              dev.casemate.secrets.v1.TestPermissionsResponse>(
                service, METHODID_TEST_PERMISSIONS)))
        .addMethod(
          getCreateTeamMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.CreateTeamRequest,
              dev.casemate.secrets.v1.CreateTeamResponse>(
                service, METHODID_CREATE_TEAM)))
        .addMethod(
          getGetTeamMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.GetTeamRequest,
              dev.casemate.secrets.v1.GetTeamResponse>(
                service, METHODID_GET_TEAM)))
        .addMethod(
          getListTeamsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.ListTeamsRequest,
              dev.casemate.secrets.v1.ListTeamsResponse>(
                service, METHODID_LIST_TEAMS)))
        .addMethod(
          getUpdateTeamMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.UpdateTeamRequest,
              dev.casemate.secrets.v1.UpdateTeamResponse>(
                service, METHODID_UPDATE_TEAM)))
        .addMethod(
          getDeleteTeamMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.DeleteTeamRequest,
              dev.casemate.secrets.v1.DeleteTeamResponse>(
                service, METHODID_DELETE_TEAM)))
        .addMethod(
          getRotateKEKMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.RotateKEKRequest,
              dev.casemate.secrets.v1.RotateKEKResponse>(
                service, METHODID_ROTATE_KEK)))
        .addMethod(
          getRotateDataKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.RotateDataKeyRequest,
              dev.casemate.secrets.v1.RotateDataKeyResponse>(
                service, METHODID_ROTATE_DATA_KEY)))
        .addMethod(
          getGetKeyStatusMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.GetKeyStatusRequest,
              dev.casemate.secrets.v1.GetKeyStatusResponse>(
                service, METHODID_GET_KEY_STATUS)))
        .addMethod(
          getCreateMemberMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.CreateMemberRequest,
              dev.casemate.secrets.v1.CreateMemberResponse>(
                service, METHODID_CREATE_MEMBER)))
        .addMethod(
          getListMembersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.ListMembersRequest,
              dev.casemate.secrets.v1.ListMembersResponse>(
                service, METHODID_LIST_MEMBERS)))
        .addMethod(
          getUpdateMemberMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.UpdateMemberRequest,
              dev.casemate.secrets.v1.UpdateMemberResponse>(
                service, METHODID_UPDATE_MEMBER)))
        .addMethod(
          getDeleteMemberMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.DeleteMemberRequest,
              dev.casemate.secrets.v1.DeleteMemberResponse>(
                service, METHODID_DELETE_MEMBER)))
        .addMethod(
          getCreateAPIKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.CreateAPIKeyRequest,
              dev.casemate.secrets.v1.CreateAPIKeyResponse>(
                service, METHODID_CREATE_APIKEY)))
        .addMethod(
          getListAPIKeysMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.ListAPIKeysRequest,
              dev.casemate.secrets.v1.ListAPIKeysResponse>(
                service, METHODID_LIST_APIKEYS)))
        .addMethod(
          getRevokeAPIKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.RevokeAPIKeyRequest,
              dev.casemate.secrets.v1.RevokeAPIKeyResponse>(
                service, METHODID_REVOKE_APIKEY)))
        .addMethod(
          getRotateAPIKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.RotateAPIKeyRequest,
              dev.casemate.secrets.v1.RotateAPIKeyResponse>(
                service, METHODID_ROTATE_APIKEY)))
        .addMethod(
          getCreateOIDCTrustMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.CreateOIDCTrustRequest,
              dev.casemate.secrets.v1.CreateOIDCTrustResponse>(
                service, METHODID_CREATE_OIDCTRUST)))
        .addMethod(
          getListOIDCTrustsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.ListOIDCTrustsRequest,
              dev.casemate.secrets.v1.ListOIDCTrustsResponse>(
                service, METHODID_LIST_OIDCTRUSTS)))
        .addMethod(
          getDeleteOIDCTrustMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.DeleteOIDCTrustRequest,
              dev.casemate.secrets.v1.DeleteOIDCTrustResponse>(
                service, METHODID_DELETE_OIDCTRUST)))
        .addMethod(
          getExchangeTokenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.ExchangeTokenRequest,
              dev.casemate.secrets.v1.ExchangeTokenResponse>(
                service, METHODID_EXCHANGE_TOKEN)))
        .addMethod(
          getWhoAmIMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.WhoAmIRequest,
              dev.casemate.secrets.v1.WhoAmIResponse>(
                service, METHODID_WHO_AM_I)))
        .addMethod(
          getListAuditEntriesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.ListAuditEntriesRequest,
              dev.casemate.secrets.v1.ListAuditEntriesResponse>(
                service, METHODID_LIST_AUDIT_ENTRIES)))
        .addMethod(
          getVerifyAuditLogMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.VerifyAuditLogRequest,
              dev.casemate.secrets.v1.VerifyAuditLogResponse>(
                service, METHODID_VERIFY_AUDIT_LOG)))
        .addMethod(
          getTailAuditEntriesMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.TailAuditEntriesRequest,
              dev.casemate.secrets.v1.TailAuditEntriesResponse>(
                service, METHODID_TAIL_AUDIT_ENTRIES)))
        .addMethod(
          getExportAuditLogMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.casemate.secrets.v1.ExportAuditLogRequest,
              dev.casemate.secrets.v1.ExportAuditLogResponse>(
                service, METHODID_EXPORT_AUDIT_LOG)))
        .build();
  }

  private static abstract class SecretsManagerBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SecretsManagerBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.casemate.secrets.v1.SecretsManagerProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SecretsManager");
    }
  }

  private static final class SecretsManagerFileDescriptorSupplier
      extends SecretsManagerBaseDescriptorSupplier {
    SecretsManagerFileDescriptorSupplier() {}
  }

  private static final class SecretsManagerMethodDescriptorSupplier
      extends SecretsManagerBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SecretsManagerMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (SecretsManagerGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SecretsManagerFileDescriptorSupplier())
              .addMethod(getCreateSecretMethod())
              .addMethod(getGetSecretMethod())
              .addMethod(getListSecretsMethod())
              .addMethod(getUpdateSecretMethod())
              .addMethod(getDeleteSecretMethod())
              .addMethod(getUndeleteSecretMethod())
              .addMethod(getAddSecretVersionMethod())
              .addMethod(getGetSecretVersionMethod())
              .addMethod(getListSecretVersionsMethod())
              .addMethod(getEnableSecretVersionMethod())
              .addMethod(getDisableSecretVersionMethod())
              .addMethod(getDestroySecretVersionMethod())
              .addMethod(getAccessSecretVersionMethod())
              .addMethod(getBatchAccessSecretVersionsMethod())
              .addMethod(getListSecretUsesMethod())
              .addMethod(getRevokeSecretVersionMethod())
              .addMethod(getWatchRevocationsMethod())
              .addMethod(getReportSandboxesMethod())
              .addMethod(getEndWorkloadInstanceMethod())
              .addMethod(getCreateSecretGrantMethod())
              .addMethod(getDeleteSecretGrantMethod())
              .addMethod(getListSecretGrantsMethod())
              .addMethod(getTestPermissionsMethod())
              .addMethod(getCreateTeamMethod())
              .addMethod(getGetTeamMethod())
              .addMethod(getListTeamsMethod())
              .addMethod(getUpdateTeamMethod())
              .addMethod(getDeleteTeamMethod())
              .addMethod(getRotateKEKMethod())
              .addMethod(getRotateDataKeyMethod())
              .addMethod(getGetKeyStatusMethod())
              .addMethod(getCreateMemberMethod())
              .addMethod(getListMembersMethod())
              .addMethod(getUpdateMemberMethod())
              .addMethod(getDeleteMemberMethod())
              .addMethod(getCreateAPIKeyMethod())
              .addMethod(getListAPIKeysMethod())
              .addMethod(getRevokeAPIKeyMethod())
              .addMethod(getRotateAPIKeyMethod())
              .addMethod(getCreateOIDCTrustMethod())
              .addMethod(getListOIDCTrustsMethod())
              .addMethod(getDeleteOIDCTrustMethod())
              .addMethod(getExchangeTokenMethod())
              .addMethod(getWhoAmIMethod())
              .addMethod(getListAuditEntriesMethod())
              .addMethod(getVerifyAuditLogMethod())
              .addMethod(getTailAuditEntriesMethod())
              .addMethod(getExportAuditLogMethod())
              .build();
        }
      }
    }
    return result;
  }
}
