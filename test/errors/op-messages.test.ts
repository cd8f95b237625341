/**
 * What each op says of arguments that are of the right kind and cannot go together, one test per family. The counterpart
 * of messages.test.ts, which reads what all ops have in common.
 */
import { expect, test } from 'vitest';
import {
  cat,
  einsum,
  type OpError,
  ones,
  Random,
  sort,
  split,
  stack,
  type Tensor,
  tensor,
  topk,
  zeros,
} from '../../src/index.ts';
import * as functions from '../../src/ops/functions.ts';
import * as methods from '../../src/ops/index.ts';
import { said } from './said.ts';

const x = ones([2, 3]);
const f64 = ones([2, 3], { dtype: 'float64' });
const q = ones([2, 1, 3, 4]);
const index = (...values: number[]): Tensor => tensor(values, { dtype: 'int32' });
const int = (...shape: number[]): Tensor => zeros(shape, { dtype: 'int32' });

test('a call without arguments is refused in the name of its op', () => {
  for (const [name, op] of Object.entries({ ...methods, ...functions })) {
    try {
      (op as unknown as () => void)();
      throw new Error(`${name} took no arguments`);
    } catch (error) {
      expect((error as OpError).op, `${name}: ${(error as Error).message}`).toBe(name);
      expect((error as Error).message).toMatch(/: takes \(\S.*\), but .* is missing|is given 0 operands/);
    }
  }
});

test('functions with several results, and numbers where a tensor is needed', () => {
  type Untyped = (...args: unknown[]) => unknown;
  expect(
    said([
      () => (sort as Untyped)(),
      () => (topk as Untyped)(x),
      () => split(x, 1, 2),
      () => methods.add(1 as never, 2),
      () => methods.relu('1' as never),
      () => x.add(null as never),
    ]),
  ).toMatchInlineSnapshot(`
    "sort: takes (x: Tensor, axis?: number, options?: { descending }), but x is missing.
    topk: takes (x: Tensor, k: number, axis?: number, options?: { largest }), but k is missing.
    split: axis 2 does not exist in (2, 3), whose axes go from -2 to 1.
    add: needs at least one tensor among its arguments.
    relu: operand 0 is '1', neither a tensor nor a number.
    add: operand 1 is null, neither a tensor nor a number."
  `);
});

test('an axis that does not exist is refused in the name of its op', () => {
  const withAxis: Record<string, (axis: number) => unknown> = {
    argmax: (axis) => x.argmax(axis),
    argmin: (axis) => x.argmin(axis),
    argsort: (axis) => x.argsort(axis),
    cat: (axis) => cat([x, x], axis),
    cumprod: (axis) => x.cumprod(axis),
    cumsum: (axis) => x.cumsum(axis),
    flatten: (axis) => x.flatten(axis),
    flip: (axis) => x.flip(axis),
    gather: (axis) => x.gather(axis, int(2, 3)),
    indexSelect: (axis) => x.indexSelect(axis, index(0)),
    logSoftmax: (axis) => x.logSoftmax(axis),
    logSumExp: (axis) => x.logSumExp(axis),
    max: (axis) => x.max(axis),
    mean: (axis) => x.mean(axis),
    min: (axis) => x.min(axis),
    placeSlice: (axis) => x.placeSlice([4, 3], axis, 0),
    prod: (axis) => x.prod(axis),
    scatterAdd: (axis) => x.scatterAdd(axis, int(2, 3), x),
    select: (axis) => x.select(axis, 0),
    slice: (axis) => x.slice(axis, 0),
    softmax: (axis) => x.softmax(axis),
    sort: (axis) => x.sortValues(axis),
    squeeze: (axis) => x.squeeze(axis),
    stack: (axis) => stack([x, x], axis),
    sum: (axis) => x.sum(axis),
    topk: (axis) => x.topkValues(1, axis),
    transpose: (axis) => x.transpose(axis),
    unsqueeze: (axis) => x.unsqueeze(axis),
    variance: (axis) => x.variance(axis),
  };
  for (const [name, call] of Object.entries(withAxis)) {
    for (const axis of [3, 0.5]) expect(() => call(axis), name).toThrow(new RegExp(`${name}: axis `, 'i'));
    expect(() => call(-4), name).toThrow(new RegExp(`${name}: axis -4 does not exist`, 'i'));
    expect(() => call(name === 'transpose' ? -1 : 0), name).not.toThrow(/does not exist/);
  }
});

