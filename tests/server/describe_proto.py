"""Prints what services and messages look like on the wire, as JSON; run with NVIDIA's packages or with ours.

Message names are left out, since the two families of stubs differ in nothing else.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor


def describe_message(message: Descriptor) -> dict[str, Any]:
    return {
        "fields": {str(field.number): describe_field(field) for field in message.fields},
        "oneofs": {
            oneof.name: [field.number for field in oneof.fields]
            for oneof in message.oneofs
            if not oneof.name.startswith("_")
        },
        "map_entry": message.GetOptions().map_entry,
    }


def describe_field(field: FieldDescriptor) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": field.type,
        "repeated": field.is_repeated,
        "packed": field.is_packed,
        "presence": field.has_presence,
        "message": describe_message(field.message_type) if field.message_type else None,
        "enum": {v.name: v.number for v in field.enum_type.values} if field.enum_type else None,
    }


def describe(modules: list[str], extra_messages: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for module in map(importlib.import_module, modules):
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                result[f"/{service.full_name}/{method.name}"] = {
                    "streaming": [method.client_streaming, method.server_streaming],
                    "input": describe_message(method.input_type),
                    "output": describe_message(method.output_type),
                }
    for path in extra_messages:
        module_name, name = path.rsplit(".", 1)
        result[name] = describe_message(getattr(importlib.import_module(module_name), name).DESCRIPTOR)
    return result


if __name__ == "__main__":
    services, messages = (argument.split(",") for argument in sys.argv[1:3])
    print(json.dumps(describe(services, messages)))
