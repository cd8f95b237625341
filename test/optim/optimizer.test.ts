import { describe, expect, it } from 'vitest';
import { noGrad } from '../../src/autograd/mode.ts';
import type { Buffer, Device } from '../../src/device/device.ts';
import { reference } from '../../src/device/reference.ts';
import { inScope } from '../../src/device/scope.ts';
import { Adafactor } from '../../src/optim/adafactor.ts';
import { AdamW } from '../../src/optim/adamw.ts';
import type { Optimizer, Trainable } from '../../src/optim/optimizer.ts';
import { warmupCosine } from '../../src/optim/schedule.ts';
import { Sgd } from '../../src/optim/sgd.ts';
import { fromTypedArray, tensor } from '../../src/tensor/create.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { bitsOf, draw, dtypes, expectClose, type Floating, make, parameterOf, play } from './support.ts';

const kinds: [name: string, make: (parameters: Trainable) => Optimizer][] = [
  ['AdamW', (parameters) => new AdamW(parameters, { weightDecay: 0 })],
  ['Sgd', (parameters) => new Sgd(parameters, { momentum: 0.9, nesterov: true })],
  ['Adafactor', (parameters) => new Adafactor(parameters)],
];
const kindsAndTypes = kinds.flatMap(([name, build]) => dtypes.map((dtype) => ({ name, build, dtype })));

/** A matrix and a vector to train. */
function twoParameters(dtype: Floating): { matrix: Tensor; vector: Tensor; named: [string, Tensor][] } {
  const matrix = parameterOf(draw(12, 1), [3, 4], dtype);
  const vector = parameterOf(draw(4, 2), [4], dtype);
  const named: [string, Tensor][] = [
    ['layer.weight', matrix],
    ['layer.bias', vector],
  ];
  return { matrix, vector, named };
}

/** One step on a loss of both, through autograd. */
function train(
  optimizer: Optimizer,
  { matrix, vector }: { matrix: Tensor; vector: Tensor },
  step: number,
): void {
  const x = make(draw(6, 100 + step), [2, 3], matrix.dtype as Floating);
  x.matmul(matrix).add(vector).tanh().square().sum().backward();
  optimizer.step(0.05);
  optimizer.zeroGrad();
}

/** A state as it comes back from a file: other tensors with the same numbers. */
function saved(optimizer: Optimizer): Map<string, Tensor> {
  const entries = [...optimizer.stateDict()].map(
    ([name, value]) => [name, fromTypedArray(value.toTypedArray(), value.shape)] as const,
  );
  return new Map(entries);
}