test('joining and cutting', () => {
  expect(
    said([
      () => cat([]),
      () => cat([x, ones([3])]),
      () => cat([x, ones([2, 3, 1])]),
      () => cat([x, f64]),
      () => stack([]),
      () => stack([x, f64]),
      () => x.split(0),
      () => x.split([1, 2]),
      () => x.split([3, -1]),
      () => x.slice(0, 0.5),
      () => x.slice(0, 0, 1.5),
      () => x.slice(1, 0, 3, 0.5),
      () => x.select(1, 3),
      () => x.select(1, -4),
      () => x.select(1, 1.5),
      () => x.at(0, 0, 0),
      () => x.placeSlice([2, 4], 1, 2),
      () => x.placeSlice([2, 4], 1, -1),
      () => x.placeSlice([3, 4], 1, 0),
      () => x.placeSlice([2, 4, 1], 1, 0),
      () => x.placeSlice([2, 9], 1, 0, 0),
      () => x.pad([[1, 1]]),
      () =>
        x.pad([
          [1, 1],
          [1, -1],
        ]),
      () => x.repeat([2]),
      () => x.repeat([1, -1]),
    ]),
  ).toMatchInlineSnapshot(`
    "cat: needs at least one tensor.
    cat: tensor 1 is float32 (3), which does not join float32 (2, 3) along axis 0: types and all other axes must agree.
    cat: tensor 1 is float32 (2, 3, 1), which does not join float32 (2, 3) along axis 0: types and all other axes must agree.
    cat: tensor 1 is float64 (2, 3), which does not join float32 (2, 3) along axis 0: types and all other axes must agree. Did you mean tensors[1].to('float32')?
    stack: needs at least one tensor.
    cat: tensor 1 is float64 (1, 2, 3), which does not join float32 (1, 2, 3) along axis 0: types and all other axes must agree. Did you mean tensors[1].to('float32')?
    split: size 0 must be a whole number from 1 up.
    split: sizes [1, 2] must be whole numbers from 0 up that add up to axis 0 of (2, 3), 2.
    split: sizes [3, -1] must be whole numbers from 0 up that add up to axis 0 of (2, 3), 2.
    slice: positions 0.5 and undefined must be whole numbers; x is (2, 3).
    slice: positions 0 and 1.5 must be whole numbers; x is (2, 3).
    slice: step 0.5 must be a whole number from 1 up; use flip to read backwards.
    select: position 3 is outside axis 1 of (2, 3), which has 3 elements.
    select: position -4 is outside axis 1 of (2, 3), which has 3 elements.
    select: position 1.5 is outside axis 1 of (2, 3), which has 3 elements.
    at: 3 places are too many for (2, 3), rank 2.
    placeSlice: (2, 3) does not fit into (2, 4) from position 2 of axis 1 in steps of 1: the other axes must agree, and all of it stand inside.
    placeSlice: (2, 3) does not fit into (2, 4) from position -1 of axis 1 in steps of 1: the other axes must agree, and all of it stand inside.
    placeSlice: (2, 3) does not fit into (3, 4) from position 0 of axis 1 in steps of 1: the other axes must agree, and all of it stand inside.
    placeSlice: (2, 3) does not fit into (2, 4, 1) from position 0 of axis 1 in steps of 1: the other axes must agree, and all of it stand inside.
    placeSlice: (2, 3) does not fit into (2, 9) from position 0 of axis 1 in steps of 0: the other axes must agree, and all of it stand inside.
    pad: [[1,1]] must be [before, after] in whole numbers from 0 up for each of the 2 axes of (2, 3).
    pad: [[1,1],[1,-1]] must be [before, after] in whole numbers from 0 up for each of the 2 axes of (2, 3).
    repeat: [2] must be whole numbers from 0 up, one for each axis of (2, 3).
    repeat: [1, -1] must be whole numbers from 0 up, one for each axis of (2, 3)."
  `);
});

