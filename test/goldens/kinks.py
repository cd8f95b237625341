"""Points where no derivative exists, or where numbers end: what PyTorch takes there for value and gradient."""

import math

import torch

from record import record, record_twice
from torch_ops import torch_ops

INF, NAN = math.inf, math.nan


def goldens():
    return [golden(*kink) for kink in kinks()] + [second_order()]


def golden(op, case, args, function=None, cotangent=None):
    """
    `function` stands in place of the op's counterpart, where PyTorch has several that differ at the kink. The cotangent
    is 1, 2, 3, … unless given.
    """
    chosen = counted if cotangent is None else lambda *shape: cotangent
    return {'op': op, 'case': case, **record(function or torch_ops[op], args, chosen)}


def counted(*shape):
    return torch.arange(1.0, torch.Size(shape).numel() + 1).reshape(shape)


def second_order():
    return {'op': 'pow', 'case': '2 to 0, twice', **record_twice(torch.pow, [t(2.0), t(0.0)], counted)}


def t(*values):
    return torch.tensor(values[0] if len(values) == 1 and isinstance(values[0], list) else values)


def kinks():
    """(op, case, arguments[, PyTorch's function[, cotangent]])."""
    groups = [at_zero, ties, products, far_out, rows, reductions, orders, losses]
    return [kink for group in groups for kink in group()]


def at_zero():
    everywhere = lambda: t(-1.5, -0.0, 0.0, 1.5, INF, -INF, NAN)
    for op in 'relu leakyRelu abs sign square reciprocal sqrt rsqrt log log1p exp expm1 tanh erf sin'.split():
        yield op, 'zeros, infinities and NaN', [everywhere()]
    yield 'log1p', 'at −1 and below', [t(-1.0, -2.0)]
    yield 'leakyRelu', 'of slope 0', [t(-1.0, 0.0, 1.0), 0]
    yield 'div', 'by zero', [t(1.0, -1.0, 0.0, INF), t(0.0, 0.0, 0.0, INF)]
    for base in (0.0, -0.0):
        for power in (-1.0, 0.0, 0.5, 1.0, 2.0, 3.0):
            yield 'pow', f'{base} to {power}', [t(base), t(power)]
        yield 'pow', f'{base} to a number 0', [t(base), 0]
        yield 'pow', f'{base} to a number 1', [t(base), 1]
        yield 'pow', f'{base} to a number 2', [t(base), 2]
    yield 'pow', 'a negative base to a fraction', [t(-2.0), t(0.5)]
    yield 'pow', 'a negative base to a whole power', [t(-2.0), t(3.0)]
    yield 'pow', 'infinity to 0', [t(INF), t(0.0)]
    yield 'pow', 'NaN to 0', [t(NAN), t(0.0)]
    yield 'pow', '1 to NaN', [t(1.0), t(NAN)]


def ties():
    for op in 'maximum minimum'.split():
        yield op, 'ties', [t(1.0, 2.0, 3.0, -0.0, INF), t(1.0, 3.0, 2.0, 0.0, INF)]
        yield op, 'a tie with a number', [t(0.5, 0.0, 1.0), 0.5]
        yield op, 'NaN on the left', [t(NAN), t(1.0)]
        yield op, 'NaN on the right', [t(1.0), t(NAN)]
        yield op, 'NaN on both sides', [t(NAN), t(NAN)]
    yield 'clamp', 'at both bounds', [t(-1.5, -1.0, 0.0, 1.0, 1.5), -1, 1]
    yield 'clamp', 'at bounds that are equal', [t(0.5, 1.0, 1.5), 1, 1]
    yield 'clamp', 'infinities', [t(-INF, INF), -1, 1]
    yield 'clamp', 'NaN', [t(NAN), -1, 1]
    # Gradients that are no numbers, at places where the op is flat.
    flat = t(INF, -INF, NAN)
    mask = t(False, False, False)
    yield 'where', 'no number arrives at the branch not taken', [mask, t(1.0, 2.0, 3.0), 0.0], None, flat
    yield 'relu', 'no number arrives where it is flat', [t(-1.0, -2.0, 0.0)], None, flat
    yield 'clamp', 'no number arrives where it is flat', [t(-2.0, 2.0, 3.0), -1, 1], None, flat
    yield 'maximum', 'no number arrives at the smaller one', [t(1.0, 2.0, 3.0), t(2.0, 3.0, 4.0)], None, flat
    yield 'minimum', 'no number arrives at the larger one', [t(1.0, 2.0, 3.0), t(2.0, 3.0, 4.0)], None, flat
    yield 'where', 'NaN in the branch not taken', [t(True, False), t(1.0, NAN), t(NAN, 2.0)]
    yield 'where', 'NaN in the branch taken', [t(True, False), t(NAN, 1.0), t(2.0, NAN)]
    for op in 'eq ne lt le gt ge'.split():
        yield op, 'NaN, infinities and both zeros', [t(NAN, NAN, INF, -INF, 0.0), t(NAN, 1.0, INF, INF, -0.0)]
    for op in 'logicalAnd logicalOr logicalXor'.split():
        yield op, 'NaN is true', [t(NAN, NAN, 0.0), t(0.0, 1.0, NAN)]
    yield 'logicalNot', 'NaN is true', [t(NAN, INF, -0.0)]
    yield 'to', 'truth values of NaN', [t(NAN, INF, -0.0), 'bool']
    yield 'to', 'cut towards zero', [t(-1.9, -0.5, 0.5, 1.9), 'int32']


