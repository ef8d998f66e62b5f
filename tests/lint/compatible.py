#!/usr/bin/python3
"""The .proto changes compatibly: what tests/lint/thidua.v1.fields has recorded (each field and enum value with its number
and type) is still there, unchanged. `compatible.py --record` adds what is new; nothing is ever taken out."""
import os
import subprocess
import sys
import tempfile

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet

from tap import TOP, report

RECORD = os.path.join(TOP, "tests/lint/thidua.v1.fields")


def described():
    """One line for each field and enum value of the .proto as it is."""
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["protoc", f"--proto_path={TOP}", f"--descriptor_set_out={out.name}", "proto/thidua.proto"],
                       check=True, cwd=TOP)
        file = FileDescriptorSet.FromString(out.read()).file[0]
    for message in file.message_type:
        for field in message.field:
            kind = field.type_name or FieldDescriptorProto.Type.Name(field.type)
            label = FieldDescriptorProto.Label.Name(field.label)
            packed = " packed" if field.options.packed else ""
            yield f"{message.name}.{field.name} = {field.number} {label} {kind}{packed}"
    for enum in file.enum_type:
        for value in enum.value:
            yield f"{enum.name}.{value.name} = {value.number}"


def recorded():
    with open(RECORD, encoding="utf-8") as file:
        return set(file.read().splitlines())


def main():
    now = set(described())
    if "--record" in sys.argv:
        lines = sorted(now | (recorded() if os.path.exists(RECORD) else set()))
        with open(RECORD, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return
    was = recorded()
    report([
        ("what is recorded of the .proto is still there, unchanged", [f"is gone or changed: {line}" for line in sorted(was - now)]),
        ("what is new in the .proto is recorded (compatible.py --record)", [f"is new: {line}" for line in sorted(now - was)]),
    ])


main()