test('shapes', () => {
  expect(
    said([
      () => x.flatten(1, 0),
      () => x.expand([-1, 2, 3]),
      () => x.expand([2, 1.5]),
      () => x.expand([3]),
      () => x.expand([2, -2]),
      () => x.permute([0]),
      () => x.permute([0, 1, 1]),
      () => x.permute([0, 2]),
      () => x.reshape([-2, 3]),
      () => ones([3]).tril(),
      () => ones([3]).triu(),
      () => ones([2, 1]).squeeze(0),
      () => zeros([2, 0]).argmax(1),
      () => zeros([2, 0]).min(),
      () => x.clamp(2, 1),
      () => x.dropout(1.5, new Random(0)),
      () => x.dropout(-0.5, new Random(0)),
    ]),
  ).toMatchInlineSnapshot(`
    "flatten: axis 1 comes after axis 0 in (2, 3).
    expand: (-1, 2, 3) must be whole numbers from 0 up, or -1 for an axis that x (2, 3) has.
    expand: (2, 1.5) must be whole numbers from 0 up, or -1 for an axis that x (2, 3) has.
    expand: (2, 3) does not stretch to (3): only axes of size 1 stretch, and no axis can go.
    expand: (2, -2) must be whole numbers from 0 up, or -1 for an axis that x (2, 3) has.
    permute: [0] must name each of the 2 axes of (2, 3) once.
    permute: [0, 1, 1] must name each of the 2 axes of (2, 3) once.
    permute: axis 2 does not exist in (2, 3), whose axes go from -2 to 1.
    reshape: the 6 elements of (2, 3) do not fill (-2, 3), which has -6.
    tril: takes matrices (…, M, N), not (3).
    triu: takes matrices (…, M, N), not (3).
    squeeze: axis 0 of (2, 1) has size 2, not 1.
    argmax: axis 1 of (2, 0) is empty, and of nothing there is no argmax.
    min: axis 1 of (2, 0) is empty, and of nothing there is no min.
    clamp: min 2 is above max 1. Did you mean x.clamp(1, 2)?
    dropout: p 1.5 must be a probability from 0 to 1.
    dropout: p -0.5 must be a probability from 0 to 1."
  `);
});

