"""The protobuf runtime under ``a2fbridge._proto``: a descriptor pool of our own.

NVIDIA's wheels register messages of the same names in protobuf's default pool.  Ours live in a pool that
nobody else uses, so that both can be imported into one process.
"""

from __future__ import annotations

from typing import Any, Final

from google.protobuf import any_pb2, empty_pb2, message_factory
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

__all__ = ["POOL", "add_file"]

POOL: Final = DescriptorPool()

for _well_known in (any_pb2, empty_pb2):
    POOL.AddSerializedFile(_well_known.DESCRIPTOR.serialized_pb)


def add_file(serialized: bytes, namespace: dict[str, Any]) -> FileDescriptor:
    """Add a serialised FileDescriptorProto to the pool and its messages and enums to a module's namespace."""
    file: FileDescriptor = POOL.AddSerializedFile(serialized)
    for name, message in file.message_types_by_name.items():
        namespace[name] = message_factory.GetMessageClass(message)
        namespace[name].__module__ = namespace["__name__"]
    for name, enum in file.enum_types_by_name.items():
        namespace[name] = EnumTypeWrapper(enum)
        namespace.update({value.name: value.number for value in enum.values})
    return file
