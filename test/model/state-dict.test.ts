/** A model's parameters go into a file and come back as the same model; those of another model are refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeSafetensors,
  encodeSafetensors,
  fromTypedArray,
  type SafetensorsTensor,
  type Tensor,
  zeros,
} from '../../src/index.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { readTensors, writeTensors } from '../../src/train/checkpoint.ts';
import { freshPath } from '../train/tiny.ts';
import {
  anyConfig,
  anyRows,
  float64Model,
  holdsFor,
  idsOf,
  routerNames,
  sameBits,
  someConfig,
} from './models.ts';

/** Expects the same numbers under the same names, to the last bit. */
function expectSameState(found: ReadonlyMap<string, Tensor>, expected: ReadonlyMap<string, Tensor>): void {
  expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, tensor] of expected) {
    expect(sameBits(found.get(name)?.toTypedArray() ?? [], tensor.toTypedArray()), name).toBe(true);
  }
}

/** The model with 0 for every parameter. */
function cleared(model: SkipTransformer): SkipTransformer {
  for (const parameter of model.parameters()) {
    parameter.assign(zeros(parameter.shape, { dtype: parameter.dtype }));
  }
  return model;
}

/** The bytes of a state, and the state from bytes. */
function encoded(state: ReadonlyMap<string, Tensor>): Uint8Array {
  const entries = [...state].map(([name, tensor]): [string, SafetensorsTensor] => {
    const data = tensor.toTypedArray();
    const { shape } = tensor;
    return [
      name,
      data instanceof Float64Array
        ? { dtype: 'F64', shape: [...shape], data }
        : { dtype: 'F32', shape: [...shape], data: data as Float32Array },
    ];
  });
  return encodeSafetensors(new Map(entries));
}

function decoded(bytes: Uint8Array): Map<string, Tensor> {
  const entries = [...decodeSafetensors(bytes).tensors];
  return new Map(entries.map(([name, { data, shape }]) => [name, fromTypedArray(data, shape)]));
}

describe.each([
  ['float32', (config: ModelConfig) => new SkipTransformer(config)],
  ['float64', float64Model],
] as const)('a model in %s', (dtype, make) => {
  test.each<[string, (state: ReadonlyMap<string, Tensor>) => ReadonlyMap<string, Tensor>]>([
    ['straight from one to the other', (state) => state],
    ['through safetensors', (state) => decoded(encoded(state))],
  ])('gives its weights and its logits to another, %s', (_, way) => {
    holdsFor(dtype, fc.record({ config: anyConfig(), rows: anyRows() }), ({ config, rows }) => {
      const [model, other] = [make(config).eval(), cleared(make(config)).eval()];
      const logits = (m: SkipTransformer): ArrayLike<number> => m.forward(idsOf(rows)).logits.toTypedArray();
      expect(sameBits(logits(other), logits(model))).toBe(false);
      other.loadStateDict(way(model.stateDict()));
      expectSameState(other.stateDict(), model.stateDict());
      expect(sameBits(logits(other), logits(model))).toBe(true);
    });
  });
});

test.each(routerNames)('a model with the router %s survives a file', async (router) => {
  const config = someConfig({ router });
  const model = new SkipTransformer(config).eval();
  const file = `${freshPath()}.safetensors`;
  await writeTensors(file, model.stateDict(), {});
  const other = cleared(new SkipTransformer(config)).eval();
  other.loadStateDict(readTensors(file).tensors);
  expectSameState(other.stateDict(), model.stateDict());
  const ids = idsOf([[1, 4, 2, 8]]);
  expect(sameBits(other.forward(ids).logits.toTypedArray(), model.forward(ids).logits.toTypedArray())).toBe(
    true,
  );
});

describe('a state that is not the model’s own is refused in one line, and nothing is taken over', () => {
  const config = someConfig({ router: 'learned', layers: 2, dim: 4 });
  const router = 'layers.1.router.gate.weight';
  const full = (): Map<string, Tensor> => new SkipTransformer(config).stateDict();

  test.each<[string, Map<string, Tensor>, string]>([
    ['an entry is missing', new Map([...full()].filter(([name]) => name !== router)), `missing ${router}`],
    ['there is one too many', new Map([...full(), ['stranger', zeros([1])]]), 'unknown stranger'],
    ['it is empty', new Map(), 'missing tokens.weight'],
    [
      'a shape differs',
      new Map([...full(), [router, zeros([4, 2])]]),
      `${router} is (4, 2), the model has (2, 4)`,
    ],
    [
      'it is of a deeper model',
      new SkipTransformer({ ...config, layers: 3 }).stateDict(),
      'unknown layers.2.',
    ],
    [
      'it is of a dense model',
      new SkipTransformer({ ...config, router: 'none' }).stateDict(),
      'missing layers.0.router',
    ],
    ['it is in another precision', float64Model(config).stateDict(), 'is float64, the model has float32'],
  ])('%s', (_, state, message) => {
    const model = new SkipTransformer({ ...config, seed: config.seed + 1 });
    const before = new Map(
      [...model.stateDict()].map(([name, tensor]) => [
        name,
        fromTypedArray(tensor.toTypedArray(), tensor.shape),
      ]),
    );
    expect(() => model.loadStateDict(state)).toThrow(message);
    expect(() => model.loadStateDict(state)).toThrow(/^[^\n]*$/);
    expectSameState(model.stateDict(), before);
  });
});