describe.each(kindsAndTypes)('$name in $dtype', ({ build, dtype }) => {
  it('finds the minimum of a quadratic', () => {
    const x = parameterOf([3, -2, 0.5, 4], [2, 2], dtype);
    const target = make([1, 1, -1, 0.25], [2, 2], dtype);
    const curvature = make([0.5, 1, 2, 1.5], [2, 2], dtype);
    const optimizer = build([['x', x]]);
    const schedule = warmupCosine({ peak: 0.1, warmup: 10, total: 300 });
    for (let step = 0; step < 300; step++) {
      x.sub(target).square().mul(curvature).sum().backward();
      optimizer.step(schedule(step));
      optimizer.zeroGrad();
    }
    const distance = x.detach().sub(target).square().sum().sqrt().item();
    expect(distance).toBeLessThan(1e-3);
  });

  it('goes on from a saved state to the last bit', () => {
    const first = twoParameters(dtype);
    const optimizer = build(first.named);
    for (let step = 0; step < 3; step++) train(optimizer, first, step);
    const state = saved(optimizer);
    const second = twoParameters(dtype);
    second.matrix.assign(first.matrix.detach());
    second.vector.assign(first.vector.detach());
    const resumed = build(second.named);
    resumed.loadStateDict(state);
    for (let step = 3; step < 6; step++) {
      train(optimizer, first, step);
      train(resumed, second, step);
    }
    expect(bitsOf(second.matrix)).toEqual(bitsOf(first.matrix));
    expect(bitsOf(second.vector)).toEqual(bitsOf(first.vector));
    const state1 = optimizer.stateDict();
    for (const [name, value] of resumed.stateDict()) {
      expect(bitsOf(value), name).toEqual(bitsOf(state1.get(name)!));
    }
    // The comparison can fail: without the state the steps differ.
    const third = twoParameters(dtype);
    third.matrix.assign(first.matrix.detach());
    const fresh = build(third.named);
    train(fresh, third, 6);
    train(optimizer, first, 6);
    expect(bitsOf(third.matrix)).not.toEqual(bitsOf(first.matrix));
  });

  it('does not depend on what becomes of the state it was loaded from', () => {
    const first = twoParameters(dtype);
    const optimizer = build(first.named);
    train(optimizer, first, 0);
    const second = twoParameters(dtype);
    const other = build(second.named);
    other.loadStateDict(optimizer.stateDict());
    const before = saved(other);
    train(optimizer, first, 1);
    for (const [name, value] of other.stateDict())
      expect(bitsOf(value), name).toEqual(bitsOf(before.get(name)!));
  });

  it('passes over a parameter without gradient: neither values nor state move, and its steps do not count', () => {
    const { matrix, vector, named } = twoParameters(dtype);
    const optimizer = build(named);
    const before = bitsOf(matrix);
    play(optimizer, vector, [draw(4, 5), draw(4, 6)], [0.1, 0.1]);
    expect(bitsOf(matrix)).toEqual(before);
    const state = optimizer.stateDict();
    expect(state.get('layer.weight.step')!.item()).toBe(0);
    expect(state.get('layer.bias.step')!.item()).toBe(2);
    // Its first step is a first step, whenever it comes.
    const alone = parameterOf(draw(12, 1), [3, 4], dtype);
    play(build([['w', alone]]), alone, [draw(12, 7)], [0.1]);
    vector.grad = null;
    play(optimizer, matrix, [draw(12, 7)], [0.1]);
    expect(bitsOf(matrix)).toEqual(bitsOf(alone));
  });

  it('records nothing: the parameter stays a leaf, its moments constants', () => {
    const two = twoParameters(dtype);
    const optimizer = build(two.named);
    train(optimizer, two, 0);
    expect(two.matrix.isLeaf && two.matrix.requiresGrad).toBe(true);
    for (const value of optimizer.stateDict().values()) expect(value.requiresGrad).toBe(false);
  });
});

describe('groups', () => {
  it('have weight decays and learning rates of their own', () => {
    const [a, b, c] = [0, 1, 2].map(() => parameterOf([1], [1], 'float64'));
    const groups = [
      { parameters: [['a', a]] as const, weightDecay: 0 },
      { parameters: [['b', b]] as const, learningRateScale: 0.5 },
      { parameters: [['c', c]] as const, weightDecay: undefined, learningRateScale: undefined },
      { parameters: [] },
    ];
    const optimizer = new Sgd(groups, { weightDecay: 2 });
    for (const parameter of [a, b, c]) parameter.grad = make([1], [1], 'float64');
    optimizer.step(0.125);
    expectClose(a, [1 - 0.125]); // without decay
    expectClose(b, [1 - 0.0625 * 3]); // half the rate
    expectClose(c, [1 - 0.125 * 3]); // as the optimizer says
    expect([...optimizer.stateDict().keys()]).toEqual(['a.step', 'b.step', 'c.step']);
    optimizer.zeroGrad();
    expect([a.grad, b.grad, c.grad]).toEqual([null, null, null]);
  });

  it('refuse settings below 0', () => {
    const parameters = [['a', parameterOf([1], [1], 'float32')]] as const;
    expect(() => new Sgd([{ parameters, learningRateScale: -1 }])).toThrow(
      'Sgd: learningRateScale must be a number from 0 up, not -1.',
    );
    expect(() => new Sgd([{ parameters, weightDecay: -1 }])).toThrow(/weightDecay/);
  });
});

