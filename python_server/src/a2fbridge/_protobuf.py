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

__all__ = ["add_file", "pool_with"]

_pool: Final = DescriptorPool()
_files: Final = [any_pb2.DESCRIPTOR, empty_pb2.DESCRIPTOR]

for _well_known in _files:
    _pool.AddSerializedFile(_well_known.serialized_pb)


def add_file(serialized: bytes, namespace: dict[str, Any]) -> FileDescriptor:
    """Add a serialised FileDescriptorProto to the pool and its messages and enums to a module's namespace."""
    file: FileDescriptor = _pool.AddSerializedFile(serialized)
    _files.append(file)
    for name, message in file.message_types_by_name.items():
        namespace[name] = message_factory.GetMessageClass(message)
        namespace[name].__module__ = namespace["__name__"]
    for name, enum in file.enum_types_by_name.items():
        namespace[name] = EnumTypeWrapper(enum)
        namespace.update({value.name: value.number for value in enum.values})
    return file


def pool_with(*others: FileDescriptor) -> DescriptorPool:
    """Return a copy of the pool that also holds files of protobuf's default pool (which need no further files)."""
    pool = DescriptorPool()
    for file in (*_files, *others):
        pool.AddSerializedFile(file.serialized_pb)
    return pool
