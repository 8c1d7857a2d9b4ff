package dev.casemate.sandbox.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * SandboxService runs sandboxes.
 * Authentication: every rpc needs `authorization: Bearer &lt;API key&gt;` metadata; sandboxd asks secretsd whom the key stands
 * for. A sandbox belongs to a team; only keys with the RUN scope, of users in that team, see it. To anyone else it does
 * not exist (NOT_FOUND, reason SANDBOX_NOT_FOUND). A request may name a sandbox `teams/-/sandboxes/{sandbox}` where it does
 * not know the team: that means any team of the caller's, and the answer has the full name. Auditors of a team have no part
 * in its sandboxes. One that holds a restricted secret is seen and ended by all others, but its commands, files, logs,
 * end (ExtendSandbox) and network (UpdateNetwork) are for who made it and for owners of the team: PERMISSION_DENIED
 * (SANDBOX_PRIVATE) to the rest.
 * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
 * with google.rpc.BadRequest. When secretsd can't be reached the answer is UNAVAILABLE (reason SECRETSD_UNAVAILABLE).
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SandboxServiceGrpc {

  private SandboxServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "casemate.sandbox.v1.SandboxService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.RunSandboxRequest,
      dev.casemate.sandbox.v1.RunSandboxResponse> getRunSandboxMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RunSandbox",
      requestType = dev.casemate.sandbox.v1.RunSandboxRequest.class,
      responseType = dev.casemate.sandbox.v1.RunSandboxResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.RunSandboxRequest,
      dev.casemate.sandbox.v1.RunSandboxResponse> getRunSandboxMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.RunSandboxRequest, dev.casemate.sandbox.v1.RunSandboxResponse> getRunSandboxMethod;
    if ((getRunSandboxMethod = SandboxServiceGrpc.getRunSandboxMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getRunSandboxMethod = SandboxServiceGrpc.getRunSandboxMethod) == null) {
          SandboxServiceGrpc.getRunSandboxMethod = getRunSandboxMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.RunSandboxRequest, dev.casemate.sandbox.v1.RunSandboxResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RunSandbox"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.RunSandboxRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.RunSandboxResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("RunSandbox"))
              .build();
        }
      }
    }
    return getRunSandboxMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.GetSandboxRequest,
      dev.casemate.sandbox.v1.GetSandboxResponse> getGetSandboxMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSandbox",
      requestType = dev.casemate.sandbox.v1.GetSandboxRequest.class,
      responseType = dev.casemate.sandbox.v1.GetSandboxResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.GetSandboxRequest,
      dev.casemate.sandbox.v1.GetSandboxResponse> getGetSandboxMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.GetSandboxRequest, dev.casemate.sandbox.v1.GetSandboxResponse> getGetSandboxMethod;
    if ((getGetSandboxMethod = SandboxServiceGrpc.getGetSandboxMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getGetSandboxMethod = SandboxServiceGrpc.getGetSandboxMethod) == null) {
          SandboxServiceGrpc.getGetSandboxMethod = getGetSandboxMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.GetSandboxRequest, dev.casemate.sandbox.v1.GetSandboxResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSandbox"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.GetSandboxRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.GetSandboxResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("GetSandbox"))
              .build();
        }
      }
    }
    return getGetSandboxMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListSandboxesRequest,
      dev.casemate.sandbox.v1.ListSandboxesResponse> getListSandboxesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSandboxes",
      requestType = dev.casemate.sandbox.v1.ListSandboxesRequest.class,
      responseType = dev.casemate.sandbox.v1.ListSandboxesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListSandboxesRequest,
      dev.casemate.sandbox.v1.ListSandboxesResponse> getListSandboxesMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListSandboxesRequest, dev.casemate.sandbox.v1.ListSandboxesResponse> getListSandboxesMethod;
    if ((getListSandboxesMethod = SandboxServiceGrpc.getListSandboxesMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getListSandboxesMethod = SandboxServiceGrpc.getListSandboxesMethod) == null) {
          SandboxServiceGrpc.getListSandboxesMethod = getListSandboxesMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.ListSandboxesRequest, dev.casemate.sandbox.v1.ListSandboxesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSandboxes"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ListSandboxesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ListSandboxesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("ListSandboxes"))
              .build();
        }
      }
    }
    return getListSandboxesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StopSandboxRequest,
      dev.casemate.sandbox.v1.StopSandboxResponse> getStopSandboxMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StopSandbox",
      requestType = dev.casemate.sandbox.v1.StopSandboxRequest.class,
      responseType = dev.casemate.sandbox.v1.StopSandboxResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StopSandboxRequest,
      dev.casemate.sandbox.v1.StopSandboxResponse> getStopSandboxMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StopSandboxRequest, dev.casemate.sandbox.v1.StopSandboxResponse> getStopSandboxMethod;
    if ((getStopSandboxMethod = SandboxServiceGrpc.getStopSandboxMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getStopSandboxMethod = SandboxServiceGrpc.getStopSandboxMethod) == null) {
          SandboxServiceGrpc.getStopSandboxMethod = getStopSandboxMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.StopSandboxRequest, dev.casemate.sandbox.v1.StopSandboxResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StopSandbox"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.StopSandboxRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.StopSandboxResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("StopSandbox"))
              .build();
        }
      }
    }
    return getStopSandboxMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ExtendSandboxRequest,
      dev.casemate.sandbox.v1.ExtendSandboxResponse> getExtendSandboxMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExtendSandbox",
      requestType = dev.casemate.sandbox.v1.ExtendSandboxRequest.class,
      responseType = dev.casemate.sandbox.v1.ExtendSandboxResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ExtendSandboxRequest,
      dev.casemate.sandbox.v1.ExtendSandboxResponse> getExtendSandboxMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ExtendSandboxRequest, dev.casemate.sandbox.v1.ExtendSandboxResponse> getExtendSandboxMethod;
    if ((getExtendSandboxMethod = SandboxServiceGrpc.getExtendSandboxMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getExtendSandboxMethod = SandboxServiceGrpc.getExtendSandboxMethod) == null) {
          SandboxServiceGrpc.getExtendSandboxMethod = getExtendSandboxMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.ExtendSandboxRequest, dev.casemate.sandbox.v1.ExtendSandboxResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExtendSandbox"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ExtendSandboxRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ExtendSandboxResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("ExtendSandbox"))
              .build();
        }
      }
    }
    return getExtendSandboxMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.UpdateNetworkRequest,
      dev.casemate.sandbox.v1.UpdateNetworkResponse> getUpdateNetworkMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateNetwork",
      requestType = dev.casemate.sandbox.v1.UpdateNetworkRequest.class,
      responseType = dev.casemate.sandbox.v1.UpdateNetworkResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.UpdateNetworkRequest,
      dev.casemate.sandbox.v1.UpdateNetworkResponse> getUpdateNetworkMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.UpdateNetworkRequest, dev.casemate.sandbox.v1.UpdateNetworkResponse> getUpdateNetworkMethod;
    if ((getUpdateNetworkMethod = SandboxServiceGrpc.getUpdateNetworkMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getUpdateNetworkMethod = SandboxServiceGrpc.getUpdateNetworkMethod) == null) {
          SandboxServiceGrpc.getUpdateNetworkMethod = getUpdateNetworkMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.UpdateNetworkRequest, dev.casemate.sandbox.v1.UpdateNetworkResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateNetwork"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.UpdateNetworkRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.UpdateNetworkResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("UpdateNetwork"))
              .build();
        }
      }
    }
    return getUpdateNetworkMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.DeleteSandboxRequest,
      dev.casemate.sandbox.v1.DeleteSandboxResponse> getDeleteSandboxMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteSandbox",
      requestType = dev.casemate.sandbox.v1.DeleteSandboxRequest.class,
      responseType = dev.casemate.sandbox.v1.DeleteSandboxResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.DeleteSandboxRequest,
      dev.casemate.sandbox.v1.DeleteSandboxResponse> getDeleteSandboxMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.DeleteSandboxRequest, dev.casemate.sandbox.v1.DeleteSandboxResponse> getDeleteSandboxMethod;
    if ((getDeleteSandboxMethod = SandboxServiceGrpc.getDeleteSandboxMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getDeleteSandboxMethod = SandboxServiceGrpc.getDeleteSandboxMethod) == null) {
          SandboxServiceGrpc.getDeleteSandboxMethod = getDeleteSandboxMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.DeleteSandboxRequest, dev.casemate.sandbox.v1.DeleteSandboxResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteSandbox"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.DeleteSandboxRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.DeleteSandboxResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("DeleteSandbox"))
              .build();
        }
      }
    }
    return getDeleteSandboxMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.WaitSandboxRequest,
      dev.casemate.sandbox.v1.WaitSandboxResponse> getWaitSandboxMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WaitSandbox",
      requestType = dev.casemate.sandbox.v1.WaitSandboxRequest.class,
      responseType = dev.casemate.sandbox.v1.WaitSandboxResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.WaitSandboxRequest,
      dev.casemate.sandbox.v1.WaitSandboxResponse> getWaitSandboxMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.WaitSandboxRequest, dev.casemate.sandbox.v1.WaitSandboxResponse> getWaitSandboxMethod;
    if ((getWaitSandboxMethod = SandboxServiceGrpc.getWaitSandboxMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getWaitSandboxMethod = SandboxServiceGrpc.getWaitSandboxMethod) == null) {
          SandboxServiceGrpc.getWaitSandboxMethod = getWaitSandboxMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.WaitSandboxRequest, dev.casemate.sandbox.v1.WaitSandboxResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WaitSandbox"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.WaitSandboxRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.WaitSandboxResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("WaitSandbox"))
              .build();
        }
      }
    }
    return getWaitSandboxMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListSandboxEventsRequest,
      dev.casemate.sandbox.v1.ListSandboxEventsResponse> getListSandboxEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSandboxEvents",
      requestType = dev.casemate.sandbox.v1.ListSandboxEventsRequest.class,
      responseType = dev.casemate.sandbox.v1.ListSandboxEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListSandboxEventsRequest,
      dev.casemate.sandbox.v1.ListSandboxEventsResponse> getListSandboxEventsMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListSandboxEventsRequest, dev.casemate.sandbox.v1.ListSandboxEventsResponse> getListSandboxEventsMethod;
    if ((getListSandboxEventsMethod = SandboxServiceGrpc.getListSandboxEventsMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getListSandboxEventsMethod = SandboxServiceGrpc.getListSandboxEventsMethod) == null) {
          SandboxServiceGrpc.getListSandboxEventsMethod = getListSandboxEventsMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.ListSandboxEventsRequest, dev.casemate.sandbox.v1.ListSandboxEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSandboxEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ListSandboxEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ListSandboxEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("ListSandboxEvents"))
              .build();
        }
      }
    }
    return getListSandboxEventsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ExecRequest,
      dev.casemate.sandbox.v1.ExecResponse> getExecMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Exec",
      requestType = dev.casemate.sandbox.v1.ExecRequest.class,
      responseType = dev.casemate.sandbox.v1.ExecResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ExecRequest,
      dev.casemate.sandbox.v1.ExecResponse> getExecMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ExecRequest, dev.casemate.sandbox.v1.ExecResponse> getExecMethod;
    if ((getExecMethod = SandboxServiceGrpc.getExecMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getExecMethod = SandboxServiceGrpc.getExecMethod) == null) {
          SandboxServiceGrpc.getExecMethod = getExecMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.ExecRequest, dev.casemate.sandbox.v1.ExecResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Exec"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ExecRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ExecResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("Exec"))
              .build();
        }
      }
    }
    return getExecMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StreamExecRequest,
      dev.casemate.sandbox.v1.StreamExecResponse> getStreamExecMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StreamExec",
      requestType = dev.casemate.sandbox.v1.StreamExecRequest.class,
      responseType = dev.casemate.sandbox.v1.StreamExecResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StreamExecRequest,
      dev.casemate.sandbox.v1.StreamExecResponse> getStreamExecMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StreamExecRequest, dev.casemate.sandbox.v1.StreamExecResponse> getStreamExecMethod;
    if ((getStreamExecMethod = SandboxServiceGrpc.getStreamExecMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getStreamExecMethod = SandboxServiceGrpc.getStreamExecMethod) == null) {
          SandboxServiceGrpc.getStreamExecMethod = getStreamExecMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.StreamExecRequest, dev.casemate.sandbox.v1.StreamExecResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StreamExec"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.StreamExecRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.StreamExecResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("StreamExec"))
              .build();
        }
      }
    }
    return getStreamExecMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StartProcessRequest,
      dev.casemate.sandbox.v1.StartProcessResponse> getStartProcessMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StartProcess",
      requestType = dev.casemate.sandbox.v1.StartProcessRequest.class,
      responseType = dev.casemate.sandbox.v1.StartProcessResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StartProcessRequest,
      dev.casemate.sandbox.v1.StartProcessResponse> getStartProcessMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StartProcessRequest, dev.casemate.sandbox.v1.StartProcessResponse> getStartProcessMethod;
    if ((getStartProcessMethod = SandboxServiceGrpc.getStartProcessMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getStartProcessMethod = SandboxServiceGrpc.getStartProcessMethod) == null) {
          SandboxServiceGrpc.getStartProcessMethod = getStartProcessMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.StartProcessRequest, dev.casemate.sandbox.v1.StartProcessResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StartProcess"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.StartProcessRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.StartProcessResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("StartProcess"))
              .build();
        }
      }
    }
    return getStartProcessMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListProcessesRequest,
      dev.casemate.sandbox.v1.ListProcessesResponse> getListProcessesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListProcesses",
      requestType = dev.casemate.sandbox.v1.ListProcessesRequest.class,
      responseType = dev.casemate.sandbox.v1.ListProcessesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListProcessesRequest,
      dev.casemate.sandbox.v1.ListProcessesResponse> getListProcessesMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListProcessesRequest, dev.casemate.sandbox.v1.ListProcessesResponse> getListProcessesMethod;
    if ((getListProcessesMethod = SandboxServiceGrpc.getListProcessesMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getListProcessesMethod = SandboxServiceGrpc.getListProcessesMethod) == null) {
          SandboxServiceGrpc.getListProcessesMethod = getListProcessesMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.ListProcessesRequest, dev.casemate.sandbox.v1.ListProcessesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListProcesses"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ListProcessesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ListProcessesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("ListProcesses"))
              .build();
        }
      }
    }
    return getListProcessesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.AttachProcessRequest,
      dev.casemate.sandbox.v1.AttachProcessResponse> getAttachProcessMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "AttachProcess",
      requestType = dev.casemate.sandbox.v1.AttachProcessRequest.class,
      responseType = dev.casemate.sandbox.v1.AttachProcessResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.AttachProcessRequest,
      dev.casemate.sandbox.v1.AttachProcessResponse> getAttachProcessMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.AttachProcessRequest, dev.casemate.sandbox.v1.AttachProcessResponse> getAttachProcessMethod;
    if ((getAttachProcessMethod = SandboxServiceGrpc.getAttachProcessMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getAttachProcessMethod = SandboxServiceGrpc.getAttachProcessMethod) == null) {
          SandboxServiceGrpc.getAttachProcessMethod = getAttachProcessMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.AttachProcessRequest, dev.casemate.sandbox.v1.AttachProcessResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "AttachProcess"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.AttachProcessRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.AttachProcessResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("AttachProcess"))
              .build();
        }
      }
    }
    return getAttachProcessMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.SendProcessInputRequest,
      dev.casemate.sandbox.v1.SendProcessInputResponse> getSendProcessInputMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SendProcessInput",
      requestType = dev.casemate.sandbox.v1.SendProcessInputRequest.class,
      responseType = dev.casemate.sandbox.v1.SendProcessInputResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.SendProcessInputRequest,
      dev.casemate.sandbox.v1.SendProcessInputResponse> getSendProcessInputMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.SendProcessInputRequest, dev.casemate.sandbox.v1.SendProcessInputResponse> getSendProcessInputMethod;
    if ((getSendProcessInputMethod = SandboxServiceGrpc.getSendProcessInputMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getSendProcessInputMethod = SandboxServiceGrpc.getSendProcessInputMethod) == null) {
          SandboxServiceGrpc.getSendProcessInputMethod = getSendProcessInputMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.SendProcessInputRequest, dev.casemate.sandbox.v1.SendProcessInputResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SendProcessInput"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.SendProcessInputRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.SendProcessInputResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("SendProcessInput"))
              .build();
        }
      }
    }
    return getSendProcessInputMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.SignalProcessRequest,
      dev.casemate.sandbox.v1.SignalProcessResponse> getSignalProcessMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SignalProcess",
      requestType = dev.casemate.sandbox.v1.SignalProcessRequest.class,
      responseType = dev.casemate.sandbox.v1.SignalProcessResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.SignalProcessRequest,
      dev.casemate.sandbox.v1.SignalProcessResponse> getSignalProcessMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.SignalProcessRequest, dev.casemate.sandbox.v1.SignalProcessResponse> getSignalProcessMethod;
    if ((getSignalProcessMethod = SandboxServiceGrpc.getSignalProcessMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getSignalProcessMethod = SandboxServiceGrpc.getSignalProcessMethod) == null) {
          SandboxServiceGrpc.getSignalProcessMethod = getSignalProcessMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.SignalProcessRequest, dev.casemate.sandbox.v1.SignalProcessResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SignalProcess"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.SignalProcessRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.SignalProcessResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("SignalProcess"))
              .build();
        }
      }
    }
    return getSignalProcessMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.WaitProcessRequest,
      dev.casemate.sandbox.v1.WaitProcessResponse> getWaitProcessMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WaitProcess",
      requestType = dev.casemate.sandbox.v1.WaitProcessRequest.class,
      responseType = dev.casemate.sandbox.v1.WaitProcessResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.WaitProcessRequest,
      dev.casemate.sandbox.v1.WaitProcessResponse> getWaitProcessMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.WaitProcessRequest, dev.casemate.sandbox.v1.WaitProcessResponse> getWaitProcessMethod;
    if ((getWaitProcessMethod = SandboxServiceGrpc.getWaitProcessMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getWaitProcessMethod = SandboxServiceGrpc.getWaitProcessMethod) == null) {
          SandboxServiceGrpc.getWaitProcessMethod = getWaitProcessMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.WaitProcessRequest, dev.casemate.sandbox.v1.WaitProcessResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WaitProcess"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.WaitProcessRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.WaitProcessResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("WaitProcess"))
              .build();
        }
      }
    }
    return getWaitProcessMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ReadFileRequest,
      dev.casemate.sandbox.v1.ReadFileResponse> getReadFileMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReadFile",
      requestType = dev.casemate.sandbox.v1.ReadFileRequest.class,
      responseType = dev.casemate.sandbox.v1.ReadFileResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ReadFileRequest,
      dev.casemate.sandbox.v1.ReadFileResponse> getReadFileMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ReadFileRequest, dev.casemate.sandbox.v1.ReadFileResponse> getReadFileMethod;
    if ((getReadFileMethod = SandboxServiceGrpc.getReadFileMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getReadFileMethod = SandboxServiceGrpc.getReadFileMethod) == null) {
          SandboxServiceGrpc.getReadFileMethod = getReadFileMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.ReadFileRequest, dev.casemate.sandbox.v1.ReadFileResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReadFile"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ReadFileRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ReadFileResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("ReadFile"))
              .build();
        }
      }
    }
    return getReadFileMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.WriteFileRequest,
      dev.casemate.sandbox.v1.WriteFileResponse> getWriteFileMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WriteFile",
      requestType = dev.casemate.sandbox.v1.WriteFileRequest.class,
      responseType = dev.casemate.sandbox.v1.WriteFileResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.WriteFileRequest,
      dev.casemate.sandbox.v1.WriteFileResponse> getWriteFileMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.WriteFileRequest, dev.casemate.sandbox.v1.WriteFileResponse> getWriteFileMethod;
    if ((getWriteFileMethod = SandboxServiceGrpc.getWriteFileMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getWriteFileMethod = SandboxServiceGrpc.getWriteFileMethod) == null) {
          SandboxServiceGrpc.getWriteFileMethod = getWriteFileMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.WriteFileRequest, dev.casemate.sandbox.v1.WriteFileResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WriteFile"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.WriteFileRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.WriteFileResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("WriteFile"))
              .build();
        }
      }
    }
    return getWriteFileMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StatFileRequest,
      dev.casemate.sandbox.v1.StatFileResponse> getStatFileMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StatFile",
      requestType = dev.casemate.sandbox.v1.StatFileRequest.class,
      responseType = dev.casemate.sandbox.v1.StatFileResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StatFileRequest,
      dev.casemate.sandbox.v1.StatFileResponse> getStatFileMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StatFileRequest, dev.casemate.sandbox.v1.StatFileResponse> getStatFileMethod;
    if ((getStatFileMethod = SandboxServiceGrpc.getStatFileMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getStatFileMethod = SandboxServiceGrpc.getStatFileMethod) == null) {
          SandboxServiceGrpc.getStatFileMethod = getStatFileMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.StatFileRequest, dev.casemate.sandbox.v1.StatFileResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StatFile"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.StatFileRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.StatFileResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("StatFile"))
              .build();
        }
      }
    }
    return getStatFileMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListDirectoryRequest,
      dev.casemate.sandbox.v1.ListDirectoryResponse> getListDirectoryMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListDirectory",
      requestType = dev.casemate.sandbox.v1.ListDirectoryRequest.class,
      responseType = dev.casemate.sandbox.v1.ListDirectoryResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListDirectoryRequest,
      dev.casemate.sandbox.v1.ListDirectoryResponse> getListDirectoryMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListDirectoryRequest, dev.casemate.sandbox.v1.ListDirectoryResponse> getListDirectoryMethod;
    if ((getListDirectoryMethod = SandboxServiceGrpc.getListDirectoryMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getListDirectoryMethod = SandboxServiceGrpc.getListDirectoryMethod) == null) {
          SandboxServiceGrpc.getListDirectoryMethod = getListDirectoryMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.ListDirectoryRequest, dev.casemate.sandbox.v1.ListDirectoryResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListDirectory"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ListDirectoryRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ListDirectoryResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("ListDirectory"))
              .build();
        }
      }
    }
    return getListDirectoryMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.MakeDirectoryRequest,
      dev.casemate.sandbox.v1.MakeDirectoryResponse> getMakeDirectoryMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "MakeDirectory",
      requestType = dev.casemate.sandbox.v1.MakeDirectoryRequest.class,
      responseType = dev.casemate.sandbox.v1.MakeDirectoryResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.MakeDirectoryRequest,
      dev.casemate.sandbox.v1.MakeDirectoryResponse> getMakeDirectoryMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.MakeDirectoryRequest, dev.casemate.sandbox.v1.MakeDirectoryResponse> getMakeDirectoryMethod;
    if ((getMakeDirectoryMethod = SandboxServiceGrpc.getMakeDirectoryMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getMakeDirectoryMethod = SandboxServiceGrpc.getMakeDirectoryMethod) == null) {
          SandboxServiceGrpc.getMakeDirectoryMethod = getMakeDirectoryMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.MakeDirectoryRequest, dev.casemate.sandbox.v1.MakeDirectoryResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "MakeDirectory"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.MakeDirectoryRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.MakeDirectoryResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("MakeDirectory"))
              .build();
        }
      }
    }
    return getMakeDirectoryMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.RemoveFileRequest,
      dev.casemate.sandbox.v1.RemoveFileResponse> getRemoveFileMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RemoveFile",
      requestType = dev.casemate.sandbox.v1.RemoveFileRequest.class,
      responseType = dev.casemate.sandbox.v1.RemoveFileResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.RemoveFileRequest,
      dev.casemate.sandbox.v1.RemoveFileResponse> getRemoveFileMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.RemoveFileRequest, dev.casemate.sandbox.v1.RemoveFileResponse> getRemoveFileMethod;
    if ((getRemoveFileMethod = SandboxServiceGrpc.getRemoveFileMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getRemoveFileMethod = SandboxServiceGrpc.getRemoveFileMethod) == null) {
          SandboxServiceGrpc.getRemoveFileMethod = getRemoveFileMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.RemoveFileRequest, dev.casemate.sandbox.v1.RemoveFileResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RemoveFile"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.RemoveFileRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.RemoveFileResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("RemoveFile"))
              .build();
        }
      }
    }
    return getRemoveFileMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.MoveFileRequest,
      dev.casemate.sandbox.v1.MoveFileResponse> getMoveFileMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "MoveFile",
      requestType = dev.casemate.sandbox.v1.MoveFileRequest.class,
      responseType = dev.casemate.sandbox.v1.MoveFileResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.MoveFileRequest,
      dev.casemate.sandbox.v1.MoveFileResponse> getMoveFileMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.MoveFileRequest, dev.casemate.sandbox.v1.MoveFileResponse> getMoveFileMethod;
    if ((getMoveFileMethod = SandboxServiceGrpc.getMoveFileMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getMoveFileMethod = SandboxServiceGrpc.getMoveFileMethod) == null) {
          SandboxServiceGrpc.getMoveFileMethod = getMoveFileMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.MoveFileRequest, dev.casemate.sandbox.v1.MoveFileResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "MoveFile"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.MoveFileRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.MoveFileResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("MoveFile"))
              .build();
        }
      }
    }
    return getMoveFileMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.DownloadArchiveRequest,
      dev.casemate.sandbox.v1.DownloadArchiveResponse> getDownloadArchiveMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DownloadArchive",
      requestType = dev.casemate.sandbox.v1.DownloadArchiveRequest.class,
      responseType = dev.casemate.sandbox.v1.DownloadArchiveResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.DownloadArchiveRequest,
      dev.casemate.sandbox.v1.DownloadArchiveResponse> getDownloadArchiveMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.DownloadArchiveRequest, dev.casemate.sandbox.v1.DownloadArchiveResponse> getDownloadArchiveMethod;
    if ((getDownloadArchiveMethod = SandboxServiceGrpc.getDownloadArchiveMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getDownloadArchiveMethod = SandboxServiceGrpc.getDownloadArchiveMethod) == null) {
          SandboxServiceGrpc.getDownloadArchiveMethod = getDownloadArchiveMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.DownloadArchiveRequest, dev.casemate.sandbox.v1.DownloadArchiveResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DownloadArchive"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.DownloadArchiveRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.DownloadArchiveResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("DownloadArchive"))
              .build();
        }
      }
    }
    return getDownloadArchiveMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.UploadArchiveRequest,
      dev.casemate.sandbox.v1.UploadArchiveResponse> getUploadArchiveMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UploadArchive",
      requestType = dev.casemate.sandbox.v1.UploadArchiveRequest.class,
      responseType = dev.casemate.sandbox.v1.UploadArchiveResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.UploadArchiveRequest,
      dev.casemate.sandbox.v1.UploadArchiveResponse> getUploadArchiveMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.UploadArchiveRequest, dev.casemate.sandbox.v1.UploadArchiveResponse> getUploadArchiveMethod;
    if ((getUploadArchiveMethod = SandboxServiceGrpc.getUploadArchiveMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getUploadArchiveMethod = SandboxServiceGrpc.getUploadArchiveMethod) == null) {
          SandboxServiceGrpc.getUploadArchiveMethod = getUploadArchiveMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.UploadArchiveRequest, dev.casemate.sandbox.v1.UploadArchiveResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UploadArchive"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.UploadArchiveRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.UploadArchiveResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("UploadArchive"))
              .build();
        }
      }
    }
    return getUploadArchiveMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.WatchFilesRequest,
      dev.casemate.sandbox.v1.WatchFilesResponse> getWatchFilesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchFiles",
      requestType = dev.casemate.sandbox.v1.WatchFilesRequest.class,
      responseType = dev.casemate.sandbox.v1.WatchFilesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.WatchFilesRequest,
      dev.casemate.sandbox.v1.WatchFilesResponse> getWatchFilesMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.WatchFilesRequest, dev.casemate.sandbox.v1.WatchFilesResponse> getWatchFilesMethod;
    if ((getWatchFilesMethod = SandboxServiceGrpc.getWatchFilesMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getWatchFilesMethod = SandboxServiceGrpc.getWatchFilesMethod) == null) {
          SandboxServiceGrpc.getWatchFilesMethod = getWatchFilesMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.WatchFilesRequest, dev.casemate.sandbox.v1.WatchFilesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchFiles"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.WatchFilesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.WatchFilesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("WatchFiles"))
              .build();
        }
      }
    }
    return getWatchFilesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ForwardPortRequest,
      dev.casemate.sandbox.v1.ForwardPortResponse> getForwardPortMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ForwardPort",
      requestType = dev.casemate.sandbox.v1.ForwardPortRequest.class,
      responseType = dev.casemate.sandbox.v1.ForwardPortResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ForwardPortRequest,
      dev.casemate.sandbox.v1.ForwardPortResponse> getForwardPortMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ForwardPortRequest, dev.casemate.sandbox.v1.ForwardPortResponse> getForwardPortMethod;
    if ((getForwardPortMethod = SandboxServiceGrpc.getForwardPortMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getForwardPortMethod = SandboxServiceGrpc.getForwardPortMethod) == null) {
          SandboxServiceGrpc.getForwardPortMethod = getForwardPortMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.ForwardPortRequest, dev.casemate.sandbox.v1.ForwardPortResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ForwardPort"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ForwardPortRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ForwardPortResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("ForwardPort"))
              .build();
        }
      }
    }
    return getForwardPortMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StreamLogsRequest,
      dev.casemate.sandbox.v1.StreamLogsResponse> getStreamLogsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StreamLogs",
      requestType = dev.casemate.sandbox.v1.StreamLogsRequest.class,
      responseType = dev.casemate.sandbox.v1.StreamLogsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StreamLogsRequest,
      dev.casemate.sandbox.v1.StreamLogsResponse> getStreamLogsMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.StreamLogsRequest, dev.casemate.sandbox.v1.StreamLogsResponse> getStreamLogsMethod;
    if ((getStreamLogsMethod = SandboxServiceGrpc.getStreamLogsMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getStreamLogsMethod = SandboxServiceGrpc.getStreamLogsMethod) == null) {
          SandboxServiceGrpc.getStreamLogsMethod = getStreamLogsMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.StreamLogsRequest, dev.casemate.sandbox.v1.StreamLogsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StreamLogs"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.StreamLogsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.StreamLogsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("StreamLogs"))
              .build();
        }
      }
    }
    return getStreamLogsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ImportImageRequest,
      dev.casemate.sandbox.v1.ImportImageResponse> getImportImageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ImportImage",
      requestType = dev.casemate.sandbox.v1.ImportImageRequest.class,
      responseType = dev.casemate.sandbox.v1.ImportImageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ImportImageRequest,
      dev.casemate.sandbox.v1.ImportImageResponse> getImportImageMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ImportImageRequest, dev.casemate.sandbox.v1.ImportImageResponse> getImportImageMethod;
    if ((getImportImageMethod = SandboxServiceGrpc.getImportImageMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getImportImageMethod = SandboxServiceGrpc.getImportImageMethod) == null) {
          SandboxServiceGrpc.getImportImageMethod = getImportImageMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.ImportImageRequest, dev.casemate.sandbox.v1.ImportImageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ImportImage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ImportImageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ImportImageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("ImportImage"))
              .build();
        }
      }
    }
    return getImportImageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListImagesRequest,
      dev.casemate.sandbox.v1.ListImagesResponse> getListImagesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListImages",
      requestType = dev.casemate.sandbox.v1.ListImagesRequest.class,
      responseType = dev.casemate.sandbox.v1.ListImagesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListImagesRequest,
      dev.casemate.sandbox.v1.ListImagesResponse> getListImagesMethod() {
    io.grpc.MethodDescriptor<dev.casemate.sandbox.v1.ListImagesRequest, dev.casemate.sandbox.v1.ListImagesResponse> getListImagesMethod;
    if ((getListImagesMethod = SandboxServiceGrpc.getListImagesMethod) == null) {
      synchronized (SandboxServiceGrpc.class) {
        if ((getListImagesMethod = SandboxServiceGrpc.getListImagesMethod) == null) {
          SandboxServiceGrpc.getListImagesMethod = getListImagesMethod =
              io.grpc.MethodDescriptor.<dev.casemate.sandbox.v1.ListImagesRequest, dev.casemate.sandbox.v1.ListImagesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListImages"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ListImagesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.casemate.sandbox.v1.ListImagesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SandboxServiceMethodDescriptorSupplier("ListImages"))
              .build();
        }
      }
    }
    return getListImagesMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SandboxServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SandboxServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SandboxServiceStub>() {
        @java.lang.Override
        public SandboxServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SandboxServiceStub(channel, callOptions);
        }
      };
    return SandboxServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SandboxServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SandboxServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SandboxServiceBlockingV2Stub>() {
        @java.lang.Override
        public SandboxServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SandboxServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return SandboxServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SandboxServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SandboxServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SandboxServiceBlockingStub>() {
        @java.lang.Override
        public SandboxServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SandboxServiceBlockingStub(channel, callOptions);
        }
      };
    return SandboxServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SandboxServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SandboxServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SandboxServiceFutureStub>() {
        @java.lang.Override
        public SandboxServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SandboxServiceFutureStub(channel, callOptions);
        }
      };
    return SandboxServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * SandboxService runs sandboxes.
   * Authentication: every rpc needs `authorization: Bearer &lt;API key&gt;` metadata; sandboxd asks secretsd whom the key stands
   * for. A sandbox belongs to a team; only keys with the RUN scope, of users in that team, see it. To anyone else it does
   * not exist (NOT_FOUND, reason SANDBOX_NOT_FOUND). A request may name a sandbox `teams/-/sandboxes/{sandbox}` where it does
   * not know the team: that means any team of the caller's, and the answer has the full name. Auditors of a team have no part
   * in its sandboxes. One that holds a restricted secret is seen and ended by all others, but its commands, files, logs,
   * end (ExtendSandbox) and network (UpdateNetwork) are for who made it and for owners of the team: PERMISSION_DENIED
   * (SANDBOX_PRIVATE) to the rest.
   * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
   * with google.rpc.BadRequest. When secretsd can't be reached the answer is UNAVAILABLE (reason SECRETSD_UNAVAILABLE).
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * RunSandbox makes a sandbox and answers when its main process runs with its secrets in its environment, or, without a
     * command, when the sandbox is ready for Exec. A repeated `request_id` of the same caller returns the same sandbox.
     * Errors: FAILED_PRECONDITION (SECRETS_UNRESOLVED) with a google.rpc.PreconditionFailure violation for every secret
     * reference that failed; NOT_FOUND (IMAGE_NOT_FOUND); FAILED_PRECONDITION or UNAVAILABLE (IMAGE_PULL_FAILED);
     * FAILED_PRECONDITION (SECRET_REVOKED) for one that was revoked meanwhile;
     * FAILED_PRECONDITION (IMAGE_INVALID, IMAGE_TOO_LARGE, IMAGE_PLATFORM_MISMATCH); INVALID_ARGUMENT (USER_NOT_FOUND,
     * WORKING_DIRECTORY_INVALID, ENVIRONMENT_TOO_LARGE); ALREADY_EXISTS (REQUEST_ID_CONFLICT) for a repeated request_id
     * with another spec; RESOURCE_EXHAUSTED (TOO_MANY_SANDBOXES) when the operator's limit of sandboxes is reached, and
     * (QUOTA_EXCEEDED) when the team's is, or its share of cpu, memory or starts a second: the metadata has `team`, `quota`, `limit`
     * and `used`. A place is free the moment its sandbox is gone. RESOURCE_EXHAUSTED (NO_HOST_PORT) or FAILED_PRECONDITION
     * (INGRESS_UNAVAILABLE) where `network.ingress` can't be had. On any error no sandbox is left behind. One that came after
     * the sandbox was recorded has the sandbox's id in its metadata, `sandbox`: ListSandboxEvents tells how far it came.
     * </pre>
     */
    default void runSandbox(dev.casemate.sandbox.v1.RunSandboxRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.RunSandboxResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRunSandboxMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetSandbox returns a sandbox, also after its end, for as long as the operator keeps its record: an hour, unless the team
     * ended more than 10000 since. Errors: NOT_FOUND (SANDBOX_NOT_FOUND).
     * </pre>
     */
    default void getSandbox(dev.casemate.sandbox.v1.GetSandboxRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.GetSandboxResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSandboxMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSandboxes pages through a team's sandboxes, newest first.
     * </pre>
     */
    default void listSandboxes(dev.casemate.sandbox.v1.ListSandboxesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListSandboxesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSandboxesMethod(), responseObserver);
    }

    /**
     * <pre>
     * StopSandbox ends a sandbox: SIGTERM to the main process, SIGKILL to everything after the grace period. It answers
     * when the sandbox is gone; its record stays, and its `reason` says who stopped it. Stopping a stopped sandbox is no error.
     * </pre>
     */
    default void stopSandbox(dev.casemate.sandbox.v1.StopSandboxRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StopSandboxResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStopSandboxMethod(), responseObserver);
    }

    /**
     * <pre>
     * ExtendSandbox gives a running sandbox a new end, later or earlier than the one that it has, in place of its max_lifetime; it
     * counts as use for the idle timeout. The answer is durable: a restarted sandboxd keeps to it. Errors: INVALID_ARGUMENT for an
     * end that is not in the future, or later than the operator's limit of a lifetime after the sandbox's start allows;
     * FAILED_PRECONDITION (SANDBOX_NOT_RUNNING); PERMISSION_DENIED (SANDBOX_PRIVATE).
     * </pre>
     */
    default void extendSandbox(dev.casemate.sandbox.v1.ExtendSandboxRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ExtendSandboxResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExtendSandboxMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateNetwork narrows what of the network a running sandbox may reach, and cuts the connections that the new rules refuse:
     * once it has answered, nothing of one passes in either direction. The answer is durable. The same rules again change nothing.
     * It counts as use for the idle timeout. Errors: INVALID_ARGUMENT for rules that the operator's policy refuses;
     * FAILED_PRECONDITION with reason NETWORK_NOT_NARROWER, whose PreconditionFailure names each rule that is wider,
     * SANDBOX_NOT_RUNNING, or NETWORK_NOT_HERE; PERMISSION_DENIED (SANDBOX_PRIVATE).
     * </pre>
     */
    default void updateNetwork(dev.casemate.sandbox.v1.UpdateNetworkRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.UpdateNetworkResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateNetworkMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteSandbox ends a sandbox at once and removes its record and logs.
     * </pre>
     */
    default void deleteSandbox(dev.casemate.sandbox.v1.DeleteSandboxRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.DeleteSandboxResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteSandboxMethod(), responseObserver);
    }

    /**
     * <pre>
     * WaitSandbox answers when the sandbox has ended, or when `timeout` is over with the state it has then.
     * </pre>
     */
    default void waitSandbox(dev.casemate.sandbox.v1.WaitSandboxRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.WaitSandboxResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWaitSandboxMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSandboxEvents pages through what happened to a sandbox, or to all of a team's, the oldest first: the newest 256 of each,
     * as long as its record is kept. Those of a sandbox that could not be made are kept as long, though GetSandbox does not find
     * it. Single execs are no events. Errors: NOT_FOUND (SANDBOX_NOT_FOUND).
     * </pre>
     */
    default void listSandboxEvents(dev.casemate.sandbox.v1.ListSandboxEventsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListSandboxEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSandboxEventsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Exec runs a command in a sandbox to its end and returns its output. When the call is cancelled or its deadline
     * passes, the command's process group is killed; a process that has left the group, by setsid, runs on until the sandbox ends, as one of
     * the agent's that holds no output. A command that does not exist ends with exit code 127 and the reason
     * on stderr. Errors: FAILED_PRECONDITION (SANDBOX_NOT_RUNNING); INVALID_ARGUMENT (USER_NOT_FOUND,
     * WORKING_DIRECTORY_INVALID, SECRET_VARIABLE, REQUEST_TOO_LARGE); RESOURCE_EXHAUSTED (PROCESS_LIMIT, FILE_LIMIT,
     * TOO_MANY_EXECS), with a google.rpc.RetryInfo; UNAVAILABLE (SANDBOX_LOST).
     * </pre>
     */
    default void exec(dev.casemate.sandbox.v1.ExecRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ExecResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExecMethod(), responseObserver);
    }

    /**
     * <pre>
     * StreamExec runs a command with its input and output streamed. The first request must be `start`; half-closing the
     * request stream closes the command's stdin. The last response is `exit`, after all output. Cancelling kills the
     * command's process group. Errors as for Exec, and FAILED_PRECONDITION (NO_TERMINAL).
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StreamExecRequest> streamExec(
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StreamExecResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getStreamExecMethod(), responseObserver);
    }

    /**
     * <pre>
     * StartProcess starts a command in the background of a sandbox and answers when it runs. It ends by itself, by its timeout, by
     * SignalProcess, or with the sandbox, and neither with this call nor with a restart of sandboxd. It does not keep a sandbox
     * with an idle_timeout: a call that is attached, or waits, does. A command that does not exist is no error: it has ended with exit code 127 and the reason in its output. Errors as for Exec, and
     * RESOURCE_EXHAUSTED (TOO_MANY_PROCESSES) where 64 run in the sandbox.
     * </pre>
     */
    default void startProcess(dev.casemate.sandbox.v1.StartProcessRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StartProcessResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStartProcessMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListProcesses returns a sandbox's background processes: those that run, and of those that have ended the latest, 64 in
     * all. Errors: FAILED_PRECONDITION (SANDBOX_NOT_RUNNING).
     * </pre>
     */
    default void listProcesses(dev.casemate.sandbox.v1.ListProcessesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListProcessesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListProcessesMethod(), responseObserver);
    }

    /**
     * <pre>
     * AttachProcess streams a background process's output, from the oldest kept byte or the offset asked for, to its exit. The
     * newest 128 KiB are kept, also after the exit; what was lost before they were read is told. Several calls may be attached,
     * 16 at most; a process that writes faster than they read waits for them, a second at a time. The end of the call leaves the
     * process alone. Errors: NOT_FOUND (PROCESS_NOT_FOUND), RESOURCE_EXHAUSTED (TOO_MANY_ATTACHED), UNAVAILABLE
     * (SANDBOXD_STOPPING: attach again at the offset that is next).
     * </pre>
     */
    default void attachProcess(dev.casemate.sandbox.v1.AttachProcessRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.AttachProcessResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAttachProcessMethod(), responseObserver);
    }

    /**
     * <pre>
     * SendProcessInput gives a background process input, and answers when it has taken all of it; while it reads nothing, the
     * call waits. When the call ends before, the process may have got a part. Calls at the same time are not mixed: one waits for
     * the other. Errors: NOT_FOUND (PROCESS_NOT_FOUND), FAILED_PRECONDITION (STDIN_CLOSED, NO_TERMINAL).
     * </pre>
     */
    default void sendProcessInput(dev.casemate.sandbox.v1.SendProcessInputRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.SendProcessInputResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSendProcessInputMethod(), responseObserver);
    }

    /**
     * <pre>
     * SignalProcess sends a signal to a background process's group. Of a process that has ended it reaches nobody, which is no
     * error. Errors: NOT_FOUND (PROCESS_NOT_FOUND).
     * </pre>
     */
    default void signalProcess(dev.casemate.sandbox.v1.SignalProcessRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.SignalProcessResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSignalProcessMethod(), responseObserver);
    }

    /**
     * <pre>
     * WaitProcess answers when a background process has ended, or when `timeout` is over with what is known of it then. Errors:
     * NOT_FOUND (PROCESS_NOT_FOUND), UNAVAILABLE (SANDBOXD_STOPPING).
     * </pre>
     */
    default void waitProcess(dev.casemate.sandbox.v1.WaitProcessRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.WaitProcessResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWaitProcessMethod(), responseObserver);
    }

    /**
     * <pre>
     * ReadFile returns a regular file of a sandbox. Errors: NOT_FOUND (FILE_NOT_FOUND), FAILED_PRECONDITION
     * (FILE_IS_DIRECTORY, FILE_NOT_REGULAR), PERMISSION_DENIED (FILE_PERMISSION_DENIED), OUT_OF_RANGE (FILE_TOO_LARGE, with
     * size_bytes and max_size_bytes in the metadata) above 32 MiB: DownloadArchive has no limit.
     * </pre>
     */
    default void readFile(dev.casemate.sandbox.v1.ReadFileRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ReadFileResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReadFileMethod(), responseObserver);
    }

    /**
     * <pre>
     * WriteFile writes a whole file, making the directories above it. It takes an old one's place whole and keeps its owner and
     * mode; other hard links keep the old content. Errors as for ReadFile, and RESOURCE_EXHAUSTED (FILE_NO_SPACE),
     * FAILED_PRECONDITION (FILE_READ_ONLY), which all rpcs that change files have.
     * </pre>
     */
    default void writeFile(dev.casemate.sandbox.v1.WriteFileRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.WriteFileResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWriteFileMethod(), responseObserver);
    }

    /**
     * <pre>
     * StatFile tells of a file, a directory, or anything else that has a name. Files of the kernel's in /proc are refused, here
     * and in all other rpcs: use Exec. Errors: NOT_FOUND (FILE_NOT_FOUND), FAILED_PRECONDITION (FILE_NOT_REGULAR),
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED).
     * </pre>
     */
    default void statFile(dev.casemate.sandbox.v1.StatFileRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StatFileResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStatFileMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListDirectory pages through the files in a directory, by the bytes of their names, not through what is in its
     * directories. Errors as for StatFile, and FAILED_PRECONDITION (FILE_NOT_DIRECTORY).
     * </pre>
     */
    default void listDirectory(dev.casemate.sandbox.v1.ListDirectoryRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListDirectoryResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListDirectoryMethod(), responseObserver);
    }

    /**
     * <pre>
     * MakeDirectory makes a directory, which belongs to the sandbox's user. Errors: ALREADY_EXISTS (FILE_EXISTS), NOT_FOUND
     * (FILE_NOT_FOUND) where the one above it is missing, FAILED_PRECONDITION (FILE_NOT_DIRECTORY) where that is a file,
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED), RESOURCE_EXHAUSTED (FILE_NO_SPACE).
     * </pre>
     */
    default void makeDirectory(dev.casemate.sandbox.v1.MakeDirectoryRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.MakeDirectoryResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getMakeDirectoryMethod(), responseObserver);
    }

    /**
     * <pre>
     * RemoveFile removes a file, a symbolic link but not what it leads to, an empty directory, or, where `recursive` is set, a
     * directory with all that is in it. When the call ends early, what is removed by then stays so. Errors: NOT_FOUND
     * (FILE_NOT_FOUND), FAILED_PRECONDITION (DIRECTORY_NOT_EMPTY, FILE_TOO_DEEP), PERMISSION_DENIED (FILE_PERMISSION_DENIED).
     * </pre>
     */
    default void removeFile(dev.casemate.sandbox.v1.RemoveFileRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.RemoveFileResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRemoveFileMethod(), responseObserver);
    }

    /**
     * <pre>
     * MoveFile gives a file or a directory another name, in one step. Errors: NOT_FOUND (FILE_NOT_FOUND), ALREADY_EXISTS
     * (FILE_EXISTS), FAILED_PRECONDITION (FILE_CROSS_DEVICE, DIRECTORY_NOT_EMPTY, FILE_IS_DIRECTORY, FILE_NOT_DIRECTORY),
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED), RESOURCE_EXHAUSTED (FILE_NO_SPACE).
     * </pre>
     */
    default void moveFile(dev.casemate.sandbox.v1.MoveFileRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.MoveFileResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getMoveFileMethod(), responseObserver);
    }

    /**
     * <pre>
     * DownloadArchive streams a file, or a directory with all that is in it, as a tar archive of any size. A directory's
     * entries are named below it, the directory itself `./`; a file's only entry is its last name. Modes, owners, times to the
     * nanosecond, symbolic links and, up to 65536 of them at a time, hard links are kept; sockets, pipes, devices and what is
     * in /proc or /sys are left out. Extended attributes of the user's (`user.*`) are kept, others are counted at the end. The
     * holes of sparse files are sent as the zeros that they read as. What is written meanwhile is in it or not. The last
     * message is `end`: without it, or with another hash than that of the bytes that came, the archive is not whole. Treat it
     * as you would one from a stranger. A call that broke off begins anew: what it reads may have changed. Errors as for
     * ReadFile, and FAILED_PRECONDITION (FILE_TOO_DEEP), ABORTED (FILE_CHANGED) for a file that became shorter while it was read.
     * </pre>
     */
    default void downloadArchive(dev.casemate.sandbox.v1.DownloadArchiveRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.DownloadArchiveResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDownloadArchiveMethod(), responseObserver);
    }

    /**
     * <pre>
     * UploadArchive unpacks a tar archive of any size below a directory of the sandbox, with modes, owners, times, symbolic
     * and hard links, and the user's extended attributes; blocks of zeros become holes. The first request must be `start`, the
     * last `end`. Each file is replaced whole; a directory that is there stays with what is in it. No entry leads out of the
     * directory, not by `..` nor by a symbolic link. When the call fails, what was unpacked by then stays, but for the last
     * file, which takes its place only when all has come and the hash is right: an archive of one file counts whole or not at
     * all. Errors as for WriteFile, and INVALID_ARGUMENT (ARCHIVE_INVALID, ARCHIVE_UNSAFE,
     * ARCHIVE_CHECKSUM_MISMATCH), FAILED_PRECONDITION (FILE_NOT_DIRECTORY).
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.UploadArchiveRequest> uploadArchive(
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.UploadArchiveResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getUploadArchiveMethod(), responseObserver);
    }

    /**
     * <pre>
     * WatchFiles tells of changes in a directory of the sandbox, as they come, until the caller ends the call. A watch that is not
     * read loses changes, and says so (OVERFLOW). What comes in a directory that was just made may be told of twice, and what was
     * in it for a moment only not at all. Errors as for ListDirectory, and RESOURCE_EXHAUSTED (WATCH_LIMIT) for more than 16
     * watches of a sandbox at one time or more than 8192 directories in one of them; FAILED_PRECONDITION (WATCH_ENDED) when the
     * directory itself is removed or moved, (SANDBOX_NOT_RUNNING) when the sandbox ends; UNAVAILABLE (SANDBOXD_STOPPING) when
     * sandboxd is about to stop.
     * </pre>
     */
    default void watchFiles(dev.casemate.sandbox.v1.WatchFilesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.WatchFilesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchFilesMethod(), responseObserver);
    }

    /**
     * <pre>
     * ForwardPort connects to a TCP port inside the sandbox and carries its bytes both ways: to a program that listens on 127.0.0.1,
     * on ::1 or on the sandbox's own IPv4 address, whatever the sandbox's network is. The first request must be `start`, the first
     * response is `connected`; each call is one connection. Half-closing the request stream half-closes the connection; `end` says
     * that the program did, and may still be sent to. The call ends well when both have, or the program has closed its socket.
     * Neither way holds up the other, and what one side does not read the other has to wait with. When the call ends early the
     * program's connection is reset. A call counts as use for the idle timeout as long as it lasts. Secrets' values are not masked
     * in it. Errors: FAILED_PRECONDITION (PORT_REFUSED) where no program listens, (SANDBOX_NOT_RUNNING), (AGENT_OUTDATED);
     * PERMISSION_DENIED (SANDBOX_PRIVATE); RESOURCE_EXHAUSTED (PORT_BUSY) where the program takes no connection within 10 s,
     * (TOO_MANY_FORWARDS) for more than 128 at one time in a sandbox, both with a google.rpc.RetryInfo; ABORTED (PORT_RESET) when the
     * program cut the connection; UNAVAILABLE (SANDBOXD_STOPPING) when sandboxd is about to stop, (SANDBOX_LOST).
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ForwardPortRequest> forwardPort(
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ForwardPortResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getForwardPortMethod(), responseObserver);
    }

    /**
     * <pre>
     * StreamLogs streams the main process's stdout and stderr, from the oldest kept byte or the place asked for. Secret
     * values of the sandbox are masked in it. A stream that broke is taken up where it was by `offset`, also after a restart
     * of sandboxd; what is not kept any more is told of by `lost_bytes`. The log is kept, in bounds that the operator sets, as
     * long as the sandbox's record. Errors: OUT_OF_RANGE (LOG_OFFSET_INVALID) for an offset that the log has not reached;
     * UNAVAILABLE (SANDBOXD_STOPPING) for a followed log when sandboxd is about to stop.
     * </pre>
     */
    default void streamLogs(dev.casemate.sandbox.v1.StreamLogsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StreamLogsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStreamLogsMethod(), responseObserver);
    }

    /**
     * <pre>
     * ImportImage stores an image from an OCI or docker archive (tar, or tar.gz) under a name. Operators only, since every
     * team can run it. The first request must be `metadata`. Errors: INVALID_ARGUMENT (IMAGE_ARCHIVE_INVALID).
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ImportImageRequest> importImage(
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ImportImageResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getImportImageMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListImages pages through the stored images, by name.
     * </pre>
     */
    default void listImages(dev.casemate.sandbox.v1.ListImagesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListImagesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListImagesMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SandboxService.
   * <pre>
   * SandboxService runs sandboxes.
   * Authentication: every rpc needs `authorization: Bearer &lt;API key&gt;` metadata; sandboxd asks secretsd whom the key stands
   * for. A sandbox belongs to a team; only keys with the RUN scope, of users in that team, see it. To anyone else it does
   * not exist (NOT_FOUND, reason SANDBOX_NOT_FOUND). A request may name a sandbox `teams/-/sandboxes/{sandbox}` where it does
   * not know the team: that means any team of the caller's, and the answer has the full name. Auditors of a team have no part
   * in its sandboxes. One that holds a restricted secret is seen and ended by all others, but its commands, files, logs,
   * end (ExtendSandbox) and network (UpdateNetwork) are for who made it and for owners of the team: PERMISSION_DENIED
   * (SANDBOX_PRIVATE) to the rest.
   * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
   * with google.rpc.BadRequest. When secretsd can't be reached the answer is UNAVAILABLE (reason SECRETSD_UNAVAILABLE).
   * </pre>
   */
  public static abstract class SandboxServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SandboxServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SandboxService.
   * <pre>
   * SandboxService runs sandboxes.
   * Authentication: every rpc needs `authorization: Bearer &lt;API key&gt;` metadata; sandboxd asks secretsd whom the key stands
   * for. A sandbox belongs to a team; only keys with the RUN scope, of users in that team, see it. To anyone else it does
   * not exist (NOT_FOUND, reason SANDBOX_NOT_FOUND). A request may name a sandbox `teams/-/sandboxes/{sandbox}` where it does
   * not know the team: that means any team of the caller's, and the answer has the full name. Auditors of a team have no part
   * in its sandboxes. One that holds a restricted secret is seen and ended by all others, but its commands, files, logs,
   * end (ExtendSandbox) and network (UpdateNetwork) are for who made it and for owners of the team: PERMISSION_DENIED
   * (SANDBOX_PRIVATE) to the rest.
   * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
   * with google.rpc.BadRequest. When secretsd can't be reached the answer is UNAVAILABLE (reason SECRETSD_UNAVAILABLE).
   * </pre>
   */
  public static final class SandboxServiceStub
      extends io.grpc.stub.AbstractAsyncStub<SandboxServiceStub> {
    private SandboxServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SandboxServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SandboxServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * RunSandbox makes a sandbox and answers when its main process runs with its secrets in its environment, or, without a
     * command, when the sandbox is ready for Exec. A repeated `request_id` of the same caller returns the same sandbox.
     * Errors: FAILED_PRECONDITION (SECRETS_UNRESOLVED) with a google.rpc.PreconditionFailure violation for every secret
     * reference that failed; NOT_FOUND (IMAGE_NOT_FOUND); FAILED_PRECONDITION or UNAVAILABLE (IMAGE_PULL_FAILED);
     * FAILED_PRECONDITION (SECRET_REVOKED) for one that was revoked meanwhile;
     * FAILED_PRECONDITION (IMAGE_INVALID, IMAGE_TOO_LARGE, IMAGE_PLATFORM_MISMATCH); INVALID_ARGUMENT (USER_NOT_FOUND,
     * WORKING_DIRECTORY_INVALID, ENVIRONMENT_TOO_LARGE); ALREADY_EXISTS (REQUEST_ID_CONFLICT) for a repeated request_id
     * with another spec; RESOURCE_EXHAUSTED (TOO_MANY_SANDBOXES) when the operator's limit of sandboxes is reached, and
     * (QUOTA_EXCEEDED) when the team's is, or its share of cpu, memory or starts a second: the metadata has `team`, `quota`, `limit`
     * and `used`. A place is free the moment its sandbox is gone. RESOURCE_EXHAUSTED (NO_HOST_PORT) or FAILED_PRECONDITION
     * (INGRESS_UNAVAILABLE) where `network.ingress` can't be had. On any error no sandbox is left behind. One that came after
     * the sandbox was recorded has the sandbox's id in its metadata, `sandbox`: ListSandboxEvents tells how far it came.
     * </pre>
     */
    public void runSandbox(dev.casemate.sandbox.v1.RunSandboxRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.RunSandboxResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRunSandboxMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetSandbox returns a sandbox, also after its end, for as long as the operator keeps its record: an hour, unless the team
     * ended more than 10000 since. Errors: NOT_FOUND (SANDBOX_NOT_FOUND).
     * </pre>
     */
    public void getSandbox(dev.casemate.sandbox.v1.GetSandboxRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.GetSandboxResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSandboxMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSandboxes pages through a team's sandboxes, newest first.
     * </pre>
     */
    public void listSandboxes(dev.casemate.sandbox.v1.ListSandboxesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListSandboxesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSandboxesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * StopSandbox ends a sandbox: SIGTERM to the main process, SIGKILL to everything after the grace period. It answers
     * when the sandbox is gone; its record stays, and its `reason` says who stopped it. Stopping a stopped sandbox is no error.
     * </pre>
     */
    public void stopSandbox(dev.casemate.sandbox.v1.StopSandboxRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StopSandboxResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getStopSandboxMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ExtendSandbox gives a running sandbox a new end, later or earlier than the one that it has, in place of its max_lifetime; it
     * counts as use for the idle timeout. The answer is durable: a restarted sandboxd keeps to it. Errors: INVALID_ARGUMENT for an
     * end that is not in the future, or later than the operator's limit of a lifetime after the sandbox's start allows;
     * FAILED_PRECONDITION (SANDBOX_NOT_RUNNING); PERMISSION_DENIED (SANDBOX_PRIVATE).
     * </pre>
     */
    public void extendSandbox(dev.casemate.sandbox.v1.ExtendSandboxRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ExtendSandboxResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getExtendSandboxMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateNetwork narrows what of the network a running sandbox may reach, and cuts the connections that the new rules refuse:
     * once it has answered, nothing of one passes in either direction. The answer is durable. The same rules again change nothing.
     * It counts as use for the idle timeout. Errors: INVALID_ARGUMENT for rules that the operator's policy refuses;
     * FAILED_PRECONDITION with reason NETWORK_NOT_NARROWER, whose PreconditionFailure names each rule that is wider,
     * SANDBOX_NOT_RUNNING, or NETWORK_NOT_HERE; PERMISSION_DENIED (SANDBOX_PRIVATE).
     * </pre>
     */
    public void updateNetwork(dev.casemate.sandbox.v1.UpdateNetworkRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.UpdateNetworkResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateNetworkMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteSandbox ends a sandbox at once and removes its record and logs.
     * </pre>
     */
    public void deleteSandbox(dev.casemate.sandbox.v1.DeleteSandboxRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.DeleteSandboxResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteSandboxMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * WaitSandbox answers when the sandbox has ended, or when `timeout` is over with the state it has then.
     * </pre>
     */
    public void waitSandbox(dev.casemate.sandbox.v1.WaitSandboxRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.WaitSandboxResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getWaitSandboxMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSandboxEvents pages through what happened to a sandbox, or to all of a team's, the oldest first: the newest 256 of each,
     * as long as its record is kept. Those of a sandbox that could not be made are kept as long, though GetSandbox does not find
     * it. Single execs are no events. Errors: NOT_FOUND (SANDBOX_NOT_FOUND).
     * </pre>
     */
    public void listSandboxEvents(dev.casemate.sandbox.v1.ListSandboxEventsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListSandboxEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSandboxEventsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Exec runs a command in a sandbox to its end and returns its output. When the call is cancelled or its deadline
     * passes, the command's process group is killed; a process that has left the group, by setsid, runs on until the sandbox ends, as one of
     * the agent's that holds no output. A command that does not exist ends with exit code 127 and the reason
     * on stderr. Errors: FAILED_PRECONDITION (SANDBOX_NOT_RUNNING); INVALID_ARGUMENT (USER_NOT_FOUND,
     * WORKING_DIRECTORY_INVALID, SECRET_VARIABLE, REQUEST_TOO_LARGE); RESOURCE_EXHAUSTED (PROCESS_LIMIT, FILE_LIMIT,
     * TOO_MANY_EXECS), with a google.rpc.RetryInfo; UNAVAILABLE (SANDBOX_LOST).
     * </pre>
     */
    public void exec(dev.casemate.sandbox.v1.ExecRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ExecResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getExecMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * StreamExec runs a command with its input and output streamed. The first request must be `start`; half-closing the
     * request stream closes the command's stdin. The last response is `exit`, after all output. Cancelling kills the
     * command's process group. Errors as for Exec, and FAILED_PRECONDITION (NO_TERMINAL).
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StreamExecRequest> streamExec(
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StreamExecResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getStreamExecMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * StartProcess starts a command in the background of a sandbox and answers when it runs. It ends by itself, by its timeout, by
     * SignalProcess, or with the sandbox, and neither with this call nor with a restart of sandboxd. It does not keep a sandbox
     * with an idle_timeout: a call that is attached, or waits, does. A command that does not exist is no error: it has ended with exit code 127 and the reason in its output. Errors as for Exec, and
     * RESOURCE_EXHAUSTED (TOO_MANY_PROCESSES) where 64 run in the sandbox.
     * </pre>
     */
    public void startProcess(dev.casemate.sandbox.v1.StartProcessRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StartProcessResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getStartProcessMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListProcesses returns a sandbox's background processes: those that run, and of those that have ended the latest, 64 in
     * all. Errors: FAILED_PRECONDITION (SANDBOX_NOT_RUNNING).
     * </pre>
     */
    public void listProcesses(dev.casemate.sandbox.v1.ListProcessesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListProcessesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListProcessesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * AttachProcess streams a background process's output, from the oldest kept byte or the offset asked for, to its exit. The
     * newest 128 KiB are kept, also after the exit; what was lost before they were read is told. Several calls may be attached,
     * 16 at most; a process that writes faster than they read waits for them, a second at a time. The end of the call leaves the
     * process alone. Errors: NOT_FOUND (PROCESS_NOT_FOUND), RESOURCE_EXHAUSTED (TOO_MANY_ATTACHED), UNAVAILABLE
     * (SANDBOXD_STOPPING: attach again at the offset that is next).
     * </pre>
     */
    public void attachProcess(dev.casemate.sandbox.v1.AttachProcessRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.AttachProcessResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getAttachProcessMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * SendProcessInput gives a background process input, and answers when it has taken all of it; while it reads nothing, the
     * call waits. When the call ends before, the process may have got a part. Calls at the same time are not mixed: one waits for
     * the other. Errors: NOT_FOUND (PROCESS_NOT_FOUND), FAILED_PRECONDITION (STDIN_CLOSED, NO_TERMINAL).
     * </pre>
     */
    public void sendProcessInput(dev.casemate.sandbox.v1.SendProcessInputRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.SendProcessInputResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSendProcessInputMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * SignalProcess sends a signal to a background process's group. Of a process that has ended it reaches nobody, which is no
     * error. Errors: NOT_FOUND (PROCESS_NOT_FOUND).
     * </pre>
     */
    public void signalProcess(dev.casemate.sandbox.v1.SignalProcessRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.SignalProcessResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSignalProcessMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * WaitProcess answers when a background process has ended, or when `timeout` is over with what is known of it then. Errors:
     * NOT_FOUND (PROCESS_NOT_FOUND), UNAVAILABLE (SANDBOXD_STOPPING).
     * </pre>
     */
    public void waitProcess(dev.casemate.sandbox.v1.WaitProcessRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.WaitProcessResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getWaitProcessMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ReadFile returns a regular file of a sandbox. Errors: NOT_FOUND (FILE_NOT_FOUND), FAILED_PRECONDITION
     * (FILE_IS_DIRECTORY, FILE_NOT_REGULAR), PERMISSION_DENIED (FILE_PERMISSION_DENIED), OUT_OF_RANGE (FILE_TOO_LARGE, with
     * size_bytes and max_size_bytes in the metadata) above 32 MiB: DownloadArchive has no limit.
     * </pre>
     */
    public void readFile(dev.casemate.sandbox.v1.ReadFileRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ReadFileResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReadFileMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * WriteFile writes a whole file, making the directories above it. It takes an old one's place whole and keeps its owner and
     * mode; other hard links keep the old content. Errors as for ReadFile, and RESOURCE_EXHAUSTED (FILE_NO_SPACE),
     * FAILED_PRECONDITION (FILE_READ_ONLY), which all rpcs that change files have.
     * </pre>
     */
    public void writeFile(dev.casemate.sandbox.v1.WriteFileRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.WriteFileResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getWriteFileMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * StatFile tells of a file, a directory, or anything else that has a name. Files of the kernel's in /proc are refused, here
     * and in all other rpcs: use Exec. Errors: NOT_FOUND (FILE_NOT_FOUND), FAILED_PRECONDITION (FILE_NOT_REGULAR),
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED).
     * </pre>
     */
    public void statFile(dev.casemate.sandbox.v1.StatFileRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StatFileResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getStatFileMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListDirectory pages through the files in a directory, by the bytes of their names, not through what is in its
     * directories. Errors as for StatFile, and FAILED_PRECONDITION (FILE_NOT_DIRECTORY).
     * </pre>
     */
    public void listDirectory(dev.casemate.sandbox.v1.ListDirectoryRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListDirectoryResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListDirectoryMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * MakeDirectory makes a directory, which belongs to the sandbox's user. Errors: ALREADY_EXISTS (FILE_EXISTS), NOT_FOUND
     * (FILE_NOT_FOUND) where the one above it is missing, FAILED_PRECONDITION (FILE_NOT_DIRECTORY) where that is a file,
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED), RESOURCE_EXHAUSTED (FILE_NO_SPACE).
     * </pre>
     */
    public void makeDirectory(dev.casemate.sandbox.v1.MakeDirectoryRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.MakeDirectoryResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getMakeDirectoryMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RemoveFile removes a file, a symbolic link but not what it leads to, an empty directory, or, where `recursive` is set, a
     * directory with all that is in it. When the call ends early, what is removed by then stays so. Errors: NOT_FOUND
     * (FILE_NOT_FOUND), FAILED_PRECONDITION (DIRECTORY_NOT_EMPTY, FILE_TOO_DEEP), PERMISSION_DENIED (FILE_PERMISSION_DENIED).
     * </pre>
     */
    public void removeFile(dev.casemate.sandbox.v1.RemoveFileRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.RemoveFileResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRemoveFileMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * MoveFile gives a file or a directory another name, in one step. Errors: NOT_FOUND (FILE_NOT_FOUND), ALREADY_EXISTS
     * (FILE_EXISTS), FAILED_PRECONDITION (FILE_CROSS_DEVICE, DIRECTORY_NOT_EMPTY, FILE_IS_DIRECTORY, FILE_NOT_DIRECTORY),
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED), RESOURCE_EXHAUSTED (FILE_NO_SPACE).
     * </pre>
     */
    public void moveFile(dev.casemate.sandbox.v1.MoveFileRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.MoveFileResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getMoveFileMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DownloadArchive streams a file, or a directory with all that is in it, as a tar archive of any size. A directory's
     * entries are named below it, the directory itself `./`; a file's only entry is its last name. Modes, owners, times to the
     * nanosecond, symbolic links and, up to 65536 of them at a time, hard links are kept; sockets, pipes, devices and what is
     * in /proc or /sys are left out. Extended attributes of the user's (`user.*`) are kept, others are counted at the end. The
     * holes of sparse files are sent as the zeros that they read as. What is written meanwhile is in it or not. The last
     * message is `end`: without it, or with another hash than that of the bytes that came, the archive is not whole. Treat it
     * as you would one from a stranger. A call that broke off begins anew: what it reads may have changed. Errors as for
     * ReadFile, and FAILED_PRECONDITION (FILE_TOO_DEEP), ABORTED (FILE_CHANGED) for a file that became shorter while it was read.
     * </pre>
     */
    public void downloadArchive(dev.casemate.sandbox.v1.DownloadArchiveRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.DownloadArchiveResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getDownloadArchiveMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UploadArchive unpacks a tar archive of any size below a directory of the sandbox, with modes, owners, times, symbolic
     * and hard links, and the user's extended attributes; blocks of zeros become holes. The first request must be `start`, the
     * last `end`. Each file is replaced whole; a directory that is there stays with what is in it. No entry leads out of the
     * directory, not by `..` nor by a symbolic link. When the call fails, what was unpacked by then stays, but for the last
     * file, which takes its place only when all has come and the hash is right: an archive of one file counts whole or not at
     * all. Errors as for WriteFile, and INVALID_ARGUMENT (ARCHIVE_INVALID, ARCHIVE_UNSAFE,
     * ARCHIVE_CHECKSUM_MISMATCH), FAILED_PRECONDITION (FILE_NOT_DIRECTORY).
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.UploadArchiveRequest> uploadArchive(
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.UploadArchiveResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncClientStreamingCall(
          getChannel().newCall(getUploadArchiveMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * WatchFiles tells of changes in a directory of the sandbox, as they come, until the caller ends the call. A watch that is not
     * read loses changes, and says so (OVERFLOW). What comes in a directory that was just made may be told of twice, and what was
     * in it for a moment only not at all. Errors as for ListDirectory, and RESOURCE_EXHAUSTED (WATCH_LIMIT) for more than 16
     * watches of a sandbox at one time or more than 8192 directories in one of them; FAILED_PRECONDITION (WATCH_ENDED) when the
     * directory itself is removed or moved, (SANDBOX_NOT_RUNNING) when the sandbox ends; UNAVAILABLE (SANDBOXD_STOPPING) when
     * sandboxd is about to stop.
     * </pre>
     */
    public void watchFiles(dev.casemate.sandbox.v1.WatchFilesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.WatchFilesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchFilesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ForwardPort connects to a TCP port inside the sandbox and carries its bytes both ways: to a program that listens on 127.0.0.1,
     * on ::1 or on the sandbox's own IPv4 address, whatever the sandbox's network is. The first request must be `start`, the first
     * response is `connected`; each call is one connection. Half-closing the request stream half-closes the connection; `end` says
     * that the program did, and may still be sent to. The call ends well when both have, or the program has closed its socket.
     * Neither way holds up the other, and what one side does not read the other has to wait with. When the call ends early the
     * program's connection is reset. A call counts as use for the idle timeout as long as it lasts. Secrets' values are not masked
     * in it. Errors: FAILED_PRECONDITION (PORT_REFUSED) where no program listens, (SANDBOX_NOT_RUNNING), (AGENT_OUTDATED);
     * PERMISSION_DENIED (SANDBOX_PRIVATE); RESOURCE_EXHAUSTED (PORT_BUSY) where the program takes no connection within 10 s,
     * (TOO_MANY_FORWARDS) for more than 128 at one time in a sandbox, both with a google.rpc.RetryInfo; ABORTED (PORT_RESET) when the
     * program cut the connection; UNAVAILABLE (SANDBOXD_STOPPING) when sandboxd is about to stop, (SANDBOX_LOST).
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ForwardPortRequest> forwardPort(
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ForwardPortResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getForwardPortMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * StreamLogs streams the main process's stdout and stderr, from the oldest kept byte or the place asked for. Secret
     * values of the sandbox are masked in it. A stream that broke is taken up where it was by `offset`, also after a restart
     * of sandboxd; what is not kept any more is told of by `lost_bytes`. The log is kept, in bounds that the operator sets, as
     * long as the sandbox's record. Errors: OUT_OF_RANGE (LOG_OFFSET_INVALID) for an offset that the log has not reached;
     * UNAVAILABLE (SANDBOXD_STOPPING) for a followed log when sandboxd is about to stop.
     * </pre>
     */
    public void streamLogs(dev.casemate.sandbox.v1.StreamLogsRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StreamLogsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getStreamLogsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ImportImage stores an image from an OCI or docker archive (tar, or tar.gz) under a name. Operators only, since every
     * team can run it. The first request must be `metadata`. Errors: INVALID_ARGUMENT (IMAGE_ARCHIVE_INVALID).
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ImportImageRequest> importImage(
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ImportImageResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncClientStreamingCall(
          getChannel().newCall(getImportImageMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * ListImages pages through the stored images, by name.
     * </pre>
     */
    public void listImages(dev.casemate.sandbox.v1.ListImagesRequest request,
        io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListImagesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListImagesMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SandboxService.
   * <pre>
   * SandboxService runs sandboxes.
   * Authentication: every rpc needs `authorization: Bearer &lt;API key&gt;` metadata; sandboxd asks secretsd whom the key stands
   * for. A sandbox belongs to a team; only keys with the RUN scope, of users in that team, see it. To anyone else it does
   * not exist (NOT_FOUND, reason SANDBOX_NOT_FOUND). A request may name a sandbox `teams/-/sandboxes/{sandbox}` where it does
   * not know the team: that means any team of the caller's, and the answer has the full name. Auditors of a team have no part
   * in its sandboxes. One that holds a restricted secret is seen and ended by all others, but its commands, files, logs,
   * end (ExtendSandbox) and network (UpdateNetwork) are for who made it and for owners of the team: PERMISSION_DENIED
   * (SANDBOX_PRIVATE) to the rest.
   * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
   * with google.rpc.BadRequest. When secretsd can't be reached the answer is UNAVAILABLE (reason SECRETSD_UNAVAILABLE).
   * </pre>
   */
  public static final class SandboxServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SandboxServiceBlockingV2Stub> {
    private SandboxServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SandboxServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SandboxServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * RunSandbox makes a sandbox and answers when its main process runs with its secrets in its environment, or, without a
     * command, when the sandbox is ready for Exec. A repeated `request_id` of the same caller returns the same sandbox.
     * Errors: FAILED_PRECONDITION (SECRETS_UNRESOLVED) with a google.rpc.PreconditionFailure violation for every secret
     * reference that failed; NOT_FOUND (IMAGE_NOT_FOUND); FAILED_PRECONDITION or UNAVAILABLE (IMAGE_PULL_FAILED);
     * FAILED_PRECONDITION (SECRET_REVOKED) for one that was revoked meanwhile;
     * FAILED_PRECONDITION (IMAGE_INVALID, IMAGE_TOO_LARGE, IMAGE_PLATFORM_MISMATCH); INVALID_ARGUMENT (USER_NOT_FOUND,
     * WORKING_DIRECTORY_INVALID, ENVIRONMENT_TOO_LARGE); ALREADY_EXISTS (REQUEST_ID_CONFLICT) for a repeated request_id
     * with another spec; RESOURCE_EXHAUSTED (TOO_MANY_SANDBOXES) when the operator's limit of sandboxes is reached, and
     * (QUOTA_EXCEEDED) when the team's is, or its share of cpu, memory or starts a second: the metadata has `team`, `quota`, `limit`
     * and `used`. A place is free the moment its sandbox is gone. RESOURCE_EXHAUSTED (NO_HOST_PORT) or FAILED_PRECONDITION
     * (INGRESS_UNAVAILABLE) where `network.ingress` can't be had. On any error no sandbox is left behind. One that came after
     * the sandbox was recorded has the sandbox's id in its metadata, `sandbox`: ListSandboxEvents tells how far it came.
     * </pre>
     */
    public dev.casemate.sandbox.v1.RunSandboxResponse runSandbox(dev.casemate.sandbox.v1.RunSandboxRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRunSandboxMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSandbox returns a sandbox, also after its end, for as long as the operator keeps its record: an hour, unless the team
     * ended more than 10000 since. Errors: NOT_FOUND (SANDBOX_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.sandbox.v1.GetSandboxResponse getSandbox(dev.casemate.sandbox.v1.GetSandboxRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSandboxMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSandboxes pages through a team's sandboxes, newest first.
     * </pre>
     */
    public dev.casemate.sandbox.v1.ListSandboxesResponse listSandboxes(dev.casemate.sandbox.v1.ListSandboxesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSandboxesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StopSandbox ends a sandbox: SIGTERM to the main process, SIGKILL to everything after the grace period. It answers
     * when the sandbox is gone; its record stays, and its `reason` says who stopped it. Stopping a stopped sandbox is no error.
     * </pre>
     */
    public dev.casemate.sandbox.v1.StopSandboxResponse stopSandbox(dev.casemate.sandbox.v1.StopSandboxRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getStopSandboxMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ExtendSandbox gives a running sandbox a new end, later or earlier than the one that it has, in place of its max_lifetime; it
     * counts as use for the idle timeout. The answer is durable: a restarted sandboxd keeps to it. Errors: INVALID_ARGUMENT for an
     * end that is not in the future, or later than the operator's limit of a lifetime after the sandbox's start allows;
     * FAILED_PRECONDITION (SANDBOX_NOT_RUNNING); PERMISSION_DENIED (SANDBOX_PRIVATE).
     * </pre>
     */
    public dev.casemate.sandbox.v1.ExtendSandboxResponse extendSandbox(dev.casemate.sandbox.v1.ExtendSandboxRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getExtendSandboxMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateNetwork narrows what of the network a running sandbox may reach, and cuts the connections that the new rules refuse:
     * once it has answered, nothing of one passes in either direction. The answer is durable. The same rules again change nothing.
     * It counts as use for the idle timeout. Errors: INVALID_ARGUMENT for rules that the operator's policy refuses;
     * FAILED_PRECONDITION with reason NETWORK_NOT_NARROWER, whose PreconditionFailure names each rule that is wider,
     * SANDBOX_NOT_RUNNING, or NETWORK_NOT_HERE; PERMISSION_DENIED (SANDBOX_PRIVATE).
     * </pre>
     */
    public dev.casemate.sandbox.v1.UpdateNetworkResponse updateNetwork(dev.casemate.sandbox.v1.UpdateNetworkRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateNetworkMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteSandbox ends a sandbox at once and removes its record and logs.
     * </pre>
     */
    public dev.casemate.sandbox.v1.DeleteSandboxResponse deleteSandbox(dev.casemate.sandbox.v1.DeleteSandboxRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteSandboxMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WaitSandbox answers when the sandbox has ended, or when `timeout` is over with the state it has then.
     * </pre>
     */
    public dev.casemate.sandbox.v1.WaitSandboxResponse waitSandbox(dev.casemate.sandbox.v1.WaitSandboxRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getWaitSandboxMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSandboxEvents pages through what happened to a sandbox, or to all of a team's, the oldest first: the newest 256 of each,
     * as long as its record is kept. Those of a sandbox that could not be made are kept as long, though GetSandbox does not find
     * it. Single execs are no events. Errors: NOT_FOUND (SANDBOX_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.sandbox.v1.ListSandboxEventsResponse listSandboxEvents(dev.casemate.sandbox.v1.ListSandboxEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSandboxEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Exec runs a command in a sandbox to its end and returns its output. When the call is cancelled or its deadline
     * passes, the command's process group is killed; a process that has left the group, by setsid, runs on until the sandbox ends, as one of
     * the agent's that holds no output. A command that does not exist ends with exit code 127 and the reason
     * on stderr. Errors: FAILED_PRECONDITION (SANDBOX_NOT_RUNNING); INVALID_ARGUMENT (USER_NOT_FOUND,
     * WORKING_DIRECTORY_INVALID, SECRET_VARIABLE, REQUEST_TOO_LARGE); RESOURCE_EXHAUSTED (PROCESS_LIMIT, FILE_LIMIT,
     * TOO_MANY_EXECS), with a google.rpc.RetryInfo; UNAVAILABLE (SANDBOX_LOST).
     * </pre>
     */
    public dev.casemate.sandbox.v1.ExecResponse exec(dev.casemate.sandbox.v1.ExecRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getExecMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StreamExec runs a command with its input and output streamed. The first request must be `start`; half-closing the
     * request stream closes the command's stdin. The last response is `exit`, after all output. Cancelling kills the
     * command's process group. Errors as for Exec, and FAILED_PRECONDITION (NO_TERMINAL).
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.casemate.sandbox.v1.StreamExecRequest, dev.casemate.sandbox.v1.StreamExecResponse>
        streamExec() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getStreamExecMethod(), getCallOptions());
    }

    /**
     * <pre>
     * StartProcess starts a command in the background of a sandbox and answers when it runs. It ends by itself, by its timeout, by
     * SignalProcess, or with the sandbox, and neither with this call nor with a restart of sandboxd. It does not keep a sandbox
     * with an idle_timeout: a call that is attached, or waits, does. A command that does not exist is no error: it has ended with exit code 127 and the reason in its output. Errors as for Exec, and
     * RESOURCE_EXHAUSTED (TOO_MANY_PROCESSES) where 64 run in the sandbox.
     * </pre>
     */
    public dev.casemate.sandbox.v1.StartProcessResponse startProcess(dev.casemate.sandbox.v1.StartProcessRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getStartProcessMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListProcesses returns a sandbox's background processes: those that run, and of those that have ended the latest, 64 in
     * all. Errors: FAILED_PRECONDITION (SANDBOX_NOT_RUNNING).
     * </pre>
     */
    public dev.casemate.sandbox.v1.ListProcessesResponse listProcesses(dev.casemate.sandbox.v1.ListProcessesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListProcessesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * AttachProcess streams a background process's output, from the oldest kept byte or the offset asked for, to its exit. The
     * newest 128 KiB are kept, also after the exit; what was lost before they were read is told. Several calls may be attached,
     * 16 at most; a process that writes faster than they read waits for them, a second at a time. The end of the call leaves the
     * process alone. Errors: NOT_FOUND (PROCESS_NOT_FOUND), RESOURCE_EXHAUSTED (TOO_MANY_ATTACHED), UNAVAILABLE
     * (SANDBOXD_STOPPING: attach again at the offset that is next).
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.casemate.sandbox.v1.AttachProcessResponse>
        attachProcess(dev.casemate.sandbox.v1.AttachProcessRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getAttachProcessMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SendProcessInput gives a background process input, and answers when it has taken all of it; while it reads nothing, the
     * call waits. When the call ends before, the process may have got a part. Calls at the same time are not mixed: one waits for
     * the other. Errors: NOT_FOUND (PROCESS_NOT_FOUND), FAILED_PRECONDITION (STDIN_CLOSED, NO_TERMINAL).
     * </pre>
     */
    public dev.casemate.sandbox.v1.SendProcessInputResponse sendProcessInput(dev.casemate.sandbox.v1.SendProcessInputRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSendProcessInputMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SignalProcess sends a signal to a background process's group. Of a process that has ended it reaches nobody, which is no
     * error. Errors: NOT_FOUND (PROCESS_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.sandbox.v1.SignalProcessResponse signalProcess(dev.casemate.sandbox.v1.SignalProcessRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSignalProcessMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WaitProcess answers when a background process has ended, or when `timeout` is over with what is known of it then. Errors:
     * NOT_FOUND (PROCESS_NOT_FOUND), UNAVAILABLE (SANDBOXD_STOPPING).
     * </pre>
     */
    public dev.casemate.sandbox.v1.WaitProcessResponse waitProcess(dev.casemate.sandbox.v1.WaitProcessRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getWaitProcessMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ReadFile returns a regular file of a sandbox. Errors: NOT_FOUND (FILE_NOT_FOUND), FAILED_PRECONDITION
     * (FILE_IS_DIRECTORY, FILE_NOT_REGULAR), PERMISSION_DENIED (FILE_PERMISSION_DENIED), OUT_OF_RANGE (FILE_TOO_LARGE, with
     * size_bytes and max_size_bytes in the metadata) above 32 MiB: DownloadArchive has no limit.
     * </pre>
     */
    public dev.casemate.sandbox.v1.ReadFileResponse readFile(dev.casemate.sandbox.v1.ReadFileRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReadFileMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WriteFile writes a whole file, making the directories above it. It takes an old one's place whole and keeps its owner and
     * mode; other hard links keep the old content. Errors as for ReadFile, and RESOURCE_EXHAUSTED (FILE_NO_SPACE),
     * FAILED_PRECONDITION (FILE_READ_ONLY), which all rpcs that change files have.
     * </pre>
     */
    public dev.casemate.sandbox.v1.WriteFileResponse writeFile(dev.casemate.sandbox.v1.WriteFileRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getWriteFileMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StatFile tells of a file, a directory, or anything else that has a name. Files of the kernel's in /proc are refused, here
     * and in all other rpcs: use Exec. Errors: NOT_FOUND (FILE_NOT_FOUND), FAILED_PRECONDITION (FILE_NOT_REGULAR),
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED).
     * </pre>
     */
    public dev.casemate.sandbox.v1.StatFileResponse statFile(dev.casemate.sandbox.v1.StatFileRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getStatFileMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListDirectory pages through the files in a directory, by the bytes of their names, not through what is in its
     * directories. Errors as for StatFile, and FAILED_PRECONDITION (FILE_NOT_DIRECTORY).
     * </pre>
     */
    public dev.casemate.sandbox.v1.ListDirectoryResponse listDirectory(dev.casemate.sandbox.v1.ListDirectoryRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListDirectoryMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * MakeDirectory makes a directory, which belongs to the sandbox's user. Errors: ALREADY_EXISTS (FILE_EXISTS), NOT_FOUND
     * (FILE_NOT_FOUND) where the one above it is missing, FAILED_PRECONDITION (FILE_NOT_DIRECTORY) where that is a file,
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED), RESOURCE_EXHAUSTED (FILE_NO_SPACE).
     * </pre>
     */
    public dev.casemate.sandbox.v1.MakeDirectoryResponse makeDirectory(dev.casemate.sandbox.v1.MakeDirectoryRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getMakeDirectoryMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RemoveFile removes a file, a symbolic link but not what it leads to, an empty directory, or, where `recursive` is set, a
     * directory with all that is in it. When the call ends early, what is removed by then stays so. Errors: NOT_FOUND
     * (FILE_NOT_FOUND), FAILED_PRECONDITION (DIRECTORY_NOT_EMPTY, FILE_TOO_DEEP), PERMISSION_DENIED (FILE_PERMISSION_DENIED).
     * </pre>
     */
    public dev.casemate.sandbox.v1.RemoveFileResponse removeFile(dev.casemate.sandbox.v1.RemoveFileRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRemoveFileMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * MoveFile gives a file or a directory another name, in one step. Errors: NOT_FOUND (FILE_NOT_FOUND), ALREADY_EXISTS
     * (FILE_EXISTS), FAILED_PRECONDITION (FILE_CROSS_DEVICE, DIRECTORY_NOT_EMPTY, FILE_IS_DIRECTORY, FILE_NOT_DIRECTORY),
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED), RESOURCE_EXHAUSTED (FILE_NO_SPACE).
     * </pre>
     */
    public dev.casemate.sandbox.v1.MoveFileResponse moveFile(dev.casemate.sandbox.v1.MoveFileRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getMoveFileMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DownloadArchive streams a file, or a directory with all that is in it, as a tar archive of any size. A directory's
     * entries are named below it, the directory itself `./`; a file's only entry is its last name. Modes, owners, times to the
     * nanosecond, symbolic links and, up to 65536 of them at a time, hard links are kept; sockets, pipes, devices and what is
     * in /proc or /sys are left out. Extended attributes of the user's (`user.*`) are kept, others are counted at the end. The
     * holes of sparse files are sent as the zeros that they read as. What is written meanwhile is in it or not. The last
     * message is `end`: without it, or with another hash than that of the bytes that came, the archive is not whole. Treat it
     * as you would one from a stranger. A call that broke off begins anew: what it reads may have changed. Errors as for
     * ReadFile, and FAILED_PRECONDITION (FILE_TOO_DEEP), ABORTED (FILE_CHANGED) for a file that became shorter while it was read.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.casemate.sandbox.v1.DownloadArchiveResponse>
        downloadArchive(dev.casemate.sandbox.v1.DownloadArchiveRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getDownloadArchiveMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UploadArchive unpacks a tar archive of any size below a directory of the sandbox, with modes, owners, times, symbolic
     * and hard links, and the user's extended attributes; blocks of zeros become holes. The first request must be `start`, the
     * last `end`. Each file is replaced whole; a directory that is there stays with what is in it. No entry leads out of the
     * directory, not by `..` nor by a symbolic link. When the call fails, what was unpacked by then stays, but for the last
     * file, which takes its place only when all has come and the hash is right: an archive of one file counts whole or not at
     * all. Errors as for WriteFile, and INVALID_ARGUMENT (ARCHIVE_INVALID, ARCHIVE_UNSAFE,
     * ARCHIVE_CHECKSUM_MISMATCH), FAILED_PRECONDITION (FILE_NOT_DIRECTORY).
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.casemate.sandbox.v1.UploadArchiveRequest, dev.casemate.sandbox.v1.UploadArchiveResponse>
        uploadArchive() {
      return io.grpc.stub.ClientCalls.blockingClientStreamingCall(
          getChannel(), getUploadArchiveMethod(), getCallOptions());
    }

    /**
     * <pre>
     * WatchFiles tells of changes in a directory of the sandbox, as they come, until the caller ends the call. A watch that is not
     * read loses changes, and says so (OVERFLOW). What comes in a directory that was just made may be told of twice, and what was
     * in it for a moment only not at all. Errors as for ListDirectory, and RESOURCE_EXHAUSTED (WATCH_LIMIT) for more than 16
     * watches of a sandbox at one time or more than 8192 directories in one of them; FAILED_PRECONDITION (WATCH_ENDED) when the
     * directory itself is removed or moved, (SANDBOX_NOT_RUNNING) when the sandbox ends; UNAVAILABLE (SANDBOXD_STOPPING) when
     * sandboxd is about to stop.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.casemate.sandbox.v1.WatchFilesResponse>
        watchFiles(dev.casemate.sandbox.v1.WatchFilesRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchFilesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ForwardPort connects to a TCP port inside the sandbox and carries its bytes both ways: to a program that listens on 127.0.0.1,
     * on ::1 or on the sandbox's own IPv4 address, whatever the sandbox's network is. The first request must be `start`, the first
     * response is `connected`; each call is one connection. Half-closing the request stream half-closes the connection; `end` says
     * that the program did, and may still be sent to. The call ends well when both have, or the program has closed its socket.
     * Neither way holds up the other, and what one side does not read the other has to wait with. When the call ends early the
     * program's connection is reset. A call counts as use for the idle timeout as long as it lasts. Secrets' values are not masked
     * in it. Errors: FAILED_PRECONDITION (PORT_REFUSED) where no program listens, (SANDBOX_NOT_RUNNING), (AGENT_OUTDATED);
     * PERMISSION_DENIED (SANDBOX_PRIVATE); RESOURCE_EXHAUSTED (PORT_BUSY) where the program takes no connection within 10 s,
     * (TOO_MANY_FORWARDS) for more than 128 at one time in a sandbox, both with a google.rpc.RetryInfo; ABORTED (PORT_RESET) when the
     * program cut the connection; UNAVAILABLE (SANDBOXD_STOPPING) when sandboxd is about to stop, (SANDBOX_LOST).
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.casemate.sandbox.v1.ForwardPortRequest, dev.casemate.sandbox.v1.ForwardPortResponse>
        forwardPort() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getForwardPortMethod(), getCallOptions());
    }

    /**
     * <pre>
     * StreamLogs streams the main process's stdout and stderr, from the oldest kept byte or the place asked for. Secret
     * values of the sandbox are masked in it. A stream that broke is taken up where it was by `offset`, also after a restart
     * of sandboxd; what is not kept any more is told of by `lost_bytes`. The log is kept, in bounds that the operator sets, as
     * long as the sandbox's record. Errors: OUT_OF_RANGE (LOG_OFFSET_INVALID) for an offset that the log has not reached;
     * UNAVAILABLE (SANDBOXD_STOPPING) for a followed log when sandboxd is about to stop.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.casemate.sandbox.v1.StreamLogsResponse>
        streamLogs(dev.casemate.sandbox.v1.StreamLogsRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getStreamLogsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ImportImage stores an image from an OCI or docker archive (tar, or tar.gz) under a name. Operators only, since every
     * team can run it. The first request must be `metadata`. Errors: INVALID_ARGUMENT (IMAGE_ARCHIVE_INVALID).
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.casemate.sandbox.v1.ImportImageRequest, dev.casemate.sandbox.v1.ImportImageResponse>
        importImage() {
      return io.grpc.stub.ClientCalls.blockingClientStreamingCall(
          getChannel(), getImportImageMethod(), getCallOptions());
    }

    /**
     * <pre>
     * ListImages pages through the stored images, by name.
     * </pre>
     */
    public dev.casemate.sandbox.v1.ListImagesResponse listImages(dev.casemate.sandbox.v1.ListImagesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListImagesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SandboxService.
   * <pre>
   * SandboxService runs sandboxes.
   * Authentication: every rpc needs `authorization: Bearer &lt;API key&gt;` metadata; sandboxd asks secretsd whom the key stands
   * for. A sandbox belongs to a team; only keys with the RUN scope, of users in that team, see it. To anyone else it does
   * not exist (NOT_FOUND, reason SANDBOX_NOT_FOUND). A request may name a sandbox `teams/-/sandboxes/{sandbox}` where it does
   * not know the team: that means any team of the caller's, and the answer has the full name. Auditors of a team have no part
   * in its sandboxes. One that holds a restricted secret is seen and ended by all others, but its commands, files, logs,
   * end (ExtendSandbox) and network (UpdateNetwork) are for who made it and for owners of the team: PERMISSION_DENIED
   * (SANDBOX_PRIVATE) to the rest.
   * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
   * with google.rpc.BadRequest. When secretsd can't be reached the answer is UNAVAILABLE (reason SECRETSD_UNAVAILABLE).
   * </pre>
   */
  public static final class SandboxServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SandboxServiceBlockingStub> {
    private SandboxServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SandboxServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SandboxServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * RunSandbox makes a sandbox and answers when its main process runs with its secrets in its environment, or, without a
     * command, when the sandbox is ready for Exec. A repeated `request_id` of the same caller returns the same sandbox.
     * Errors: FAILED_PRECONDITION (SECRETS_UNRESOLVED) with a google.rpc.PreconditionFailure violation for every secret
     * reference that failed; NOT_FOUND (IMAGE_NOT_FOUND); FAILED_PRECONDITION or UNAVAILABLE (IMAGE_PULL_FAILED);
     * FAILED_PRECONDITION (SECRET_REVOKED) for one that was revoked meanwhile;
     * FAILED_PRECONDITION (IMAGE_INVALID, IMAGE_TOO_LARGE, IMAGE_PLATFORM_MISMATCH); INVALID_ARGUMENT (USER_NOT_FOUND,
     * WORKING_DIRECTORY_INVALID, ENVIRONMENT_TOO_LARGE); ALREADY_EXISTS (REQUEST_ID_CONFLICT) for a repeated request_id
     * with another spec; RESOURCE_EXHAUSTED (TOO_MANY_SANDBOXES) when the operator's limit of sandboxes is reached, and
     * (QUOTA_EXCEEDED) when the team's is, or its share of cpu, memory or starts a second: the metadata has `team`, `quota`, `limit`
     * and `used`. A place is free the moment its sandbox is gone. RESOURCE_EXHAUSTED (NO_HOST_PORT) or FAILED_PRECONDITION
     * (INGRESS_UNAVAILABLE) where `network.ingress` can't be had. On any error no sandbox is left behind. One that came after
     * the sandbox was recorded has the sandbox's id in its metadata, `sandbox`: ListSandboxEvents tells how far it came.
     * </pre>
     */
    public dev.casemate.sandbox.v1.RunSandboxResponse runSandbox(dev.casemate.sandbox.v1.RunSandboxRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRunSandboxMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSandbox returns a sandbox, also after its end, for as long as the operator keeps its record: an hour, unless the team
     * ended more than 10000 since. Errors: NOT_FOUND (SANDBOX_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.sandbox.v1.GetSandboxResponse getSandbox(dev.casemate.sandbox.v1.GetSandboxRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSandboxMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSandboxes pages through a team's sandboxes, newest first.
     * </pre>
     */
    public dev.casemate.sandbox.v1.ListSandboxesResponse listSandboxes(dev.casemate.sandbox.v1.ListSandboxesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSandboxesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StopSandbox ends a sandbox: SIGTERM to the main process, SIGKILL to everything after the grace period. It answers
     * when the sandbox is gone; its record stays, and its `reason` says who stopped it. Stopping a stopped sandbox is no error.
     * </pre>
     */
    public dev.casemate.sandbox.v1.StopSandboxResponse stopSandbox(dev.casemate.sandbox.v1.StopSandboxRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getStopSandboxMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ExtendSandbox gives a running sandbox a new end, later or earlier than the one that it has, in place of its max_lifetime; it
     * counts as use for the idle timeout. The answer is durable: a restarted sandboxd keeps to it. Errors: INVALID_ARGUMENT for an
     * end that is not in the future, or later than the operator's limit of a lifetime after the sandbox's start allows;
     * FAILED_PRECONDITION (SANDBOX_NOT_RUNNING); PERMISSION_DENIED (SANDBOX_PRIVATE).
     * </pre>
     */
    public dev.casemate.sandbox.v1.ExtendSandboxResponse extendSandbox(dev.casemate.sandbox.v1.ExtendSandboxRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getExtendSandboxMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateNetwork narrows what of the network a running sandbox may reach, and cuts the connections that the new rules refuse:
     * once it has answered, nothing of one passes in either direction. The answer is durable. The same rules again change nothing.
     * It counts as use for the idle timeout. Errors: INVALID_ARGUMENT for rules that the operator's policy refuses;
     * FAILED_PRECONDITION with reason NETWORK_NOT_NARROWER, whose PreconditionFailure names each rule that is wider,
     * SANDBOX_NOT_RUNNING, or NETWORK_NOT_HERE; PERMISSION_DENIED (SANDBOX_PRIVATE).
     * </pre>
     */
    public dev.casemate.sandbox.v1.UpdateNetworkResponse updateNetwork(dev.casemate.sandbox.v1.UpdateNetworkRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateNetworkMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteSandbox ends a sandbox at once and removes its record and logs.
     * </pre>
     */
    public dev.casemate.sandbox.v1.DeleteSandboxResponse deleteSandbox(dev.casemate.sandbox.v1.DeleteSandboxRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteSandboxMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WaitSandbox answers when the sandbox has ended, or when `timeout` is over with the state it has then.
     * </pre>
     */
    public dev.casemate.sandbox.v1.WaitSandboxResponse waitSandbox(dev.casemate.sandbox.v1.WaitSandboxRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getWaitSandboxMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSandboxEvents pages through what happened to a sandbox, or to all of a team's, the oldest first: the newest 256 of each,
     * as long as its record is kept. Those of a sandbox that could not be made are kept as long, though GetSandbox does not find
     * it. Single execs are no events. Errors: NOT_FOUND (SANDBOX_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.sandbox.v1.ListSandboxEventsResponse listSandboxEvents(dev.casemate.sandbox.v1.ListSandboxEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSandboxEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Exec runs a command in a sandbox to its end and returns its output. When the call is cancelled or its deadline
     * passes, the command's process group is killed; a process that has left the group, by setsid, runs on until the sandbox ends, as one of
     * the agent's that holds no output. A command that does not exist ends with exit code 127 and the reason
     * on stderr. Errors: FAILED_PRECONDITION (SANDBOX_NOT_RUNNING); INVALID_ARGUMENT (USER_NOT_FOUND,
     * WORKING_DIRECTORY_INVALID, SECRET_VARIABLE, REQUEST_TOO_LARGE); RESOURCE_EXHAUSTED (PROCESS_LIMIT, FILE_LIMIT,
     * TOO_MANY_EXECS), with a google.rpc.RetryInfo; UNAVAILABLE (SANDBOX_LOST).
     * </pre>
     */
    public dev.casemate.sandbox.v1.ExecResponse exec(dev.casemate.sandbox.v1.ExecRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getExecMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StartProcess starts a command in the background of a sandbox and answers when it runs. It ends by itself, by its timeout, by
     * SignalProcess, or with the sandbox, and neither with this call nor with a restart of sandboxd. It does not keep a sandbox
     * with an idle_timeout: a call that is attached, or waits, does. A command that does not exist is no error: it has ended with exit code 127 and the reason in its output. Errors as for Exec, and
     * RESOURCE_EXHAUSTED (TOO_MANY_PROCESSES) where 64 run in the sandbox.
     * </pre>
     */
    public dev.casemate.sandbox.v1.StartProcessResponse startProcess(dev.casemate.sandbox.v1.StartProcessRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getStartProcessMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListProcesses returns a sandbox's background processes: those that run, and of those that have ended the latest, 64 in
     * all. Errors: FAILED_PRECONDITION (SANDBOX_NOT_RUNNING).
     * </pre>
     */
    public dev.casemate.sandbox.v1.ListProcessesResponse listProcesses(dev.casemate.sandbox.v1.ListProcessesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListProcessesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * AttachProcess streams a background process's output, from the oldest kept byte or the offset asked for, to its exit. The
     * newest 128 KiB are kept, also after the exit; what was lost before they were read is told. Several calls may be attached,
     * 16 at most; a process that writes faster than they read waits for them, a second at a time. The end of the call leaves the
     * process alone. Errors: NOT_FOUND (PROCESS_NOT_FOUND), RESOURCE_EXHAUSTED (TOO_MANY_ATTACHED), UNAVAILABLE
     * (SANDBOXD_STOPPING: attach again at the offset that is next).
     * </pre>
     */
    public java.util.Iterator<dev.casemate.sandbox.v1.AttachProcessResponse> attachProcess(
        dev.casemate.sandbox.v1.AttachProcessRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getAttachProcessMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SendProcessInput gives a background process input, and answers when it has taken all of it; while it reads nothing, the
     * call waits. When the call ends before, the process may have got a part. Calls at the same time are not mixed: one waits for
     * the other. Errors: NOT_FOUND (PROCESS_NOT_FOUND), FAILED_PRECONDITION (STDIN_CLOSED, NO_TERMINAL).
     * </pre>
     */
    public dev.casemate.sandbox.v1.SendProcessInputResponse sendProcessInput(dev.casemate.sandbox.v1.SendProcessInputRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSendProcessInputMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SignalProcess sends a signal to a background process's group. Of a process that has ended it reaches nobody, which is no
     * error. Errors: NOT_FOUND (PROCESS_NOT_FOUND).
     * </pre>
     */
    public dev.casemate.sandbox.v1.SignalProcessResponse signalProcess(dev.casemate.sandbox.v1.SignalProcessRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSignalProcessMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WaitProcess answers when a background process has ended, or when `timeout` is over with what is known of it then. Errors:
     * NOT_FOUND (PROCESS_NOT_FOUND), UNAVAILABLE (SANDBOXD_STOPPING).
     * </pre>
     */
    public dev.casemate.sandbox.v1.WaitProcessResponse waitProcess(dev.casemate.sandbox.v1.WaitProcessRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getWaitProcessMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ReadFile returns a regular file of a sandbox. Errors: NOT_FOUND (FILE_NOT_FOUND), FAILED_PRECONDITION
     * (FILE_IS_DIRECTORY, FILE_NOT_REGULAR), PERMISSION_DENIED (FILE_PERMISSION_DENIED), OUT_OF_RANGE (FILE_TOO_LARGE, with
     * size_bytes and max_size_bytes in the metadata) above 32 MiB: DownloadArchive has no limit.
     * </pre>
     */
    public dev.casemate.sandbox.v1.ReadFileResponse readFile(dev.casemate.sandbox.v1.ReadFileRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReadFileMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WriteFile writes a whole file, making the directories above it. It takes an old one's place whole and keeps its owner and
     * mode; other hard links keep the old content. Errors as for ReadFile, and RESOURCE_EXHAUSTED (FILE_NO_SPACE),
     * FAILED_PRECONDITION (FILE_READ_ONLY), which all rpcs that change files have.
     * </pre>
     */
    public dev.casemate.sandbox.v1.WriteFileResponse writeFile(dev.casemate.sandbox.v1.WriteFileRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getWriteFileMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StatFile tells of a file, a directory, or anything else that has a name. Files of the kernel's in /proc are refused, here
     * and in all other rpcs: use Exec. Errors: NOT_FOUND (FILE_NOT_FOUND), FAILED_PRECONDITION (FILE_NOT_REGULAR),
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED).
     * </pre>
     */
    public dev.casemate.sandbox.v1.StatFileResponse statFile(dev.casemate.sandbox.v1.StatFileRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getStatFileMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListDirectory pages through the files in a directory, by the bytes of their names, not through what is in its
     * directories. Errors as for StatFile, and FAILED_PRECONDITION (FILE_NOT_DIRECTORY).
     * </pre>
     */
    public dev.casemate.sandbox.v1.ListDirectoryResponse listDirectory(dev.casemate.sandbox.v1.ListDirectoryRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListDirectoryMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * MakeDirectory makes a directory, which belongs to the sandbox's user. Errors: ALREADY_EXISTS (FILE_EXISTS), NOT_FOUND
     * (FILE_NOT_FOUND) where the one above it is missing, FAILED_PRECONDITION (FILE_NOT_DIRECTORY) where that is a file,
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED), RESOURCE_EXHAUSTED (FILE_NO_SPACE).
     * </pre>
     */
    public dev.casemate.sandbox.v1.MakeDirectoryResponse makeDirectory(dev.casemate.sandbox.v1.MakeDirectoryRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getMakeDirectoryMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RemoveFile removes a file, a symbolic link but not what it leads to, an empty directory, or, where `recursive` is set, a
     * directory with all that is in it. When the call ends early, what is removed by then stays so. Errors: NOT_FOUND
     * (FILE_NOT_FOUND), FAILED_PRECONDITION (DIRECTORY_NOT_EMPTY, FILE_TOO_DEEP), PERMISSION_DENIED (FILE_PERMISSION_DENIED).
     * </pre>
     */
    public dev.casemate.sandbox.v1.RemoveFileResponse removeFile(dev.casemate.sandbox.v1.RemoveFileRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRemoveFileMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * MoveFile gives a file or a directory another name, in one step. Errors: NOT_FOUND (FILE_NOT_FOUND), ALREADY_EXISTS
     * (FILE_EXISTS), FAILED_PRECONDITION (FILE_CROSS_DEVICE, DIRECTORY_NOT_EMPTY, FILE_IS_DIRECTORY, FILE_NOT_DIRECTORY),
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED), RESOURCE_EXHAUSTED (FILE_NO_SPACE).
     * </pre>
     */
    public dev.casemate.sandbox.v1.MoveFileResponse moveFile(dev.casemate.sandbox.v1.MoveFileRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getMoveFileMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DownloadArchive streams a file, or a directory with all that is in it, as a tar archive of any size. A directory's
     * entries are named below it, the directory itself `./`; a file's only entry is its last name. Modes, owners, times to the
     * nanosecond, symbolic links and, up to 65536 of them at a time, hard links are kept; sockets, pipes, devices and what is
     * in /proc or /sys are left out. Extended attributes of the user's (`user.*`) are kept, others are counted at the end. The
     * holes of sparse files are sent as the zeros that they read as. What is written meanwhile is in it or not. The last
     * message is `end`: without it, or with another hash than that of the bytes that came, the archive is not whole. Treat it
     * as you would one from a stranger. A call that broke off begins anew: what it reads may have changed. Errors as for
     * ReadFile, and FAILED_PRECONDITION (FILE_TOO_DEEP), ABORTED (FILE_CHANGED) for a file that became shorter while it was read.
     * </pre>
     */
    public java.util.Iterator<dev.casemate.sandbox.v1.DownloadArchiveResponse> downloadArchive(
        dev.casemate.sandbox.v1.DownloadArchiveRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getDownloadArchiveMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchFiles tells of changes in a directory of the sandbox, as they come, until the caller ends the call. A watch that is not
     * read loses changes, and says so (OVERFLOW). What comes in a directory that was just made may be told of twice, and what was
     * in it for a moment only not at all. Errors as for ListDirectory, and RESOURCE_EXHAUSTED (WATCH_LIMIT) for more than 16
     * watches of a sandbox at one time or more than 8192 directories in one of them; FAILED_PRECONDITION (WATCH_ENDED) when the
     * directory itself is removed or moved, (SANDBOX_NOT_RUNNING) when the sandbox ends; UNAVAILABLE (SANDBOXD_STOPPING) when
     * sandboxd is about to stop.
     * </pre>
     */
    public java.util.Iterator<dev.casemate.sandbox.v1.WatchFilesResponse> watchFiles(
        dev.casemate.sandbox.v1.WatchFilesRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchFilesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StreamLogs streams the main process's stdout and stderr, from the oldest kept byte or the place asked for. Secret
     * values of the sandbox are masked in it. A stream that broke is taken up where it was by `offset`, also after a restart
     * of sandboxd; what is not kept any more is told of by `lost_bytes`. The log is kept, in bounds that the operator sets, as
     * long as the sandbox's record. Errors: OUT_OF_RANGE (LOG_OFFSET_INVALID) for an offset that the log has not reached;
     * UNAVAILABLE (SANDBOXD_STOPPING) for a followed log when sandboxd is about to stop.
     * </pre>
     */
    public java.util.Iterator<dev.casemate.sandbox.v1.StreamLogsResponse> streamLogs(
        dev.casemate.sandbox.v1.StreamLogsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getStreamLogsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListImages pages through the stored images, by name.
     * </pre>
     */
    public dev.casemate.sandbox.v1.ListImagesResponse listImages(dev.casemate.sandbox.v1.ListImagesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListImagesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SandboxService.
   * <pre>
   * SandboxService runs sandboxes.
   * Authentication: every rpc needs `authorization: Bearer &lt;API key&gt;` metadata; sandboxd asks secretsd whom the key stands
   * for. A sandbox belongs to a team; only keys with the RUN scope, of users in that team, see it. To anyone else it does
   * not exist (NOT_FOUND, reason SANDBOX_NOT_FOUND). A request may name a sandbox `teams/-/sandboxes/{sandbox}` where it does
   * not know the team: that means any team of the caller's, and the answer has the full name. Auditors of a team have no part
   * in its sandboxes. One that holds a restricted secret is seen and ended by all others, but its commands, files, logs,
   * end (ExtendSandbox) and network (UpdateNetwork) are for who made it and for owners of the team: PERMISSION_DENIED
   * (SANDBOX_PRIVATE) to the rest.
   * Errors: every error carries google.rpc.ErrorInfo with domain `casemate.dev`. Malformed requests are INVALID_ARGUMENT
   * with google.rpc.BadRequest. When secretsd can't be reached the answer is UNAVAILABLE (reason SECRETSD_UNAVAILABLE).
   * </pre>
   */
  public static final class SandboxServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<SandboxServiceFutureStub> {
    private SandboxServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SandboxServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SandboxServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * RunSandbox makes a sandbox and answers when its main process runs with its secrets in its environment, or, without a
     * command, when the sandbox is ready for Exec. A repeated `request_id` of the same caller returns the same sandbox.
     * Errors: FAILED_PRECONDITION (SECRETS_UNRESOLVED) with a google.rpc.PreconditionFailure violation for every secret
     * reference that failed; NOT_FOUND (IMAGE_NOT_FOUND); FAILED_PRECONDITION or UNAVAILABLE (IMAGE_PULL_FAILED);
     * FAILED_PRECONDITION (SECRET_REVOKED) for one that was revoked meanwhile;
     * FAILED_PRECONDITION (IMAGE_INVALID, IMAGE_TOO_LARGE, IMAGE_PLATFORM_MISMATCH); INVALID_ARGUMENT (USER_NOT_FOUND,
     * WORKING_DIRECTORY_INVALID, ENVIRONMENT_TOO_LARGE); ALREADY_EXISTS (REQUEST_ID_CONFLICT) for a repeated request_id
     * with another spec; RESOURCE_EXHAUSTED (TOO_MANY_SANDBOXES) when the operator's limit of sandboxes is reached, and
     * (QUOTA_EXCEEDED) when the team's is, or its share of cpu, memory or starts a second: the metadata has `team`, `quota`, `limit`
     * and `used`. A place is free the moment its sandbox is gone. RESOURCE_EXHAUSTED (NO_HOST_PORT) or FAILED_PRECONDITION
     * (INGRESS_UNAVAILABLE) where `network.ingress` can't be had. On any error no sandbox is left behind. One that came after
     * the sandbox was recorded has the sandbox's id in its metadata, `sandbox`: ListSandboxEvents tells how far it came.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.RunSandboxResponse> runSandbox(
        dev.casemate.sandbox.v1.RunSandboxRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRunSandboxMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetSandbox returns a sandbox, also after its end, for as long as the operator keeps its record: an hour, unless the team
     * ended more than 10000 since. Errors: NOT_FOUND (SANDBOX_NOT_FOUND).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.GetSandboxResponse> getSandbox(
        dev.casemate.sandbox.v1.GetSandboxRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSandboxMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSandboxes pages through a team's sandboxes, newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.ListSandboxesResponse> listSandboxes(
        dev.casemate.sandbox.v1.ListSandboxesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSandboxesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * StopSandbox ends a sandbox: SIGTERM to the main process, SIGKILL to everything after the grace period. It answers
     * when the sandbox is gone; its record stays, and its `reason` says who stopped it. Stopping a stopped sandbox is no error.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.StopSandboxResponse> stopSandbox(
        dev.casemate.sandbox.v1.StopSandboxRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getStopSandboxMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ExtendSandbox gives a running sandbox a new end, later or earlier than the one that it has, in place of its max_lifetime; it
     * counts as use for the idle timeout. The answer is durable: a restarted sandboxd keeps to it. Errors: INVALID_ARGUMENT for an
     * end that is not in the future, or later than the operator's limit of a lifetime after the sandbox's start allows;
     * FAILED_PRECONDITION (SANDBOX_NOT_RUNNING); PERMISSION_DENIED (SANDBOX_PRIVATE).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.ExtendSandboxResponse> extendSandbox(
        dev.casemate.sandbox.v1.ExtendSandboxRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getExtendSandboxMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateNetwork narrows what of the network a running sandbox may reach, and cuts the connections that the new rules refuse:
     * once it has answered, nothing of one passes in either direction. The answer is durable. The same rules again change nothing.
     * It counts as use for the idle timeout. Errors: INVALID_ARGUMENT for rules that the operator's policy refuses;
     * FAILED_PRECONDITION with reason NETWORK_NOT_NARROWER, whose PreconditionFailure names each rule that is wider,
     * SANDBOX_NOT_RUNNING, or NETWORK_NOT_HERE; PERMISSION_DENIED (SANDBOX_PRIVATE).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.UpdateNetworkResponse> updateNetwork(
        dev.casemate.sandbox.v1.UpdateNetworkRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateNetworkMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteSandbox ends a sandbox at once and removes its record and logs.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.DeleteSandboxResponse> deleteSandbox(
        dev.casemate.sandbox.v1.DeleteSandboxRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteSandboxMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * WaitSandbox answers when the sandbox has ended, or when `timeout` is over with the state it has then.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.WaitSandboxResponse> waitSandbox(
        dev.casemate.sandbox.v1.WaitSandboxRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getWaitSandboxMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSandboxEvents pages through what happened to a sandbox, or to all of a team's, the oldest first: the newest 256 of each,
     * as long as its record is kept. Those of a sandbox that could not be made are kept as long, though GetSandbox does not find
     * it. Single execs are no events. Errors: NOT_FOUND (SANDBOX_NOT_FOUND).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.ListSandboxEventsResponse> listSandboxEvents(
        dev.casemate.sandbox.v1.ListSandboxEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSandboxEventsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Exec runs a command in a sandbox to its end and returns its output. When the call is cancelled or its deadline
     * passes, the command's process group is killed; a process that has left the group, by setsid, runs on until the sandbox ends, as one of
     * the agent's that holds no output. A command that does not exist ends with exit code 127 and the reason
     * on stderr. Errors: FAILED_PRECONDITION (SANDBOX_NOT_RUNNING); INVALID_ARGUMENT (USER_NOT_FOUND,
     * WORKING_DIRECTORY_INVALID, SECRET_VARIABLE, REQUEST_TOO_LARGE); RESOURCE_EXHAUSTED (PROCESS_LIMIT, FILE_LIMIT,
     * TOO_MANY_EXECS), with a google.rpc.RetryInfo; UNAVAILABLE (SANDBOX_LOST).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.ExecResponse> exec(
        dev.casemate.sandbox.v1.ExecRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getExecMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * StartProcess starts a command in the background of a sandbox and answers when it runs. It ends by itself, by its timeout, by
     * SignalProcess, or with the sandbox, and neither with this call nor with a restart of sandboxd. It does not keep a sandbox
     * with an idle_timeout: a call that is attached, or waits, does. A command that does not exist is no error: it has ended with exit code 127 and the reason in its output. Errors as for Exec, and
     * RESOURCE_EXHAUSTED (TOO_MANY_PROCESSES) where 64 run in the sandbox.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.StartProcessResponse> startProcess(
        dev.casemate.sandbox.v1.StartProcessRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getStartProcessMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListProcesses returns a sandbox's background processes: those that run, and of those that have ended the latest, 64 in
     * all. Errors: FAILED_PRECONDITION (SANDBOX_NOT_RUNNING).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.ListProcessesResponse> listProcesses(
        dev.casemate.sandbox.v1.ListProcessesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListProcessesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * SendProcessInput gives a background process input, and answers when it has taken all of it; while it reads nothing, the
     * call waits. When the call ends before, the process may have got a part. Calls at the same time are not mixed: one waits for
     * the other. Errors: NOT_FOUND (PROCESS_NOT_FOUND), FAILED_PRECONDITION (STDIN_CLOSED, NO_TERMINAL).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.SendProcessInputResponse> sendProcessInput(
        dev.casemate.sandbox.v1.SendProcessInputRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSendProcessInputMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * SignalProcess sends a signal to a background process's group. Of a process that has ended it reaches nobody, which is no
     * error. Errors: NOT_FOUND (PROCESS_NOT_FOUND).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.SignalProcessResponse> signalProcess(
        dev.casemate.sandbox.v1.SignalProcessRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSignalProcessMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * WaitProcess answers when a background process has ended, or when `timeout` is over with what is known of it then. Errors:
     * NOT_FOUND (PROCESS_NOT_FOUND), UNAVAILABLE (SANDBOXD_STOPPING).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.WaitProcessResponse> waitProcess(
        dev.casemate.sandbox.v1.WaitProcessRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getWaitProcessMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ReadFile returns a regular file of a sandbox. Errors: NOT_FOUND (FILE_NOT_FOUND), FAILED_PRECONDITION
     * (FILE_IS_DIRECTORY, FILE_NOT_REGULAR), PERMISSION_DENIED (FILE_PERMISSION_DENIED), OUT_OF_RANGE (FILE_TOO_LARGE, with
     * size_bytes and max_size_bytes in the metadata) above 32 MiB: DownloadArchive has no limit.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.ReadFileResponse> readFile(
        dev.casemate.sandbox.v1.ReadFileRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReadFileMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * WriteFile writes a whole file, making the directories above it. It takes an old one's place whole and keeps its owner and
     * mode; other hard links keep the old content. Errors as for ReadFile, and RESOURCE_EXHAUSTED (FILE_NO_SPACE),
     * FAILED_PRECONDITION (FILE_READ_ONLY), which all rpcs that change files have.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.WriteFileResponse> writeFile(
        dev.casemate.sandbox.v1.WriteFileRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getWriteFileMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * StatFile tells of a file, a directory, or anything else that has a name. Files of the kernel's in /proc are refused, here
     * and in all other rpcs: use Exec. Errors: NOT_FOUND (FILE_NOT_FOUND), FAILED_PRECONDITION (FILE_NOT_REGULAR),
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.StatFileResponse> statFile(
        dev.casemate.sandbox.v1.StatFileRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getStatFileMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListDirectory pages through the files in a directory, by the bytes of their names, not through what is in its
     * directories. Errors as for StatFile, and FAILED_PRECONDITION (FILE_NOT_DIRECTORY).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.ListDirectoryResponse> listDirectory(
        dev.casemate.sandbox.v1.ListDirectoryRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListDirectoryMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * MakeDirectory makes a directory, which belongs to the sandbox's user. Errors: ALREADY_EXISTS (FILE_EXISTS), NOT_FOUND
     * (FILE_NOT_FOUND) where the one above it is missing, FAILED_PRECONDITION (FILE_NOT_DIRECTORY) where that is a file,
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED), RESOURCE_EXHAUSTED (FILE_NO_SPACE).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.MakeDirectoryResponse> makeDirectory(
        dev.casemate.sandbox.v1.MakeDirectoryRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getMakeDirectoryMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RemoveFile removes a file, a symbolic link but not what it leads to, an empty directory, or, where `recursive` is set, a
     * directory with all that is in it. When the call ends early, what is removed by then stays so. Errors: NOT_FOUND
     * (FILE_NOT_FOUND), FAILED_PRECONDITION (DIRECTORY_NOT_EMPTY, FILE_TOO_DEEP), PERMISSION_DENIED (FILE_PERMISSION_DENIED).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.RemoveFileResponse> removeFile(
        dev.casemate.sandbox.v1.RemoveFileRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRemoveFileMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * MoveFile gives a file or a directory another name, in one step. Errors: NOT_FOUND (FILE_NOT_FOUND), ALREADY_EXISTS
     * (FILE_EXISTS), FAILED_PRECONDITION (FILE_CROSS_DEVICE, DIRECTORY_NOT_EMPTY, FILE_IS_DIRECTORY, FILE_NOT_DIRECTORY),
     * PERMISSION_DENIED (FILE_PERMISSION_DENIED), RESOURCE_EXHAUSTED (FILE_NO_SPACE).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.MoveFileResponse> moveFile(
        dev.casemate.sandbox.v1.MoveFileRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getMoveFileMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListImages pages through the stored images, by name.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.casemate.sandbox.v1.ListImagesResponse> listImages(
        dev.casemate.sandbox.v1.ListImagesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListImagesMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_RUN_SANDBOX = 0;
  private static final int METHODID_GET_SANDBOX = 1;
  private static final int METHODID_LIST_SANDBOXES = 2;
  private static final int METHODID_STOP_SANDBOX = 3;
  private static final int METHODID_EXTEND_SANDBOX = 4;
  private static final int METHODID_UPDATE_NETWORK = 5;
  private static final int METHODID_DELETE_SANDBOX = 6;
  private static final int METHODID_WAIT_SANDBOX = 7;
  private static final int METHODID_LIST_SANDBOX_EVENTS = 8;
  private static final int METHODID_EXEC = 9;
  private static final int METHODID_START_PROCESS = 10;
  private static final int METHODID_LIST_PROCESSES = 11;
  private static final int METHODID_ATTACH_PROCESS = 12;
  private static final int METHODID_SEND_PROCESS_INPUT = 13;
  private static final int METHODID_SIGNAL_PROCESS = 14;
  private static final int METHODID_WAIT_PROCESS = 15;
  private static final int METHODID_READ_FILE = 16;
  private static final int METHODID_WRITE_FILE = 17;
  private static final int METHODID_STAT_FILE = 18;
  private static final int METHODID_LIST_DIRECTORY = 19;
  private static final int METHODID_MAKE_DIRECTORY = 20;
  private static final int METHODID_REMOVE_FILE = 21;
  private static final int METHODID_MOVE_FILE = 22;
  private static final int METHODID_DOWNLOAD_ARCHIVE = 23;
  private static final int METHODID_WATCH_FILES = 24;
  private static final int METHODID_STREAM_LOGS = 25;
  private static final int METHODID_LIST_IMAGES = 26;
  private static final int METHODID_STREAM_EXEC = 27;
  private static final int METHODID_UPLOAD_ARCHIVE = 28;
  private static final int METHODID_FORWARD_PORT = 29;
  private static final int METHODID_IMPORT_IMAGE = 30;

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
        case METHODID_RUN_SANDBOX:
          serviceImpl.runSandbox((dev.casemate.sandbox.v1.RunSandboxRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.RunSandboxResponse>) responseObserver);
          break;
        case METHODID_GET_SANDBOX:
          serviceImpl.getSandbox((dev.casemate.sandbox.v1.GetSandboxRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.GetSandboxResponse>) responseObserver);
          break;
        case METHODID_LIST_SANDBOXES:
          serviceImpl.listSandboxes((dev.casemate.sandbox.v1.ListSandboxesRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListSandboxesResponse>) responseObserver);
          break;
        case METHODID_STOP_SANDBOX:
          serviceImpl.stopSandbox((dev.casemate.sandbox.v1.StopSandboxRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StopSandboxResponse>) responseObserver);
          break;
        case METHODID_EXTEND_SANDBOX:
          serviceImpl.extendSandbox((dev.casemate.sandbox.v1.ExtendSandboxRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ExtendSandboxResponse>) responseObserver);
          break;
        case METHODID_UPDATE_NETWORK:
          serviceImpl.updateNetwork((dev.casemate.sandbox.v1.UpdateNetworkRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.UpdateNetworkResponse>) responseObserver);
          break;
        case METHODID_DELETE_SANDBOX:
          serviceImpl.deleteSandbox((dev.casemate.sandbox.v1.DeleteSandboxRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.DeleteSandboxResponse>) responseObserver);
          break;
        case METHODID_WAIT_SANDBOX:
          serviceImpl.waitSandbox((dev.casemate.sandbox.v1.WaitSandboxRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.WaitSandboxResponse>) responseObserver);
          break;
        case METHODID_LIST_SANDBOX_EVENTS:
          serviceImpl.listSandboxEvents((dev.casemate.sandbox.v1.ListSandboxEventsRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListSandboxEventsResponse>) responseObserver);
          break;
        case METHODID_EXEC:
          serviceImpl.exec((dev.casemate.sandbox.v1.ExecRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ExecResponse>) responseObserver);
          break;
        case METHODID_START_PROCESS:
          serviceImpl.startProcess((dev.casemate.sandbox.v1.StartProcessRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StartProcessResponse>) responseObserver);
          break;
        case METHODID_LIST_PROCESSES:
          serviceImpl.listProcesses((dev.casemate.sandbox.v1.ListProcessesRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListProcessesResponse>) responseObserver);
          break;
        case METHODID_ATTACH_PROCESS:
          serviceImpl.attachProcess((dev.casemate.sandbox.v1.AttachProcessRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.AttachProcessResponse>) responseObserver);
          break;
        case METHODID_SEND_PROCESS_INPUT:
          serviceImpl.sendProcessInput((dev.casemate.sandbox.v1.SendProcessInputRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.SendProcessInputResponse>) responseObserver);
          break;
        case METHODID_SIGNAL_PROCESS:
          serviceImpl.signalProcess((dev.casemate.sandbox.v1.SignalProcessRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.SignalProcessResponse>) responseObserver);
          break;
        case METHODID_WAIT_PROCESS:
          serviceImpl.waitProcess((dev.casemate.sandbox.v1.WaitProcessRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.WaitProcessResponse>) responseObserver);
          break;
        case METHODID_READ_FILE:
          serviceImpl.readFile((dev.casemate.sandbox.v1.ReadFileRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ReadFileResponse>) responseObserver);
          break;
        case METHODID_WRITE_FILE:
          serviceImpl.writeFile((dev.casemate.sandbox.v1.WriteFileRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.WriteFileResponse>) responseObserver);
          break;
        case METHODID_STAT_FILE:
          serviceImpl.statFile((dev.casemate.sandbox.v1.StatFileRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StatFileResponse>) responseObserver);
          break;
        case METHODID_LIST_DIRECTORY:
          serviceImpl.listDirectory((dev.casemate.sandbox.v1.ListDirectoryRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListDirectoryResponse>) responseObserver);
          break;
        case METHODID_MAKE_DIRECTORY:
          serviceImpl.makeDirectory((dev.casemate.sandbox.v1.MakeDirectoryRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.MakeDirectoryResponse>) responseObserver);
          break;
        case METHODID_REMOVE_FILE:
          serviceImpl.removeFile((dev.casemate.sandbox.v1.RemoveFileRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.RemoveFileResponse>) responseObserver);
          break;
        case METHODID_MOVE_FILE:
          serviceImpl.moveFile((dev.casemate.sandbox.v1.MoveFileRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.MoveFileResponse>) responseObserver);
          break;
        case METHODID_DOWNLOAD_ARCHIVE:
          serviceImpl.downloadArchive((dev.casemate.sandbox.v1.DownloadArchiveRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.DownloadArchiveResponse>) responseObserver);
          break;
        case METHODID_WATCH_FILES:
          serviceImpl.watchFiles((dev.casemate.sandbox.v1.WatchFilesRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.WatchFilesResponse>) responseObserver);
          break;
        case METHODID_STREAM_LOGS:
          serviceImpl.streamLogs((dev.casemate.sandbox.v1.StreamLogsRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StreamLogsResponse>) responseObserver);
          break;
        case METHODID_LIST_IMAGES:
          serviceImpl.listImages((dev.casemate.sandbox.v1.ListImagesRequest) request,
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ListImagesResponse>) responseObserver);
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
        case METHODID_STREAM_EXEC:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.streamExec(
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.StreamExecResponse>) responseObserver);
        case METHODID_UPLOAD_ARCHIVE:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.uploadArchive(
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.UploadArchiveResponse>) responseObserver);
        case METHODID_FORWARD_PORT:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.forwardPort(
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ForwardPortResponse>) responseObserver);
        case METHODID_IMPORT_IMAGE:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.importImage(
              (io.grpc.stub.StreamObserver<dev.casemate.sandbox.v1.ImportImageResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getRunSandboxMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.RunSandboxRequest,
              dev.casemate.sandbox.v1.RunSandboxResponse>(
                service, METHODID_RUN_SANDBOX)))
        .addMethod(
          getGetSandboxMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.GetSandboxRequest,
              dev.casemate.sandbox.v1.GetSandboxResponse>(
                service, METHODID_GET_SANDBOX)))
        .addMethod(
          getListSandboxesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.ListSandboxesRequest,
              dev.casemate.sandbox.v1.ListSandboxesResponse>(
                service, METHODID_LIST_SANDBOXES)))
        .addMethod(
          getStopSandboxMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.StopSandboxRequest,
              dev.casemate.sandbox.v1.StopSandboxResponse>(
                service, METHODID_STOP_SANDBOX)))
        .addMethod(
          getExtendSandboxMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.ExtendSandboxRequest,
              dev.casemate.sandbox.v1.ExtendSandboxResponse>(
                service, METHODID_EXTEND_SANDBOX)))
        .addMethod(
          getUpdateNetworkMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.UpdateNetworkRequest,
              dev.casemate.sandbox.v1.UpdateNetworkResponse>(
                service, METHODID_UPDATE_NETWORK)))
        .addMethod(
          getDeleteSandboxMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.DeleteSandboxRequest,
              dev.casemate.sandbox.v1.DeleteSandboxResponse>(
                service, METHODID_DELETE_SANDBOX)))
        .addMethod(
          getWaitSandboxMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.WaitSandboxRequest,
              dev.casemate.sandbox.v1.WaitSandboxResponse>(
                service, METHODID_WAIT_SANDBOX)))
        .addMethod(
          getListSandboxEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.ListSandboxEventsRequest,
              dev.casemate.sandbox.v1.ListSandboxEventsResponse>(
                service, METHODID_LIST_SANDBOX_EVENTS)))
        .addMethod(
          getExecMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.ExecRequest,
              dev.casemate.sandbox.v1.ExecResponse>(
                service, METHODID_EXEC)))
        .addMethod(
          getStreamExecMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.StreamExecRequest,
              dev.casemate.sandbox.v1.StreamExecResponse>(
                service, METHODID_STREAM_EXEC)))
        .addMethod(
          getStartProcessMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.StartProcessRequest,
              dev.casemate.sandbox.v1.StartProcessResponse>(
                service, METHODID_START_PROCESS)))
        .addMethod(
          getListProcessesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.ListProcessesRequest,
              dev.casemate.sandbox.v1.ListProcessesResponse>(
                service, METHODID_LIST_PROCESSES)))
        .addMethod(
          getAttachProcessMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.AttachProcessRequest,
              dev.casemate.sandbox.v1.AttachProcessResponse>(
                service, METHODID_ATTACH_PROCESS)))
        .addMethod(
          getSendProcessInputMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.SendProcessInputRequest,
              dev.casemate.sandbox.v1.SendProcessInputResponse>(
                service, METHODID_SEND_PROCESS_INPUT)))
        .addMethod(
          getSignalProcessMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.SignalProcessRequest,
              dev.casemate.sandbox.v1.SignalProcessResponse>(
                service, METHODID_SIGNAL_PROCESS)))
        .addMethod(
          getWaitProcessMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.WaitProcessRequest,
              dev.casemate.sandbox.v1.WaitProcessResponse>(
                service, METHODID_WAIT_PROCESS)))
        .addMethod(
          getReadFileMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.ReadFileRequest,
              dev.casemate.sandbox.v1.ReadFileResponse>(
                service, METHODID_READ_FILE)))
        .addMethod(
          getWriteFileMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.WriteFileRequest,
              dev.casemate.sandbox.v1.WriteFileResponse>(
                service, METHODID_WRITE_FILE)))
        .addMethod(
          getStatFileMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.StatFileRequest,
              dev.casemate.sandbox.v1.StatFileResponse>(
                service, METHODID_STAT_FILE)))
        .addMethod(
          getListDirectoryMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.ListDirectoryRequest,
              dev.casemate.sandbox.v1.ListDirectoryResponse>(
                service, METHODID_LIST_DIRECTORY)))
        .addMethod(
          getMakeDirectoryMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.MakeDirectoryRequest,
              dev.casemate.sandbox.v1.MakeDirectoryResponse>(
                service, METHODID_MAKE_DIRECTORY)))
        .addMethod(
          getRemoveFileMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.RemoveFileRequest,
              dev.casemate.sandbox.v1.RemoveFileResponse>(
                service, METHODID_REMOVE_FILE)))
        .addMethod(
          getMoveFileMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.MoveFileRequest,
              dev.casemate.sandbox.v1.MoveFileResponse>(
                service, METHODID_MOVE_FILE)))
        .addMethod(
          getDownloadArchiveMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.DownloadArchiveRequest,
              dev.casemate.sandbox.v1.DownloadArchiveResponse>(
                service, METHODID_DOWNLOAD_ARCHIVE)))
        .addMethod(
          getUploadArchiveMethod(),
          io.grpc.stub.ServerCalls.asyncClientStreamingCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.UploadArchiveRequest,
              dev.casemate.sandbox.v1.UploadArchiveResponse>(
                service, METHODID_UPLOAD_ARCHIVE)))
        .addMethod(
          getWatchFilesMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.WatchFilesRequest,
              dev.casemate.sandbox.v1.WatchFilesResponse>(
                service, METHODID_WATCH_FILES)))
        .addMethod(
          getForwardPortMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.ForwardPortRequest,
              dev.casemate.sandbox.v1.ForwardPortResponse>(
                service, METHODID_FORWARD_PORT)))
        .addMethod(
          getStreamLogsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.StreamLogsRequest,
              dev.casemate.sandbox.v1.StreamLogsResponse>(
                service, METHODID_STREAM_LOGS)))
        .addMethod(
          getImportImageMethod(),
          io.grpc.stub.ServerCalls.asyncClientStreamingCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.ImportImageRequest,
              dev.casemate.sandbox.v1.ImportImageResponse>(
                service, METHODID_IMPORT_IMAGE)))
        .addMethod(
          getListImagesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.casemate.sandbox.v1.ListImagesRequest,
              dev.casemate.sandbox.v1.ListImagesResponse>(
                service, METHODID_LIST_IMAGES)))
        .build();
  }

  private static abstract class SandboxServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SandboxServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.casemate.sandbox.v1.SandboxServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SandboxService");
    }
  }

  private static final class SandboxServiceFileDescriptorSupplier
      extends SandboxServiceBaseDescriptorSupplier {
    SandboxServiceFileDescriptorSupplier() {}
  }

  private static final class SandboxServiceMethodDescriptorSupplier
      extends SandboxServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SandboxServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (SandboxServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SandboxServiceFileDescriptorSupplier())
              .addMethod(getRunSandboxMethod())
              .addMethod(getGetSandboxMethod())
              .addMethod(getListSandboxesMethod())
              .addMethod(getStopSandboxMethod())
              .addMethod(getExtendSandboxMethod())
              .addMethod(getUpdateNetworkMethod())
              .addMethod(getDeleteSandboxMethod())
              .addMethod(getWaitSandboxMethod())
              .addMethod(getListSandboxEventsMethod())
              .addMethod(getExecMethod())
              .addMethod(getStreamExecMethod())
              .addMethod(getStartProcessMethod())
              .addMethod(getListProcessesMethod())
              .addMethod(getAttachProcessMethod())
              .addMethod(getSendProcessInputMethod())
              .addMethod(getSignalProcessMethod())
              .addMethod(getWaitProcessMethod())
              .addMethod(getReadFileMethod())
              .addMethod(getWriteFileMethod())
              .addMethod(getStatFileMethod())
              .addMethod(getListDirectoryMethod())
              .addMethod(getMakeDirectoryMethod())
              .addMethod(getRemoveFileMethod())
              .addMethod(getMoveFileMethod())
              .addMethod(getDownloadArchiveMethod())
              .addMethod(getUploadArchiveMethod())
              .addMethod(getWatchFilesMethod())
              .addMethod(getForwardPortMethod())
              .addMethod(getStreamLogsMethod())
              .addMethod(getImportImageMethod())
              .addMethod(getListImagesMethod())
              .build();
        }
      }
    }
    return result;
  }
}