test('indices', () => {
  expect(
    said([
      () => ones([3]).embedding(index(0)),
      () => zeros([0, 3]).embedding(index(0)),
      () => x.embedding(index(-1)),
      () => ones([3]).gatherRows(index(0)),
      () => x.gatherRows(int(1, 1)),
      () => x.gatherRows(ones([2])),
      () => x.gatherRows(index(0, 2)),
      () => x.gather(0, int(1)),
      () => x.gather(1, int(2, 3, 1)),
      () => x.gather(0, int(2, 2)),
      () => x.indexSelect(0, int(1, 1)),
      () => x.indexSelect(0, index(2)),
      () => x.scatterAdd(1, int(2, 2), x),
      () => x.scatterAdd(1, int(2, 3), f64),
      () => x.scatterAddRows(index(0), 2),
      () => x.scatterAddRows(index(0, 0), -1),
      () => x.scatterAddRows(index(0, 0), 1.5),
      () => x.scatterAddRows(index(0, 2), 2),
      () => x.scatterAddRows(ones([2]), 2),
      () => ones([2]).scatterAddRows(index(0, 0), 2),
      () => ones([2, 3, 1]).scatterAddRows(index(0, 0), 2),
      () => x.scatterAddRows(int(2, 1), 2),
      () => x.scatterRows(index(0), x),
      () => ones([2, 3, 1]).scatterRows(index(0, 1), x),
      () => x.scatterRows(index(0, 1), ones([2, 3, 1])),
      () => x.scatterRows(int(2, 1), x),
      () => x.scatterRows(index(0, 1), ones([2, 2])),
      () => x.scatterRows(index(0, 1), f64),
      () => x.scatterRows(index(0, 2), x),
      () => x.scatterRows(ones([2]), x),
      () => ones([2]).scatterRows(index(0), ones([1])),
      () => x.topkValues(0.5),
      () => x.topkValues(-1),
      () => index(0).oneHot(-1),
      () => x.oneHot(2.5),
    ]),
  ).toMatchInlineSnapshot(`
    "embedding: weight must be (V, D), not (3).
    embedding: index 0 is outside axis 0 of weight (0, 3), which is empty.
    embedding: index -1 is outside axis 0 of weight (2, 3): indices go from 0 to 1.
    gatherRows: takes x (R, D) and index (N) int32, not (3) and int32 (1).
    gatherRows: takes x (R, D) and index (N) int32, not (2, 3) and int32 (1, 1).
    gatherRows: takes x (R, D) and index (N) int32, not (2, 3) and float32 (2).
    gatherRows: index 2 is outside axis 0 of x (2, 3): indices go from 0 to 1, negative ones are padding.
    gather: index (1) must have the shape of x (2, 3) but for axis 0.
    gather: index (2, 3, 1) must have the shape of x (2, 3) but for axis 1.
    gather: index (2, 2) must have the shape of x (2, 3) but for axis 0.
    indexSelect: index (1, 1) must be (N).
    indexSelect: index 2 is outside axis 0 of (2, 3): indices go from 0 to 1.
    scatterAdd: source float32 (2, 3) must have the type of x, float32, and the shape of index, (2, 2).
    scatterAdd: source float64 (2, 3) must have the type of x, float32, and the shape of index, (2, 3).
    scatterAddRows: takes rows (N, D) and index (N) int32, not (2, 3) and int32 (1).
    scatterAddRows: count -1 must be a whole number from 0 up.
    scatterAddRows: count 1.5 must be a whole number from 0 up.
    scatterAddRows: index 2 is outside the 2 places: indices go from 0 to 1, negative ones are padding.
    scatterAddRows: takes rows (N, D) and index (N) int32, not (2, 3) and float32 (2).
    scatterAddRows: takes rows (N, D) and index (N) int32, not (2) and int32 (2).
    scatterAddRows: takes rows (N, D) and index (N) int32, not (2, 3, 1) and int32 (2).
    scatterAddRows: takes rows (N, D) and index (N) int32, not (2, 3) and int32 (2, 1).
    scatterRows: takes base (R, D), index (N) int32, rows (N, D) of base's type, not float32 (2, 3), int32 (1), float32 (2, 3).
    scatterRows: takes base (R, D), index (N) int32, rows (N, D) of base's type, not float32 (2, 3, 1), int32 (2), float32 (2, 3).
    scatterRows: takes base (R, D), index (N) int32, rows (N, D) of base's type, not float32 (2, 3), int32 (2), float32 (2, 3, 1).
    scatterRows: takes base (R, D), index (N) int32, rows (N, D) of base's type, not float32 (2, 3), int32 (2, 1), float32 (2, 3).
    scatterRows: takes base (R, D), index (N) int32, rows (N, D) of base's type, not float32 (2, 3), int32 (2), float32 (2, 2).
    scatterRows: takes base (R, D), index (N) int32, rows (N, D) of base's type, not float32 (2, 3), int32 (2), float64 (2, 3).
    scatterRows: index 2 is outside axis 0 of base (2, 3): indices go from 0 to 1, negative ones are padding.
    scatterRows: takes base (R, D), index (N) int32, rows (N, D) of base's type, not float32 (2, 3), float32 (2), float32 (2, 3).
    scatterRows: takes base (R, D), index (N) int32, rows (N, D) of base's type, not float32 (2), int32 (1), float32 (1).
    topk: k 0.5 must be a whole number from 0 to 3, the size of axis -1 of (2, 3).
    topk: k -1 must be a whole number from 0 to 3, the size of axis -1 of (2, 3).
    oneHot: classes -1 must be a whole number from 0 up.
    oneHot: classes 2.5 must be a whole number from 0 up."
  `);
});

