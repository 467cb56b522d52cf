"""Parse and build a network with TensorRT's parser; run in an environment that has tensorrt-rtx.

``build_engine.py NETWORK.onnx``: prints JSON with the parser's errors, the inputs and the size of the engine.
"""

import json
import sys

import tensorrt_rtx as trt


def main(path: str) -> None:
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, logger)
    parsed = parser.parse_from_file(path)
    errors = [parser.get_error(i).desc() for i in range(parser.num_errors)]
    found: dict[str, object] = {"parsed": bool(parsed), "errors": errors}
    if parsed:
        profile = builder.create_optimization_profile()
        inputs = [network.get_input(i) for i in range(network.num_inputs)]
        for tensor in inputs:
            fixed = tuple(tensor.shape)[1:]
            profile.set_shape(tensor.name, (1, *fixed), (10, *fixed), (128, *fixed))
        config = builder.create_builder_config()
        config.add_optimization_profile(profile)
        config.num_compute_capabilities = 1
        config.set_compute_capability(trt.ComputeCapability.SM89, 0)
        engine = builder.build_serialized_network(network, config)
        found["inputs"] = {tensor.name: list(tensor.shape) for tensor in inputs}
        found["bytes"] = len(bytes(engine)) if engine else 0
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
