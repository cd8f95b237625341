"""Calls of every op: options, broadcasting, axes from either end, away from kinks (those are in kinks.py)."""

import torch

from draw import Draw
from record import record_twice
from torch_ops import like_dropout, torch_ops

INDEX = torch.tensor  # whole numbers, where they stand for places


def goldens():
    return [golden(op, case, arguments) for op, case, arguments in calls()]


def golden(op, case, arguments):
    draw = Draw(f'{op}: {case}')
    return {'op': op, 'case': case, **record_twice(torch_ops[op], arguments(draw), draw)}


def calls():
    """(op, case, function from a Draw to the arguments)."""
    groups = [pointwise, comparisons, reductions, shapes, indices, products, layers, losses]
    return [call for group in groups for call in group()]


def pointwise():
    ranges = {
        **dict.fromkeys('cos erf exp expm1 gelu geluTanh neg sigmoid silu sin softplus square tanh'.split(), (-3, 3)),
        **dict.fromkeys('log rsqrt sqrt'.split(), (0.2, 3)),
        'log1p': (-0.8, 3),
        'reciprocal': (0.5, 3),
    }
    for op, (low, high) in ranges.items():
        yield op, 'a matrix', lambda d, low=low, high=high: [d(2, 4, low=low, high=high)]
        yield op, 'a scalar', lambda d, low=low, high=high: [d(low=low, high=high)]
    yield 'reciprocal', 'of negative numbers', lambda d: [d(3, low=-3, high=-0.5)]
    yield 'erf', 'in its tails', lambda d: [d(6, low=2, high=5)]
    for op in 'abs relu sign leakyRelu'.split():
        yield op, 'a matrix', lambda d: [d.apart(2, 4)]
        yield op, 'a scalar', lambda d: [d()]
    yield 'leakyRelu', 'another slope', lambda d: [d.apart(2, 3), 0.3]
    yield 'clamp', 'to both bounds', lambda d: [d.apart(2, 5), -0.2, 0.1]
    yield 'clamp', 'from below only', lambda d: [d.apart(6), -0.1]
    yield 'clamp', 'from above only', lambda d: [d.apart(6), None, 0.1]

    for op in 'add sub mul div maximum minimum'.split():
        low = 0.5 if op == 'div' else -2
        yield op, 'two matrices', lambda d, low=low: [d(2, 3), d(2, 3, low=low)]
        yield op, 'both broadcast', lambda d, low=low: [d(2, 1, 3), d(4, 1, low=low)]
        yield op, 'a number on the right', lambda d: [d(2, 3), 0.75]
        yield op, 'a number on the left', lambda d, low=low: [1.5, d(2, 3, low=low)]
    for op in 'add sub mul'.split():
        yield op, 'whole numbers', lambda d: [d.ids(2, 3, below=9), d.ids(3, below=9)]
    yield 'pow', 'two matrices', lambda d: [d(2, 3, low=0.5), d(2, 3)]
    yield 'pow', 'both broadcast', lambda d: [d(2, 1, low=0.5), d(3)]
    yield 'pow', 'a negative base to whole powers', lambda d: [d(4), 3]
    yield 'pow', 'a number as base', lambda d: [1.5, d(4)]

    yield 'where', 'two matrices', lambda d: [d.mask(2, 3), d(2, 3), d(2, 3)]
    yield 'where', 'all three broadcast', lambda d: [d.mask(2, 1), d(3), d(4, 1, 1)]
    yield 'where', 'a number', lambda d: [d.mask(2, 3), d(2, 3), 0.5]
    yield 'dropout', 'of p 0', lambda d: with_mask(d(2, 3), 0, 1)
    yield 'dropout', 'of p 0.4', lambda d: with_mask(d(3, 5), 0.4, 2)
    yield 'dropout', 'of p 0.75', lambda d: with_mask(d(12), 0.75, 3)


def with_mask(x, p, seed):
    return [x, p, like_dropout(x, p, seed)]


