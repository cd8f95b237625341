/**
 * What hopgrad says to someone who made a mistake. Every message is one line that names the op, all shapes or types
 * involved, the axis or element at fault and, where one suggests itself, what would work. Read them as a user would.
 */
import { expect, test } from 'vitest';
import { cpu } from '../../src/device/cpu.ts';
import {
  allClose,
  arange,
  cat,
  detectAnomaly,
  einsum,
  equal,
  inModule,
  noGrad,
  OpError,
  ones,
  Random,
  randn,
  sort,
  split,
  stack,
  type Tensor,
  tensor,
  topk,
  useDevice,
  zeros,
} from '../../src/index.ts';
import * as functions from '../../src/ops/functions.ts';
import * as methods from '../../src/ops/index.ts';
import { said } from './said.ts';

const x = arange(6).reshape([2, 3]);
const index = (...values: number[]): Tensor => tensor(values, { dtype: 'int32' });
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

test('shapes that do not go together', () => {
  expect(
    said([
      () => x.add(ones([4])),
      () => x.add(ones([2])),
      () => x.gt(0).where(x, ones([7])),
      () => x.matmul(x),
      () => x.matmul(ones([2, 4])),
      () => ones([2, 3, 4]).matmul(ones([3, 4, 5])),
      () => x.matmul(tensor(2)),
      () => einsum('ij,jk->ik', x, x),
      () => cat([x, ones([2, 4])], 0),
      () => stack([x, ones([2])]),
      () => x.mseLoss(ones([3, 2])),
      () => x.layerNorm(ones([2]), ones([3])),
      () => x.scaledDotProductAttention(x, x),
    ]),
  ).toMatchInlineSnapshot(`
    "add: shapes (2, 3) and (4) do not broadcast: axis -1 is 3 in one and 4 in another (sizes must be equal, or one of them 1).
    add: shapes (2, 3) and (2) do not broadcast: axis -1 is 3 in one and 2 in another (sizes must be equal, or one of them 1). Did you mean b.unsqueeze(-1)?
    where: shapes (2, 3), (2, 3) and (7) do not broadcast: axis -1 is 3 in one and 7 in another (sizes must be equal, or one of them 1).
    matmul: a (2, 3) · b (2, 3): inner sizes differ (a axis 1 is 3, b axis 0 is 2). Did you mean b.transpose()?
    matmul: a (2, 3) · b (2, 4): inner sizes differ (a axis 1 is 3, b axis 0 is 2). Did you mean a.transpose()?
    matmul: shapes (2) and (3), the batch axes of a (2, 3, 4) · b (3, 4, 5), do not broadcast: axis -1 is 2 in one and 3 in another (sizes must be equal, or one of them 1).
    matmul: a (2, 3) · b (): a scalar has no matrix product. Did you mean a.mul(b)?
    einsum: 'ij,jk->ik' axis 'j' is 3 in one tensor and 2 in tensor 1 (2, 3).
    cat: tensor 1 is float32 (2, 4), which does not join float32 (2, 3) along axis 0: types and all other axes must agree.
    stack: needs tensors of one shape, not (2, 3) and (2).
    mseLoss: (2, 3) and (3, 2) must be one shape; a loss does not broadcast. Did you mean target.reshape([2, 3])?
    layerNorm: weight (2) must be (3), like the last axis of x (2, 3).
    scaledDotProductAttention: takes (B, H, T, D) tensors, not query (2, 3), key (2, 3), value (2, 3)."
  `);
});

test('shapes that cannot be had', () => {
  expect(
    said([
      () => x.reshape([4, 2]),
      () => x.reshape([4, -1]),
      () => x.reshape([-1, -1]),
      () => x.reshape(3 as unknown as number[]),
      () => x.expand([4, 3]),
      () => x.permute([0, 0]),
      () => x.squeeze(0),
      () => zeros([0, 3]).max(0),
    ]),
  ).toMatchInlineSnapshot(`
    "reshape: the 6 elements of (2, 3) do not fill (4, 2), which has 8.
    reshape: the 6 elements of (2, 3) do not fill (4, -1), whatever -1 stands for: the other extents make 4.
    reshape: the 6 elements of (2, 3) do not fill (-1, -1), where only one extent may be -1.
    reshape: takes (x: Tensor, shape: number[]), but shape is 3.
    expand: (2, 3) does not stretch to (4, 3): only axes of size 1 stretch, and no axis can go.
    permute: [0, 0] must name each of the 2 axes of (2, 3) once.
    squeeze: axis 0 of (2, 3) has size 2, not 1.
    max: axis 0 of (0, 3) is empty, and of nothing there is no max."
  `);
});