test('layers and losses', () => {
  expect(
    said([
      () => x.layerNorm(ones([3]), ones([2])),
      () => x.layerNorm(ones([3, 1]), ones([3])),
      () => x.layerNorm(ones([3], { dtype: 'float64' }), ones([3])),
      () => tensor(1).layerNorm(ones([1]), ones([1])),
      () => x.rmsNorm(ones([2])),
      () => x.rmsNorm(ones([3, 1])),
      () => tensor(1).rmsNorm(ones([1])),
      () => x.binaryCrossEntropyWithLogits(ones([3])),
      () => x.mseLoss(ones([3])),
      () => x.nllLoss(index(0)),
      () => x.nllLoss(index(0, -1)),
      () => ones([3]).crossEntropy(index(0)),
      () => ones([2, 3, 1]).crossEntropy(index(0, 0)),
      () => x.crossEntropy(int(2, 1)),
      () => x.crossEntropy(ones([2])),
      () => int(2, 3).crossEntropy(index(0, 0)),
      () => ones([2, 1, 3]).scaledDotProductAttention(q, q),
      () => q.scaledDotProductAttention(ones([2, 1, 3]), q),
      () => q.scaledDotProductAttention(q, ones([2, 1, 3])),
      () => q.scaledDotProductAttention(q, q, { positions: int(2, 3, 1) }),
      () => q.scaledDotProductAttention(q, ones([2, 1, 3, 5])),
      () => q.scaledDotProductAttention(ones([2, 2, 3, 4]), ones([2, 2, 3, 4])),
      () => q.scaledDotProductAttention(ones([2, 1, 3, 5]), ones([2, 1, 3, 5])),
      () => q.scaledDotProductAttention(ones([1, 1, 3, 4]), ones([1, 1, 3, 4])),
      () => q.scaledDotProductAttention(q, q, { batch: index(0) }),
      () => q.scaledDotProductAttention(q, q, { batch: int(2, 1) }),
      () => q.scaledDotProductAttention(q, q, { batch: index(0, 2) }),
      () => q.scaledDotProductAttention(q, q, { positions: index(0, 1, 2) }),
      () => q.scaledDotProductAttention(q, q, { positions: int(1, 3) }),
      () => q.scaledDotProductAttention(q, q, { positions: int(2, 2) }),
      () => q.scaledDotProductAttention(q, q, { positions: ones([2, 3]) }),
      () => q.scaledDotProductAttention(q, q.to('float64')),
    ]),
  ).toMatchInlineSnapshot(`
    "layerNorm: bias (2) must be (3), like the last axis of x (2, 3).
    layerNorm: weight (3, 1) must be (3), like the last axis of x (2, 3).
    layerNorm: takes tensors that are all float32 or all float64, not x float32, weight float64, bias float32. Did you mean weight.to('float32')?
    layerNorm: weight (1) must be (D), like the last axis of x ().
    rmsNorm: weight (2) must be (3), like the last axis of x (2, 3).
    rmsNorm: weight (3, 1) must be (3), like the last axis of x (2, 3).
    rmsNorm: weight (1) must be (D), like the last axis of x ().
    binaryCrossEntropyWithLogits: (2, 3) and (3) must be one shape; a loss does not broadcast.
    mseLoss: (2, 3) and (3) must be one shape; a loss does not broadcast.
    nllLoss: takes scores (N, V) and targets (N), not (2, 3) and (1).
    nllLoss: index -1 is outside axis 1 of scores (2, 3): indices go from 0 to 2.
    crossEntropy: takes scores (N, V) and targets (N), not (3) and (1).
    crossEntropy: takes scores (N, V) and targets (N), not (2, 3, 1) and (2). Did you mean scores.reshape([-1, 1]) with targets.reshape([-1])?
    crossEntropy: takes scores (N, V) and targets (N), not (2, 3) and (2, 1).
    crossEntropy: indices (2) must be int32, not float32. Did you mean index.to('int32')?
    crossEntropy: takes tensors that are all float32 or all float64, not logits int32. Did you mean logits.to('float32')?
    scaledDotProductAttention: takes (B, H, T, D) tensors, not query (2, 1, 3), key (2, 1, 3, 4), value (2, 1, 3, 4).
    scaledDotProductAttention: takes (B, H, T, D) tensors, not query (2, 1, 3, 4), key (2, 1, 3), value (2, 1, 3, 4).
    scaledDotProductAttention: takes (B, H, T, D) tensors, not query (2, 1, 3, 4), key (2, 1, 3, 4), value (2, 1, 3).
    scaledDotProductAttention: positions (2, 3, 1) must be (Bq, Tq) for query (2, 1, 3, 4), key (2, 1, 3, 4), value (2, 1, 3, 4).
    scaledDotProductAttention: key and value must have one shape: query (2, 1, 3, 4), key (2, 1, 3, 4), value (2, 1, 3, 5).
    scaledDotProductAttention: heads (axis 1) and head size (axis 3) must agree: query (2, 1, 3, 4), key (2, 2, 3, 4), value (2, 2, 3, 4).
    scaledDotProductAttention: heads (axis 1) and head size (axis 3) must agree: query (2, 1, 3, 4), key (2, 1, 3, 5), value (2, 1, 3, 5).
    scaledDotProductAttention: batch (axis 0) differs and no option batch (Bq) says which keys each query reads: query (2, 1, 3, 4), key (1, 1, 3, 4), value (1, 1, 3, 4).
    scaledDotProductAttention: batch (axis 0) differs and no option batch (Bq) says which keys each query reads: query (2, 1, 3, 4), key (2, 1, 3, 4), value (2, 1, 3, 4).
    scaledDotProductAttention: batch (axis 0) differs and no option batch (Bq) says which keys each query reads: query (2, 1, 3, 4), key (2, 1, 3, 4), value (2, 1, 3, 4).
    scaledDotProductAttention: index 2 is outside axis 0 of key (2, 1, 3, 4): indices go from 0 to 1.
    scaledDotProductAttention: positions (3) must be (Bq, Tq) for query (2, 1, 3, 4), key (2, 1, 3, 4), value (2, 1, 3, 4).
    scaledDotProductAttention: positions (1, 3) must be (Bq, Tq) for query (2, 1, 3, 4), key (2, 1, 3, 4), value (2, 1, 3, 4).
    scaledDotProductAttention: positions (2, 2) must be (Bq, Tq) for query (2, 1, 3, 4), key (2, 1, 3, 4), value (2, 1, 3, 4).
    scaledDotProductAttention: positions (2, 3) must be int32, not float32. Did you mean positions.to('int32')?
    scaledDotProductAttention: takes tensors that are all float32 or all float64, not query float32, key float32, value float64. Did you mean value.to('float32')?"
  `);
});

