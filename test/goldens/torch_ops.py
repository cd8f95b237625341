"""
hopgrad's ops, by name, in PyTorch's terms: each function takes the arguments that hopgrad's takes. What PyTorch lacks
as one function is written from its others; gradients are autograd's throughout.
"""

import torch
import torch.nn.functional as F


def operand(x, other):
    """A number as a tensor of the other operand's type, for functions that take tensors only."""
    return x if isinstance(x, torch.Tensor) else torch.tensor(x, dtype=other.dtype)


def pair(function):
    return lambda a, b: function(operand(a, b), operand(b, a))


def axes_of(x, axes):
    """hopgrad's axes (one, several, or None for all) as a list from the front."""
    named = range(x.dim()) if axes is None else [axes] if isinstance(axes, int) else axes
    return sorted(axis % x.dim() for axis in named)


def kept(options):
    return (options or {}).get('keepDim', False)


def over_axes(function):
    """A reduction over several axes at once."""
    return lambda x, axes=None, options=None: function(x, axes_of(x, axes), kept(options))


def one_by_one(function):
    """A reduction that PyTorch has along one axis only, applied to one axis after the other, from the last."""

    def reduce(x, axes=None, options=None):
        for axis in reversed(axes_of(x, axes)):
            x = function(x, axis, kept(options))
        return x

    return reduce


def variance(x, axes=None, options=None):
    correction = (options or {}).get('correction', 1)
    return torch.var(x, axes_of(x, axes), correction=correction, keepdim=kept(options))


def position(function):
    def find(x, axis=None, options=None):
        if axis is None and kept(options):
            return function(x).reshape([1] * x.dim())
        return function(x) if axis is None else function(x, axis, kept(options))

    return find


def at(x, *places):
    """hopgrad's [start, end], or [start] alone, is Python's start:end."""
    ranges = [place if isinstance(place, int) else slice(place[0], *(place[1:] or [None])) for place in places]
    return x[tuple(ranges)]


def place_slice(x, shape, axis, start, step=1):
    extent = x.shape[axis]
    index = torch.arange(extent) * step + start
    return torch.zeros(shape).index_copy(axis, index, x)


def take_slice(x, axis, start, end=None, step=1):
    extent = x.shape[axis]
    return x.index_select(axis, torch.arange(extent)[start:end:step])


def pad(x, widths, value=0):
    return F.pad(x, [width for pair in reversed(widths) for width in pair], value=value)


def flip(x, axes=None):
    return torch.flip(x, axes_of(x, axes))


def squeeze(x, axis=None):
    return torch.squeeze(x) if axis is None else torch.squeeze(x, axis)


def gather_rows(x, index):
    rows = x[index.clamp(min=0)]
    return torch.where(index.unsqueeze(1) >= 0, rows, torch.zeros_like(rows))


def scatter_add_rows(rows, index, count):
    real = index >= 0
    return torch.zeros(count, rows.shape[1]).index_add(0, index[real], rows[real])


def scatter_rows(base, index, rows):
    real = index >= 0
    return base.index_copy(0, index[real], rows[real])


def sort(x, axis, options):
    return torch.sort(x, dim=axis, descending=(options or {}).get('descending', False), stable=True)


def sort_values(x, axis=-1, options=None):
    return sort(x, axis, options).values


def argsort(x, axis=-1, options=None):
    return sort(x.detach(), axis, options).indices


def topk_values(x, k, axis=-1, options=None):
    return torch.topk(x, k, axis, (options or {}).get('largest', True)).values


def ignored(options):
    return (options or {}).get('ignoreIndex', -100)


def rms_norm(x, weight, epsilon=1e-5):
    return x / torch.sqrt(torch.mean(x**2, -1, keepdim=True) + epsilon) * weight


def attention(query, key, value, options=None):
    """Every query row by itself: batch row, head and position. A row at position -1 is padding and gives 0."""
    options = options or {}
    batches, heads, queries, dim = query.shape
    scale = options.get('scale', dim**-0.5)
    positions = options.get('positions', torch.arange(queries).expand(batches, queries))
    batch = options.get('batch', torch.arange(batches))
    rows = []
    for b in range(batches):
        for h in range(heads):
            for t in range(queries):
                at, source = int(positions[b, t]), int(batch[b])
                end = at + 1 if options.get('causal', False) else key.shape[2]
                weights = torch.softmax(scale * (key[source, h, :end] @ query[b, h, t]), 0)
                rows.append(weights @ value[source, h, :end] if at >= 0 else 0 * query[b, h, t])
    return torch.stack(rows).reshape(query.shape)


def dropout(x, p, random):
    torch.manual_seed(random['seed'])
    return F.dropout(x, p)