test('axes and positions that do not exist', () => {
  expect(
    said([
      () => x.sum(2),
      () => x.mean([0, -2]),
      () => tensor(1).softmax(),
      () => x.unsqueeze(4),
      () => x.slice(0, 0, 2, -1),
      () => x.select(0, 5),
      () => x.topkValues(4),
    ]),
  ).toMatchInlineSnapshot(`
    "sum: axis 2 does not exist in (2, 3), whose axes go from -2 to 1.
    mean: axes [0, -2] name the same axis of (2, 3) twice.
    softmax: axis -1 does not exist in a scalar, which has none.
    unsqueeze: axis 4 does not exist in a result of rank 3, whose axes go from -3 to 2.
    slice: step -1 must be a whole number from 1 up; use flip to read backwards.
    select: position 5 is outside axis 0 of (2, 3), which has 2 elements.
    topk: k 4 must be a whole number from 0 to 3, the size of axis -1 of (2, 3)."
  `);
});

test('indices outside, or of another type', () => {
  expect(
    said([
      () => x.embedding(index(0, 7)),
      () => x.embedding(ones([2])),
      () => x.gather(1, index(5, 0).unsqueeze(-1)),
      () => x.crossEntropy(index(0, 3)),
      () => ones([2, 2, 3]).crossEntropy(index(0, 1, 1, 1).reshape([2, 2])),
    ]),
  ).toMatchInlineSnapshot(`
    "embedding: index 7 is outside axis 0 of weight (2, 3): indices go from 0 to 1.
    embedding: indices (2) must be int32, not float32. Did you mean index.to('int32')?
    gather: index 5 is outside axis 1 of x (2, 3): indices go from 0 to 2.
    crossEntropy: index 3 is outside axis 1 of scores (2, 3): indices go from 0 to 2.
    crossEntropy: takes scores (N, V) and targets (N), not (2, 2, 3) and (2, 2). Did you mean scores.reshape([-1, 3]) with targets.reshape([-1])?"
  `);
});

test('types that do not go together, or do not exist', () => {
  expect(
    said([
      () => x.matmul(ones([3, 3], { dtype: 'float64' })),
      () => index(1, 2).unsqueeze(0).matmul(index(1, 2).unsqueeze(1)),
      () => x.to('float16' as 'float32'),
      () => x.add('1' as unknown as number),
      () => tensor([[1, 2], [3]]),
      () => (index(1).requiresGrad = true),
    ]),
  ).toMatchInlineSnapshot(`
    "matmul: takes tensors that are all float32 or all float64, not a float32, b float64. Did you mean b.to('float32')?
    matmul: takes tensors that are all float32 or all float64, not a int32, b int32. Did you mean a.to('float32')?
    to: the device cpu has no float16; it has float32, float64, int32, bool.
    add: operand 1 is '1', neither a tensor nor a number.
    tensor: the lists are ragged: along axis 1 stand lists of length 2, but also a list of length 1.
    requiresGrad: only floating tensors have gradients, not int32; convert it with .to('float32') first."
  `);
});

test('devices', async () => {
  const elsewhere = { ...cpu, name: 'elsewhere' };
  expect(said([() => x.add(ones([3], { device: elsewhere }))])).toMatchInlineSnapshot(
    `"add: argument 1 lives on cpu and argument 2 on elsewhere; move one of them with await toDevice(x, device)."`,
  );
  await expect(useDevice('cuda')).rejects.toThrowErrorMatchingInlineSnapshot(
    `[Error: useDevice: there is no device 'cuda'. Choose one of: cpu, reference, gpu.]`,
  );
});

