// What is not a product of matrices, in Gelem/s: elements of the result (for AdamW, of the parameter) a nanosecond.
//   npm run bench -- pointwise
import { inScope } from '../src/device/scope.ts';
import { AdamW, currentDevice, gradients, noGrad, Random, randn, type Tensor } from '../src/index.ts';
import { medians } from './medians.ts';
import { startSession } from './session.ts';

const session = await startSession('pointwise');
/** The hidden layer of a feed-forward in the yardstick: 1,024 tokens. */
const [rows, columns] = [1024, 512];
const parameters = 875_264;

const draw = (seed: number, ...shape: number[]): Tensor => randn(shape, new Random(seed));
const [x, y, g] = [draw(1, rows, columns), draw(2, rows, columns), draw(3, rows, columns)];
const [weight, bias] = [draw(4, columns), draw(5, columns)];
const leaf = draw(6, rows, columns);
leaf.requiresGrad = true;

/** Computes a result that would otherwise wait for its first reader. */
const forward = (compute: () => Tensor) => (): void =>
  inScope(() => noGrad(() => compute().storage.settle()));

/** The backward alone: what only the forward needs is pending and never computed. */
const pointwiseBackward = (compute: () => Tensor) => (): void =>
  inScope(() => gradients(compute(), [leaf], { gradient: g })[0].storage.settle());

const { kernels } = currentDevice();
const view = (t: Tensor): Parameters<typeof kernels.copyInto>[0] => ({
  ...{ buffer: t.storage.buffer, dtype: t.dtype, shape: t.shape, strides: t.strides, offset: t.offset },
});
const softmaxed = x.softmax();
const [out, outWeight, outBias] = [draw(7, rows, columns), draw(8, columns), draw(9, columns)];

const parameter = draw(10, parameters);
parameter.requiresGrad = true;
const optimizer = new AdamW([['parameter', parameter]]);
parameter.grad = draw(11, parameters);

const times = await medians({
  add: forward(() => x.add(y)),
  exp: forward(() => x.exp()),
  gelu: forward(() => x.geluTanh()),
  'gelu backward': pointwiseBackward(() => leaf.geluTanh()),
  softmax: forward(() => x.softmax()),
  'softmax backward': () => kernels.softmaxBackward(view(g), view(softmaxed), false, view(out)),
  layerNorm: forward(() => x.layerNorm(weight, bias)),
  'layerNorm backward': () =>
    kernels.layerNormBackward(
      view(g),
      view(x),
      view(weight),
      1e-5,
      view(out),
      view(outWeight),
      view(outBias),
    ),
  AdamW: () => inScope(() => optimizer.step(1e-6)),
});

session.report(
  Object.entries(times).map(([operation, milliseconds]) => {
    const elements = operation === 'AdamW' ? parameters : rows * columns;
    return { operation, elements, gelemPerSecond: elements / milliseconds / 1e6 };
  }),
);