def like_dropout(x, p, seed):
    """
    The third argument of `dropout`: for PyTorch a seed, for hopgrad uniform numbers that make it draw the mask which
    PyTorch draws under that seed (it keeps an element where its number is at least p). The two draw differently, which
    is nobody's mistake; what they make of a mask is what is compared.
    """
    torch.manual_seed(seed)
    dropped = F.dropout(torch.ones(x.numel()), p) == 0
    return {'seed': seed, 'uniform': torch.where(dropped, 0.5 * p, 0.5 + 0.5 * p).tolist()}


TYPES = {'float64': torch.float64, 'int32': torch.int64, 'bool': torch.bool}

torch_ops = {
    'abs': torch.abs,
    'add': lambda a, b: a + b,
    'argmax': position(torch.argmax),
    'argmin': position(torch.argmin),
    'argsort': argsort,
    'at': at,
    'binaryCrossEntropyWithLogits': F.binary_cross_entropy_with_logits,
    'cat': torch.cat,
    'clamp': torch.clamp,
    'contiguous': lambda x: x.contiguous(),
    'cos': torch.cos,
    'crossEntropy': lambda x, targets, options=None: F.cross_entropy(x, targets, ignore_index=ignored(options)),
    'cumprod': lambda x, axis=-1: torch.cumprod(x, axis),
    'cumsum': lambda x, axis=-1: torch.cumsum(x, axis),
    'detach': lambda x: x.detach(),
    'div': lambda a, b: a / b,
    'dropout': dropout,
    'einsum': torch.einsum,
    'embedding': lambda weight, ids: F.embedding(ids, weight),
    'eq': pair(torch.eq),
    'erf': torch.erf,
    'exp': torch.exp,
    'expand': lambda x, shape: x.expand(shape),
    'expm1': torch.expm1,
    'flatten': torch.flatten,
    'flip': flip,
    'gather': torch.gather,
    'gatherRows': gather_rows,
    'ge': pair(torch.ge),
    'gelu': F.gelu,
    'geluTanh': lambda x: F.gelu(x, approximate='tanh'),
    'gt': pair(torch.gt),
    'indexSelect': torch.index_select,
    'isNan': torch.isnan,
    'layerNorm': lambda x, weight, bias, epsilon=1e-5: F.layer_norm(x, weight.shape, weight, bias, epsilon),
    'le': pair(torch.le),
    'leakyRelu': lambda x, slope=0.01: F.leaky_relu(x, slope),
    'linear': F.linear,
    'log': torch.log,
    'log1p': torch.log1p,
    'logSoftmax': lambda x, axis=-1: torch.log_softmax(x, axis),
    'logSumExp': over_axes(torch.logsumexp),
    'logicalAnd': pair(torch.logical_and),
    'logicalNot': torch.logical_not,
    'logicalOr': pair(torch.logical_or),
    'logicalXor': pair(torch.logical_xor),
    'lt': pair(torch.lt),
    'matmul': torch.matmul,
    'max': over_axes(torch.amax),
    'maximum': pair(torch.maximum),
    'mean': over_axes(torch.mean),
    'min': over_axes(torch.amin),
    'minimum': pair(torch.minimum),
    'mseLoss': F.mse_loss,
    'mul': lambda a, b: a * b,
    'ne': pair(torch.ne),
    'neg': torch.neg,
    'nllLoss': lambda x, targets, options=None: F.nll_loss(x, targets, ignore_index=ignored(options)),
    'oneHot': lambda ids, classes, dtype: F.one_hot(ids, classes).to(TYPES[dtype]),
    'pad': pad,
    'permute': torch.permute,
    'placeSlice': place_slice,
    'pow': torch.pow,
    'prod': one_by_one(torch.prod),
    'reciprocal': torch.reciprocal,
    'relu': torch.relu,
    'repeat': lambda x, counts: x.repeat(counts),
    'reshape': torch.reshape,
    'rmsNorm': rms_norm,
    'rsqrt': torch.rsqrt,
    'scaledDotProductAttention': attention,
    'scatterAdd': torch.scatter_add,
    'scatterAddRows': scatter_add_rows,
    'scatterRows': scatter_rows,
    'select': torch.select,
    'sigmoid': torch.sigmoid,
    'sign': torch.sign,
    'silu': F.silu,
    'sin': torch.sin,
    'slice': take_slice,
    'softmax': lambda x, axis=-1: torch.softmax(x, axis),
    'softplus': F.softplus,
    'sortValues': sort_values,
    'sqrt': torch.sqrt,
    'square': torch.square,
    'squeeze': squeeze,
    'stack': torch.stack,
    'sub': lambda a, b: a - b,
    'sum': over_axes(torch.sum),
    'tanh': torch.tanh,
    'to': lambda x, dtype: x.to(TYPES[dtype]),
    'topkValues': topk_values,
    'transpose': lambda x, a=-2, b=-1: torch.transpose(x, a, b),
    'tril': torch.tril,
    'triu': torch.triu,
    'unsqueeze': torch.unsqueeze,
    'variance': variance,
    'where': torch.where,
}