describe('messages', () => {
  const a = parameterOf([1, 2], [2], 'float32');
  const b = parameterOf([1, 2], [2], 'float32');

  it('name parameters that come twice, by name or by tensor', () => {
    expect(
      () =>
        new Sgd([
          ['a', a],
          ['a', b],
        ]),
    ).toThrow('Sgd: two parameters are called a; their moments need names of their own.');
    expect(() => new Sgd([{ parameters: [['a', a]] }, { parameters: [['b', a]] }])).toThrow(
      'Sgd: a and b are one tensor, to be updated once; list it once.',
    );
    expect(() => new Sgd([])).toThrow('Sgd: there is no parameter to train.');
  });

  it('refuse a learning rate that is none', () => {
    const optimizer = new Sgd([['a', a]]);
    for (const rate of [-0.1, Number.NaN, Number.POSITIVE_INFINITY, undefined as unknown as number]) {
      expect(() => optimizer.step(rate)).toThrow(
        `Sgd.step: learningRate must be a number from 0 up, not ${rate}.`,
      );
    }
  });

  it('say which entries of a state are missing and unknown', () => {
    const optimizer = new AdamW([['a', a]]);
    const sgd = new Sgd([['a', b]], { momentum: 0.5 });
    expect(() => optimizer.loadStateDict(sgd.stateDict())).toThrow(
      'AdamW.loadStateDict: the state is of another model or optimizer (missing: a.exponentialAverage, ' +
        'a.exponentialAverageSquare; unknown: a.momentumBuffer).',
    );
    expect(() =>
      new AdamW([
        ['a', a],
        ['b', b],
      ]).loadStateDict(new Map()),
    ).toThrow(
      /missing: a\.step, a\.exponentialAverage, a\.exponentialAverageSquare and 3 more; unknown: none/,
    );
  });

  it('say which entry has another shape or dtype, and change nothing', () => {
    const optimizer = new Sgd([['a', a]], { momentum: 0.5 });
    const load = (buffer: Tensor, step: Tensor = tensor(3, { dtype: 'int32' })) =>
      optimizer.loadStateDict(
        new Map([
          ['a.step', step],
          ['a.momentumBuffer', buffer],
        ]),
      );
    expect(() => load(tensor([1, 2, 3]))).toThrow(
      'Sgd.loadStateDict: a.momentumBuffer is float32 (3), the optimizer has float32 (2).',
    );
    expect(() => load(tensor([1, 2], { dtype: 'float64' }))).toThrow(
      'Sgd.loadStateDict: a.momentumBuffer is float64 (2), the optimizer has float32 (2).',
    );
    expect(() => load(tensor([1, 2]), tensor(3))).toThrow(
      /a\.step is float32 \(\), the optimizer has int32 \(\)/,
    );
    expect(optimizer.stateDict().get('a.step')!.item()).toBe(0);
    load(tensor([1, 2]));
    expect(optimizer.stateDict().get('a.step')!.item()).toBe(3);
    expect(optimizer.stateDict().get('a.momentumBuffer')!.toArray()).toEqual([1, 2]);
  });

  it('stop a backward through values that a step has replaced', () => {
    const x = parameterOf([1, 2], [2], 'float32');
    const optimizer = new Sgd([['x', x]]);
    const loss = x.square().sum();
    x.grad = make([1, 1], [2], 'float32');
    optimizer.step(0.1);
    expect(() => loss.backward()).toThrow(/call backward\(\) before the optimizer's step\(\)/);
  });
});

/** A device that knows which of its buffers were not given back, and how many kernels ran. */
function countingDevice(): { device: Device; live: Set<Buffer>; kernels: string[] } {
  const live = new Set<Buffer>();
  const kernels: string[] = [];
  const own = (buffer: Buffer): Buffer => {
    live.add(buffer);
    return buffer;
  };
  const device: Device = {
    ...reference,
    name: 'counting',
    kernels: {
      ...reference.kernels,
      pointwise: (...args) => {
        kernels.push('pointwise');
        reference.kernels.pointwise(...args);
      },
      update: (...args) => {
        kernels.push('update');
        reference.kernels.update(...args);
      },
    },
    allocate: (dtype, length) => own(reference.allocate(dtype, length)),
    upload: (dtype, data) => own(reference.upload(dtype, data)),
    release: (buffer) => {
      if (!live.delete(buffer)) throw new Error('a buffer was given back twice');
    },
  };
  return { device, live, kernels };
}

describe('on a device whose memory is not collected', () => {
  it.each(kinds)('%s gives back all that a step made', (_, build) => {
    const { device, live } = countingDevice();
    const weight = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { device, requiresGrad: true },
    );
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { device },
    );
    const optimizer = build([['w', weight]]);
    const resting = live.size;
    for (let step = 0; step < 3; step++) {
      inScope(() => {
        x.matmul(weight).tanh().sum().backward();
        optimizer.step(0.1);
        optimizer.zeroGrad();
      });
      expect(live.size, `after step ${step}`).toBe(resting);
    }
    expect(weight.toTypedArray().every(Number.isFinite)).toBe(true);
    for (const value of optimizer.stateDict().values()) value.toTypedArray();
  });

  it.each(kinds)('%s does so outside any scope too', (_, build) => {
    const { device, live } = countingDevice();
    const weight = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { device, requiresGrad: true },
    );
    weight.grad = tensor(
      [
        [1, -1],
        [2, 0.5],
      ],
      { device },
    );
    const optimizer = build([['w', weight]]);
    const resting = live.size;
    for (let step = 0; step < 3; step++) optimizer.step(0.1);
    expect(live.size).toBe(resting);
  });

  it('one kernel writes the parameter and its moments, in place', () => {
    const launches = (build: (parameters: Trainable) => Optimizer): string[] => {
      const { device, live, kernels } = countingDevice();
      const weight = tensor([1, 2, 3], { device, requiresGrad: true });
      weight.grad = tensor([1, 1, 1], { device });
      const optimizer = build([['w', weight]]);
      const before = [...live];
      optimizer.step(0.1);
      expect([...live]).toEqual(before);
      return kernels;
    };
    expect(launches((parameters) => new AdamW(parameters))).toEqual(['update']);
    expect(launches((parameters) => new Sgd(parameters, { momentum: 0.9 }))).toEqual(['update']);
    expect(launches((parameters) => new Sgd(parameters))).toEqual(['update']);
  });
});