def comparisons():
    for op in 'eq ne lt le gt ge'.split():
        yield op, 'with ties', lambda d: [d.ids(2, 6, below=3), d.ids(6, below=3)]
        yield op, 'floating', lambda d: [torch.round(d(2, 4)), torch.round(d(4))]
        yield op, 'with a number', lambda d: [torch.round(d(7)), 1]
    for op in 'logicalAnd logicalOr logicalXor'.split():
        yield op, 'truth values', lambda d: [d.mask(2, 6), d.mask(6)]
        yield op, 'numbers', lambda d: [torch.round(d(2, 6, low=-1, high=1)), torch.round(d(6, low=-1, high=1))]
    yield 'logicalNot', 'truth values', lambda d: [d.mask(6)]
    yield 'logicalNot', 'numbers', lambda d: [torch.round(d(6, low=-1, high=1))]
    yield 'isNan', 'among numbers', lambda d: [d(6).index_fill(0, INDEX([1, 4]), float('nan'))]
    yield 'isNan', 'not infinite, not whole', lambda d: [d(2, 2) / 0]
    yield 'isNan', 'whole numbers', lambda d: [d.ids(3, below=5)]


def reductions():
    for op in 'sum mean prod max min variance logSumExp'.split():
        values = Draw.apart if op in ('max', 'min') else Draw.__call__
        yield op, 'over all', lambda d, values=values: [values(d, 2, 3)]
        yield op, 'over the last axis', lambda d, values=values: [values(d, 2, 3), -1]
        yield op, 'over two axes', lambda d, values=values: [values(d, 2, 3, 2), [0, -1]]
        yield op, 'keeping the axis', lambda d, values=values: [values(d, 2, 3), 0, {'keepDim': True}]
    yield 'variance', 'of the population', lambda d: [d(2, 3), 1, {'correction': 0}]
    yield 'logSumExp', 'far out', lambda d: [d(2, 3) * 1000, -1]
    for op in 'argmax argmin'.split():
        yield op, 'over all', lambda d: [d.apart(3, 4)]
        yield op, 'over an axis', lambda d: [d.apart(3, 4), 0]
        yield op, 'keeping the axis', lambda d: [d.apart(3, 4), -1, {'keepDim': True}]
    for op in 'cumsum cumprod'.split():
        yield op, 'over the last axis', lambda d: [d(2, 4)]
        yield op, 'over another axis', lambda d: [d(3, 2, 2), 0]
        yield op, 'over an axis from the end', lambda d: [d(2, 3, 2), -2]
    for op in 'argsort sortValues'.split():
        yield op, 'over the last axis', lambda d: [d.apart(3, 4)]
        yield op, 'over another axis', lambda d: [d.apart(4, 3), 0]
        yield op, 'descending', lambda d: [d.apart(2, 5), -1, {'descending': True}]
    yield 'topkValues', 'the largest', lambda d: [d.apart(3, 5), 2]
    yield 'topkValues', 'along another axis', lambda d: [d.apart(4, 3), 3, 0]
    yield 'topkValues', 'the smallest', lambda d: [d.apart(2, 5), 2, -1, {'largest': False}]