def products():
    for zeros, x in {
        'one zero': t(2.0, 0.0, 3.0),
        'two zeros': t(2.0, 0.0, 3.0, 0.0),
        'zeros alone': t(0.0, 0.0),
        'infinity': t(2.0, INF, 3.0),
    }.items():
        yield 'prod', f'{zeros}, over all', [x.clone()], torch.prod
        yield 'prod', f'{zeros}, over an axis', [x.clone().unsqueeze(0), 1]
        yield 'cumprod', zeros, [x.clone()]
    yield 'prod', 'rows with none, one and two zeros', [t([[2.0, 3.0, 4.0], [2.0, 0.0, 4.0], [0.0, 3.0, 0.0]]), -1]
    yield 'matmul', 'zero times infinity', [t([[0.0, 1.0], [2.0, 3.0]]), t([[INF, 1.0], [2.0, 3.0]])]
    yield 'matmul', 'NaN stays in its row', [t([[NAN, 0.0], [2.0, 3.0]]), t([[0.0, 1.0], [2.0, 3.0]])]
    yield 'tril', 'NaN outside', [t([[1.0, NAN], [2.0, 3.0]])]
    yield 'triu', 'infinity outside', [t([[1.0, 2.0], [INF, 3.0]])]
    yield 'cumsum', 'infinities of both signs', [t(1.0, INF, 2.0, -INF, 3.0)]


def far_out():
    for op in 'gelu geluTanh softplus sigmoid silu tanh erf'.split():
        yield op, 'at ±1e4', [t(-1e4, -100.0, -40.0, 40.0, 100.0, 1e4)]
    for op in 'softplus sigmoid'.split():
        yield op, 'infinities and NaN', [t(-INF, INF, NAN)]
    for op in 'gelu geluTanh silu'.split():
        yield op, 'infinities', [t(-INF, INF)]
    yield 'softplus', 'at 20, where PyTorch stops computing it', [t(19.0, 20.0, 21.0, 30.0)]
    yield 'softplus', 'from another PyTorch function', [t(-30.0, -1.0, 0.0, 1.0, 19.0, 21.0, 30.0)], log_add_exp


def log_add_exp(x):
    return torch.logaddexp(x, torch.zeros_like(x))


def rows():
    for op in 'softmax logSoftmax logSumExp'.split():
        yield op, 'some −∞ in a row', [t([[1.0, -INF, 2.0], [-INF, -INF, 3.0]]), -1]
        yield op, 'a row of −∞ alone', [t([[-INF, -INF], [1.0, 2.0]]), -1]
        yield op, 'a row with +∞', [t([[INF, 1.0], [1.0, 2.0]]), -1]
        yield op, 'a row with NaN', [t([[NAN, 1.0], [1.0, 2.0]]), -1]
        yield op, 'at ±1e4', [t([[1e4, -1e4], [1e4, 1e4]]), -1]
    yield 'layerNorm', 'a constant row', [t([[2.0, 2.0, 2.0], [1.0, 2.0, 4.0]]), t(1.0, 2.0, 3.0), t(0.0, 1.0, 2.0)]
    yield 'layerNorm', 'a row with infinity', [t([[2.0, INF], [1.0, 2.0]]), t(1.0, 2.0), t(0.0, 1.0)]
    yield 'layerNorm', 'a row with NaN', [t([[2.0, NAN], [1.0, 2.0]]), t(1.0, 2.0), t(0.0, 1.0)]
    yield 'layerNorm', 'a row of one element', [t([[2.0], [3.0]]), t(1.5), t(0.5)]
    yield 'rmsNorm', 'a row of zeros', [t([[0.0, 0.0], [1.0, 2.0]]), t(1.0, 2.0)]
    query, key, value = (x.reshape(1, 1, 2, 1) for x in (t(0.0, 0.0), t(1.0, 2.0), t(1.0, 3.0)))
    places = {'causal': True, 'positions': torch.tensor([[1, -1]])}
    yield 'scaledDotProductAttention', 'a query that may read nothing', [query, key, value, places], masked_attention