test('products', () => {
  expect(
    said([
      () => tensor(1).matmul(x),
      () => x.matmul(ones([2])),
      () => ones([2]).matmul(ones([3])),
      () => ones([2]).matmul(ones([3, 2])),
      () => x.matmul(ones([4, 4])),
      () => x.matmul(f64.transpose()),
      () => x.linear(ones([4, 2])),
      () => x.linear(ones([3, 2])),
      () => tensor(1).linear(x),
      () => x.linear(tensor([1, 2, 3])),
      () => x.linear(ones([4, 3]), ones([3])),
      () => x.linear(ones([4, 3]), ones([4], { dtype: 'float64' })),
      () => einsum('ij', x, x),
      () => einsum('ijk', x),
      () => einsum('ii->i', ones([2, 2])),
      () => einsum('ij->k', x),
      () => einsum('ij->ii', x),
      () => einsum('...j', x),
      () => einsum('ij->i->j', x),
      () => einsum('i1', x),
      () => einsum('ij->1', x),
      () => einsum('ij,ij->ij', x, ones([2, 4])),
    ]),
  ).toMatchInlineSnapshot(`
    "matmul: a () · b (2, 3): a scalar has no matrix product. Did you mean a.mul(b)?
    matmul: a (2, 3) · b (2): inner sizes differ (a axis 1 is 3, b axis 0 is 2). Did you mean a.transpose()?
    matmul: a (2) · b (3): inner sizes differ (a axis 0 is 2, b axis 0 is 3).
    matmul: a (2) · b (3, 2): inner sizes differ (a axis 0 is 2, b axis 0 is 3). Did you mean b.transpose()?
    matmul: a (2, 3) · b (4, 4): inner sizes differ (a axis 1 is 3, b axis 0 is 4).
    matmul: takes tensors that are all float32 or all float64, not a float32, b float64. Did you mean b.to('float32')?
    linear: x (2, 3), weight (4, 2): inner sizes differ (x axis 1 is 3, weight axis 1 is 2).
    linear: x (2, 3), weight (3, 2): inner sizes differ (x axis 1 is 3, weight axis 1 is 2). Did you mean weight.transpose()?
    linear: takes x (…, dIn) and weight (dOut, dIn), not x (), weight (2, 3).
    linear: takes x (…, dIn) and weight (dOut, dIn), not x (2, 3), weight (3).
    linear: x (2, 3), weight (4, 3), bias (3): bias must be (4), a number for each row of weight.
    linear: takes tensors that are all float32 or all float64, not x float32, weight float32, bias float64. Did you mean bias.to('float32')?
    einsum: 'ij' names 1 tensors but 2 are given.
    einsum: 'ijk' names 3 axes of tensor 0, but (2, 3) has 2.
    einsum: 'ii->i' names two axes of tensor 0 'i': diagonals are not supported.
    einsum: 'ij->k' has 'k' in its result, but in no tensor.
    einsum: 'ij->ii' has 'i' in its result, twice.
    einsum: '...j' holds '...', which is not supported: give every axis a letter.
    einsum: 'ij->i->j' does not read as letters, commas and one '->', such as 'ij,jk->ik'.
    einsum: 'i1' does not read as letters, commas and one '->', such as 'ij,jk->ik'.
    einsum: 'ij->1' does not read as letters, commas and one '->', such as 'ij,jk->ik'.
    einsum: 'ij,ij->ij' axis 'j' is 3 in one tensor and 4 in tensor 1 (2, 4)."
  `);
});