def shapes():
    yield 'at', 'positions', lambda d: [d(3, 4, 2), 1, -1]
    yield 'at', 'ranges', lambda d: [d(3, 4, 2), [1], [0, 3]]
    yield 'at', 'both', lambda d: [d(3, 4, 2), [0, 2], -2]
    yield 'cat', 'rows', lambda d: [[d(2, 3), d(1, 3)]]
    yield 'cat', 'along the last axis', lambda d: [[d(2, 1), d(2, 3), d(2, 2)], -1]
    yield 'contiguous', 'a matrix', lambda d: [d(2, 3)]
    yield 'contiguous', 'a scalar', lambda d: [d()]
    yield 'detach', 'a matrix', lambda d: [d(2, 3)]
    yield 'detach', 'a scalar', lambda d: [d()]
    yield 'expand', 'a column', lambda d: [d(2, 1), [2, 3]]
    yield 'expand', 'with leading axes', lambda d: [d(1, 3), [2, 4, -1]]
    yield 'flatten', 'all', lambda d: [d(2, 3, 2)]
    yield 'flatten', 'some axes', lambda d: [d(2, 2, 3), 1, -1]
    yield 'flip', 'all axes', lambda d: [d(2, 3)]
    yield 'flip', 'one axis', lambda d: [d(2, 3), -1]
    yield 'flip', 'some axes', lambda d: [d(2, 3, 2), [0, 2]]
    yield 'pad', 'every axis', lambda d: [d(2, 2), [[1, 0], [0, 2]]]
    yield 'pad', 'with a value', lambda d: [d(3), [[1, 2]], 1.5]
    yield 'permute', 'three axes', lambda d: [d(2, 3, 2), [2, 0, 1]]
    yield 'permute', 'axes from the end', lambda d: [d(2, 3), [-1, 0]]
    yield 'placeSlice', 'at a start', lambda d: [d(2, 3), [4, 3], 0, 1]
    yield 'placeSlice', 'in steps', lambda d: [d(2, 3), [2, 7], -1, 1, 2]
    yield 'repeat', 'both axes', lambda d: [d(2, 3), [2, 1]]
    yield 'repeat', 'with a leading axis', lambda d: [d(3), [2, 2]]
    yield 'reshape', 'to a shape', lambda d: [d(2, 6), [3, 4]]
    yield 'reshape', 'with an extent to infer', lambda d: [d(2, 3, 2), [-1, 2]]
    yield 'select', 'a position', lambda d: [d(2, 3), 1, 2]
    yield 'select', 'from the end', lambda d: [d(2, 3, 2), -2, -1]
    yield 'slice', 'a range', lambda d: [d(5), 0, 1, 3]
    yield 'slice', 'to the end', lambda d: [d(2, 5), -1, 2]
    yield 'slice', 'in steps, from the end', lambda d: [d(2, 5), 1, -4, -1, 2]
    yield 'squeeze', 'all axes of size 1', lambda d: [d(1, 2, 1)]
    yield 'squeeze', 'one axis', lambda d: [d(1, 2, 1), -1]
    yield 'stack', 'a leading axis', lambda d: [[d(2, 3), d(2, 3)]]
    yield 'stack', 'a last axis', lambda d: [[d(3), d(3), d(3)], -1]
    yield 'transpose', 'a matrix', lambda d: [d(2, 3)]
    yield 'transpose', 'two of three axes', lambda d: [d(2, 3, 2), 0, -1]
    for op in 'tril triu'.split():
        yield op, 'the main diagonal', lambda d: [d(3, 4)]
        yield op, 'a diagonal above', lambda d: [d(2, 3, 3), 1]
        yield op, 'a diagonal below', lambda d: [d(4, 3), -1]
    yield 'unsqueeze', 'in front', lambda d: [d(2, 3), 0]
    yield 'unsqueeze', 'from the end', lambda d: [d(2, 3), -2]
    yield 'to', 'the same type', lambda d: [d(4), 'float64']
    yield 'to', 'whole numbers', lambda d: [d(6), 'int32']
    yield 'to', 'truth values', lambda d: [torch.round(d(6, low=-1, high=1)), 'bool']
    yield 'to', 'from whole numbers', lambda d: [d.ids(5, below=9), 'float64']


def indices():
    yield 'embedding', 'a batch of ids', lambda d: [d(5, 3), d.ids(2, 4, below=5)]
    yield 'embedding', 'one id', lambda d: [d(5, 3), INDEX(2)]
    yield 'gather', 'along the last axis', lambda d: [d(2, 4), -1, d.ids(2, 3, below=4)]
    yield 'gather', 'along the first axis', lambda d: [d(3, 4), 0, d.ids(5, 4, below=3)]
    yield 'gatherRows', 'with repeats', lambda d: [d(3, 2), INDEX([2, 0, 2, 1])]
    yield 'gatherRows', 'with padding', lambda d: [d(3, 2), INDEX([-1, 1, -1, 0])]
    yield 'indexSelect', 'rows', lambda d: [d(3, 2), 0, INDEX([2, 2, 0])]
    yield 'indexSelect', 'along the last axis', lambda d: [d(2, 2, 3), -1, INDEX([1, 0, 1, 2])]
    yield 'oneHot', 'a batch of ids', lambda d: [d.ids(2, 3, below=4), 4, 'float64']
    yield 'oneHot', 'as truth values', lambda d: [d.ids(5, below=3), 3, 'bool']
    yield 'scatterAdd', 'along the last axis', lambda d: [d(2, 4), -1, d.ids(2, 3, below=4), d(2, 3)]
    yield 'scatterAdd', 'more than there are', lambda d: [d(2, 3), 0, d.ids(5, 3, below=2), d(5, 3)]
    yield 'scatterAddRows', 'with repeats', lambda d: [d(4, 2), INDEX([2, 0, 2, 1]), 4]
    yield 'scatterAddRows', 'with padding', lambda d: [d(4, 2), INDEX([-1, 1, 1, -1]), 3]
    yield 'scatterRows', 'some rows', lambda d: [d(4, 2), INDEX([3, 1]), d(2, 2)]
    yield 'scatterRows', 'with padding', lambda d: [d(4, 2), INDEX([2, -1, 0]), d(3, 2)]


