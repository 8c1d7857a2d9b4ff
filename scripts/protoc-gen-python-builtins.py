#!/usr/bin/env python3
"""A protoc plugin that answers with what protoc's own python and grpc_python generators make.

grpcio-tools has these built into its protoc, where buf can't call them as plugins. So this takes buf's request on
stdin, hands its descriptors to that protoc, and puts the files into the response on stdout. It also makes the
__init__.py of every package but the topmost, which belongs to who ships the files. To be run by the interpreter that
has grpcio-tools.
"""

import pathlib
import sys
import tempfile

from google.protobuf.compiler import plugin_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

request = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
response = plugin_pb2.CodeGeneratorResponse(supported_features=plugin_pb2.CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL)
with tempfile.TemporaryDirectory() as tmp:
    out = pathlib.Path(tmp, "out")
    out.mkdir()
    descriptors = pathlib.Path(tmp, "descriptors")
    descriptors.write_bytes(FileDescriptorSet(file=request.proto_file).SerializeToString())
    options = [f"--{generator}_out={out}" for generator in ("python", "grpc_python")]
    code = protoc.main(["protoc", f"--descriptor_set_in={descriptors}", *options, *request.file_to_generate])
    if code != 0:
        sys.exit(code)
    files = {file.relative_to(out): file.read_text() for file in out.rglob("*.py*")}
for file in list(files):
    files.update({package / "__init__.py": "" for package in list(file.parents)[:-2]})
for file in sorted(files):
    response.file.add(name=str(file), content=files[file])
sys.stdout.buffer.write(response.SerializeToString())