describe('a buffer that others read', () => {
  it.each(kinds)('%s leaves to a result that is still pending, and to whom it was assigned', (_, build) => {
    const { matrix, vector, named } = twoParameters('float32');
    const optimizer = build(named);
    train(optimizer, { matrix, vector }, 0);
    const pending = noGrad(() => matrix.mul(2));
    const before = matrix.detach().mul(1).toArray();
    const doubled = matrix.detach().mul(2).toArray();
    const other = parameterOf(draw(12, 9), [3, 4], 'float32');
    other.assign(matrix.detach());
    train(optimizer, { matrix, vector }, 1);
    expect(pending.toArray()).toEqual(doubled);
    expect(other.toArray()).toEqual(before);
    expect(matrix.toArray()).not.toEqual(before);
  });

  it.each(kinds)('%s gives the same numbers whether it is shared or not', (_, build) => {
    const [alone, shared] = [twoParameters('float32'), twoParameters('float32')];
    const optimizers = [alone, shared].map(({ named }) => build(named));
    const keeper = parameterOf(draw(12, 9), [3, 4], 'float32');
    for (let step = 0; step < 3; step++) {
      keeper.assign(shared.matrix.detach());
      train(optimizers[0], alone, step);
      train(optimizers[1], shared, step);
    }
    expect(bitsOf(shared.matrix)).toEqual(bitsOf(alone.matrix));
  });

  it('may be that of a moment: both go their own way', () => {
    const weight = parameterOf([1, 2], [2], 'float64');
    const optimizer = new Sgd([['w', weight]], { momentum: 0.5 });
    weight.assign(optimizer.stateDict().get('w.momentumBuffer')!); // both show the same two zeros
    weight.grad = make([4, 8], [2], 'float64');
    optimizer.step(0.25);
    expect(weight.toArray()).toEqual([-1, -2]);
    expect(optimizer.stateDict().get('w.momentumBuffer')!.toArray()).toEqual([4, 8]);
  });
});

describe('a gradient', () => {
  it('may be seen through any strides, and may be the parameter itself', () => {
    const weight = parameterOf([1, 2, 3, 4], [2, 2], 'float64');
    weight.grad = make([10, 20, 30, 40], [2, 2], 'float64').transpose();
    const optimizer = new Sgd([['w', weight]]);
    optimizer.step(0.1);
    expectClose(weight, [0, -1, 1, 0]);
    weight.grad = weight.detach();
    optimizer.step(0.5);
    expectClose(weight, [0, -0.5, 0.5, 0]);
    weight.grad = weight.detach().transpose();
    optimizer.step(1);
    expectClose(weight, [0, -1, 1, 0]);
  });

  it('of another shape or type is refused, and so is a view as parameter', () => {
    const weight = parameterOf([1, 2], [2], 'float32');
    const optimizer = new AdamW([['w', weight]]);
    weight.grad = make([1], [1], 'float32');
    expect(() => optimizer.step(0.1)).toThrow(
      /AdamW\.step: the gradient of w is float32 \(1\) on \w+, but w is float32 \(2\) on \w+/,
    );
    weight.grad = make([1, 1], [2], 'float64');
    expect(() => optimizer.step(0.1)).toThrow(/the gradient of w is float64 \(2\)/);
    expect(weight.toArray()).toEqual([1, 2]);
    const view = make([1, 2, 3, 4], [2, 2], 'float32').transpose();
    view.grad = make([1, 1, 1, 1], [2, 2], 'float32');
    expect(() => new Sgd([['v', view]]).step(0.1)).toThrow(/Sgd\.step: v is a view/);
  });
});