def products():
    yield 'matmul', 'matrices', lambda d: [d(2, 3), d(3, 4)]
    yield 'matmul', 'batches that broadcast', lambda d: [d(2, 1, 2, 3), d(3, 3, 2)]
    yield 'matmul', 'many by one', lambda d: [d(2, 2, 3), d(3, 2)]
    yield 'matmul', 'vectors', lambda d: [d(4), d(4)]
    yield 'matmul', 'a vector on the left', lambda d: [d(3), d(2, 3, 2)]
    yield 'matmul', 'a vector on the right', lambda d: [d(2, 2, 3), d(3)]
    yield 'linear', 'rows', lambda d: [d(3, 4), d(2, 4), d(2)]
    yield 'linear', 'a batch without a bias', lambda d: [d(2, 2, 3), d(4, 3)]
    yield 'linear', 'a vector', lambda d: [d(3), d(2, 3), d(2)]
    yield 'einsum', 'a batched product', lambda d: ['bij,bjk->bik', d(2, 2, 3), d(2, 3, 2)]
    yield 'einsum', 'without an arrow', lambda d: ['ij,jk', d(2, 3), d(3, 2)]
    yield 'einsum', 'three tensors', lambda d: ['bi,bj,b->ij', d(2, 3), d(2, 2), d(2)]
    yield 'einsum', 'a sum over an axis of one', lambda d: ['ij,j->j', d(2, 3), d(3)]
    q = lambda d, *shape: [d(*shape), d(2, 2, 4, 3), d(2, 2, 4, 3)]
    yield 'scaledDotProductAttention', 'to all', lambda d: q(d, 2, 2, 3, 3)
    yield 'scaledDotProductAttention', 'causal', lambda d: [*q(d, 2, 2, 4, 3), {'causal': True}]
    yield 'scaledDotProductAttention', 'another scale', lambda d: [*q(d, 2, 2, 2, 3), {'scale': 0.3}]
    yield 'scaledDotProductAttention', 'gathered rows', lambda d: [
        *q(d, 5, 2, 1, 3),
        {'causal': True, 'positions': INDEX([[3], [0], [2], [-1], [1]]), 'batch': INDEX([0, 1, 1, 0, 0])},
    ]
    yield 'scaledDotProductAttention', 'at later positions', lambda d: [
        *q(d, 2, 2, 2, 3),
        {'causal': True, 'positions': INDEX([[2, 3], [1, 0]])},
    ]


def layers():
    for op in 'softmax logSoftmax'.split():
        yield op, 'along the last axis', lambda d: [d(2, 4)]
        yield op, 'along another axis', lambda d: [d(3, 2, 2), 0]
        yield op, 'far out', lambda d: [d(2, 3) * 1000, -1]
    yield 'layerNorm', 'a matrix', lambda d: [d(3, 4), d(4), d(4)]
    yield 'layerNorm', 'another epsilon', lambda d: [d(2, 2, 3), d(3), d(3), 0.1]
    yield 'rmsNorm', 'a matrix', lambda d: [d(3, 4), d(4)]
    yield 'rmsNorm', 'another epsilon', lambda d: [d(2, 2, 3), d(3), 0.1]


def losses():
    yield 'mseLoss', 'a matrix', lambda d: [d(2, 3), d(2, 3)]
    yield 'mseLoss', 'a scalar', lambda d: [d(), d()]
    yield 'binaryCrossEntropyWithLogits', 'a matrix', lambda d: [d(2, 4), d(2, 4, low=0, high=1)]
    yield 'binaryCrossEntropyWithLogits', 'hard targets', lambda d: [d(5), d.mask(5).to(torch.float64)]
    for op in 'crossEntropy nllLoss'.split():
        yield op, 'rows', lambda d: [d(3, 4), d.ids(3, below=4)]
        yield op, 'ignoring the default', lambda d: [d(3, 4), INDEX([2, -100, 0])]
        yield op, 'ignoring a class', lambda d: [d(4, 3), INDEX([1, 0, 2, 1]), {'ignoreIndex': 1}]