test('backward misused', () => {
  const walked = leaf(1, 2).square().sum();
  walked.backward();
  const changed = leaf(1, 2);
  const loss = changed.square().sum();
  noGrad(() => changed.assign(ones([2])));
  expect(
    said([
      () => walked.backward(),
      () => loss.backward(),
      () => leaf(1, 2).mul(2).backward(),
      () =>
        leaf(1, 2)
          .mul(2)
          .backward(ones([3])),
      () => x.sum().backward(),
      () => noGrad(async () => 1),
      () => detectAnomaly(() => inModule('layers.3', () => leaf(1, -1).log())),
    ]),
  ).toMatchInlineSnapshot(`
    "backward: the graph behind sum was already walked and released; compute the output again, or pass { retainGraph: true } the first time.
    backward: a tensor that square saved was assigned other values since; call backward() before the optimizer's step().
    backward: the output has shape (2); only a scalar can do without a gradient. Did you mean y.sum().backward() or y.backward(gradient)?
    backward: the gradient that was passed is float32 (3) on cpu; it must be float32 (2) on cpu, like the output.
    backward: nothing was recorded for this float32 (): no input had requiresGrad, or it was computed in noGrad, detached, or by an op without a derivative.
    noGrad: the function returned a promise, and recording is on again before it goes on; await outside, and wrap each synchronous part in noGrad.
    log: made NaN at [1] in layers.3 from inputs (2), which were finite; result (2)."
  `);
});

/** As JavaScript calls it, where no types are checked. */
type Untyped = (...args: unknown[]) => unknown;
const untyped = x as unknown as Record<string, Untyped>;

test('missing, wrong and surplus arguments', () => {
  expect(
    said([
      () => untyped.add(),
      () => untyped.relu(1),
      () => untyped.matmul(3),
      () => untyped.matmul([[1]]),
      () => (cat as Untyped)(x, x),
      () => untyped.repeat(2),
      () => untyped.pad([1]),
      () => untyped.split(),
      () => untyped.equal(1),
      () => untyped.allClose([1]),
      () => untyped.layerNorm(),
      () => untyped.gather(0),
      () => untyped.assign([1]),
      () => (randn as Untyped)([2]),
      () => zeros([1e15]),
      () => index(1).oneHot(2.5),
    ]),
  ).toMatchInlineSnapshot(`
    "add: is given 1 operands, but takes 2.
    relu: is given 2 operands, but takes 1.
    matmul: takes (a: Tensor, b: Tensor), but b is 3.
    matmul: takes (a: Tensor, b: Tensor), but b is a list of list.
    cat: takes (tensors: Tensor[], axis?: number), but tensors is a tensor (2, 3).
    repeat: takes (x: Tensor, counts: number[]), but counts is 2.
    pad: takes (x: Tensor, widths: number[][], value?: number), but widths is a list of number.
    split: takes (x: Tensor, sizes: number | number[], axis?: number), but sizes is missing.
    equal: takes (a: Tensor, b: Tensor), but b is 1.
    allClose: takes (a: Tensor, b: Tensor, options?: { relative, absolute }), but b is a list of number.
    layerNorm: takes (x: Tensor, weight: Tensor, bias: Tensor, epsilon?: number), but weight is missing.
    gather: takes (x: Tensor, axis: number, index: Tensor), but index is missing.
    assign: takes (values: Tensor), and this is none.
    randn: takes a random generator second, not undefined; pass new Random(seed).
    zeros: float32 (1000000000000000) needs 4000000000000000 bytes, which cannot be had at once.
    oneHot: classes 2.5 must be a whole number from 0 up."
  `);
});

test("PyTorch's positional options, and options that do not exist", () => {
  expect(
    said([
      () => untyped.sum(0, 1),
      () => untyped.max(1, true),
      () => untyped.flip(0, 1),
      () => untyped.sum(0, { keepdim: true }),
    ]),
  ).toMatchInlineSnapshot(`
    "sum: takes (x: Tensor, axes?: number | number[], options?: { keepDim }), but options is 1.
    max: takes (x: Tensor, axes?: number | number[], options?: { keepDim }), but options is true.
    flip: takes (x: Tensor, axes?: number | number[]), but is given 3 arguments.
    sum: takes (x: Tensor, axes?: number | number[], options?: { keepDim }), but options is { keepdim }: there is no option 'keepdim'."
  `);
});

test('every op and function refuses a call without arguments', () => {
  for (const call of Object.values({ ...methods, ...functions, sort, split, topk, equal, allClose })) {
    expect(() => (call as Untyped)(), call.name).toThrow(OpError);
  }
});

test('a shuffle of less than nothing', () => {
  expect(() => new Random(1).shuffle(-1)).toThrow(
    'Random.shuffle: n must be a whole number from 0 to 2^31, got -1',
  );
});