def masked_attention(query, key, value, options):
    """Attention as it is usually written: what may not be read gets −∞."""
    hidden = torch.arange(key.shape[2]) > options['positions'][:, None, :, None]
    scores = (query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])).masked_fill(hidden, -INF)
    return torch.softmax(scores, -1) @ value


def reductions():
    tied = lambda: t([[3.0, 1.0, 3.0], [1.0, 1.0, 2.0]])
    with_nan = lambda: t([[3.0, NAN, 3.0], [NAN, NAN, 2.0], [1.0, 2.0, 3.0]])
    for op, plain in [('max', torch.max), ('min', torch.min)]:
        for case, x in [('ties', tied), ('NaN', with_nan)]:
            yield op, f'{case} over all, a{op}', [x()]
            yield op, f'{case} over all, {op}', [x()], plain
            yield op, f'{case} over an axis, a{op}', [x(), 1]
            yield op, f'{case} over an axis, {op}', [x(), 1], lambda x, axis, plain=plain: plain(x, axis).values
    for op in 'argmax argmin'.split():
        yield op, 'ties', [tied(), 1]
        yield op, 'ties over all', [tied()]
        yield op, 'NaN', [with_nan(), 1]
    yield 'variance', 'of one element', [t([[2.0], [3.0]]), 1]
    yield 'variance', 'of one element, the population', [t([[2.0], [3.0]]), 1, {'correction': 0}]
    yield 'variance', 'of equal elements', [t(2.0, 2.0, 2.0)]
    yield 'variance', 'with a correction above the count', [t(1.0, 2.0), 0, {'correction': 3}]
    for op in 'sum mean prod logSumExp variance'.split():
        yield op, 'over nothing', [torch.zeros(2, 0), 1]
    yield 'variance', 'with infinity', [t(1.0, INF, 2.0)]
    yield 'mean', 'with infinities', [t(1.0, INF, 2.0)]


def orders():
    tied = lambda: t(2.0, 1.0, 2.0, 1.0, 3.0)
    with_nan = lambda: t(2.0, NAN, 1.0, NAN, INF)
    for op in 'argsort sortValues'.split():
        for case, x in [('ties', tied), ('NaN', with_nan)]:
            yield op, f'{case}, ascending', [x()]
            yield op, f'{case}, descending', [x(), 0, {'descending': True}]
    yield 'topkValues', 'ties', [tied(), 3]
    yield 'topkValues', 'NaN, the largest', [with_nan(), 3]
    yield 'topkValues', 'NaN, the smallest', [with_nan(), 4, 0, {'largest': False}]


def losses():
    logits = lambda: t([[1.0, -2.0, 0.5], [0.0, 1.0, 2.0]])
    for op in 'crossEntropy nllLoss'.split():
        yield op, 'every row ignored', [logits(), torch.tensor([-100, -100])]
        yield op, 'no rows', [torch.zeros(0, 3), torch.tensor([], dtype=torch.int64)]
    yield 'crossEntropy', 'a class of probability 0 that is not the target', [t([[1.0, -INF, 0.5]]), torch.tensor([0])]
    yield 'crossEntropy', 'a target of probability 0', [t([[1.0, -INF, 0.5]]), torch.tensor([1])]
    yield 'crossEntropy', 'a row of −∞ alone', [t([[-INF, -INF]]), torch.tensor([1])]
    yield 'crossEntropy', 'an ignored row of −∞ alone', [t([[-INF, -INF], [1.0, 2.0]]), torch.tensor([-100, 1])]
    yield 'crossEntropy', 'at ±1e4', [t([[1e4, -1e4], [1e4, -1e4]]), torch.tensor([0, 1])]
    for truth in (0.0, 0.5, 1.0):
        yield (
            'binaryCrossEntropyWithLogits',
            f'at ±1e4 for target {truth}',
            [t(-1e4, -40.0, 0.0, 40.0, 1e4), torch.full((5,), truth)],
        )
    yield 'mseLoss', 'equal', [t(1.0, 2.0), t(1.0, 2.0)]
    yield 'dropout', 'of everything', [t(1.0, INF), 1.0, {'seed': 1, 'uniform': [0.5, 0.5]}]
    yield 'scatterAdd', 'repeats', [t(0.0, 1.0), 0, torch.tensor([1, 1, 1]), t(1e16, 1.0, -1e16)]
