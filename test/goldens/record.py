"""Calls with their derivatives, and how they are written down."""

import json
import math
import os

import torch

# PyTorch indexes with int64; hopgrad's whole numbers are int32.
DTYPES = {torch.float64: 'float64', torch.int64: 'int32', torch.bool: 'bool'}


def record(function, args, draw):
    """
    What a function gives for hopgrad's arguments: `output`, and where it has a derivative the gradients of
    sum(cotangent * output) with respect to every floating tensor among the arguments, in the order they stand in.
    The cotangent is what `draw` gives for the output's shape.
    """
    leaves = floats_among(args)
    for leaf in leaves:
        leaf.requires_grad_(True)
    output = function(*args)
    golden = {'args': args, 'output': output}
    if output.requires_grad:
        cotangent = draw(*output.shape).requires_grad_(True)
        gradients = torch.autograd.grad(output, leaves, cotangent, create_graph=True, allow_unused=True)
        gradients = [zeros_for_none(g, leaf) for g, leaf in zip(gradients, leaves)]
        golden |= {'cotangent': cotangent, 'gradients': gradients}
    return golden


def record_twice(function, args, draw):
    """
    Also the gradients of sum(direction * gradient), with respect to the same tensors and, last, to the cotangent.
    """
    golden = record(function, args, draw)
    if 'gradients' not in golden:
        return golden
    inputs = [*floats_among(args), golden['cotangent']]
    direction = [draw(*leaf.shape) for leaf in inputs[:-1]]
    along = sum((g * v).sum() for g, v in zip(golden['gradients'], direction))
    found = torch.autograd.grad(along, inputs, allow_unused=True) if along.requires_grad else [None] * len(inputs)
    return golden | {'direction': direction, 'second': [zeros_for_none(g, x) for g, x in zip(found, inputs)]}


def zeros_for_none(gradient, x):
    return torch.zeros_like(x) if gradient is None else gradient


def floats_among(value):
    """The floating tensors in nested lists and options, in order, each once."""
    if isinstance(value, torch.Tensor):
        return [value] if value.is_floating_point() else []
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else []
    found = []
    for part in parts:
        found += [x for x in floats_among(part) if not any(x is other for other in found)]
    return found


def write(file, entries, broken=1):
    """Writes JSON beside this file: an entry a line, for lists and objects up to `broken` levels deep."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), file), 'w') as out:
        out.write(encode(entries, broken) + '\n')


def encode(value, broken=0):
    """JSON, with tensors as {dtype, shape, data} and the numbers that JSON lacks as strings."""
    if isinstance(value, torch.Tensor):
        data = ', '.join(number(x) for x in value.detach().clone().reshape(-1).tolist())
        return f'{{ "dtype": "{DTYPES[value.dtype]}", "shape": {list(value.shape)}, "data": [{data}] }}'
    if isinstance(value, dict):
        parts = [f'{json.dumps(key)}: {encode(part, broken - 1)}' for key, part in value.items()]
        return enclosed('{', parts, '}', broken)
    if isinstance(value, (list, tuple)):
        nested = any(isinstance(part, (dict, list, torch.Tensor)) for part in value)
        return enclosed('[', [encode(part, broken - 1) for part in value], ']', broken if nested else 0)
    return number(value) if isinstance(value, float) else json.dumps(value)


def enclosed(start, parts, end, broken):
    if broken > 0:
        return f'{start}\n' + ',\n'.join(parts) + f'\n{end}'
    return start + ', '.join(parts) + end


def number(x):
    """The shortest text that reads back to the same bits."""
    if isinstance(x, bool):
        return str(int(x))
    if math.isnan(x) or math.isinf(x):
        return {'nan': '"NaN"', 'inf': '"Infinity"', '-inf': '"-Infinity"'}[repr(x)]
    return repr(x).removesuffix('.0')
