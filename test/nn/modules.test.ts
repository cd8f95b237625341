import { describe, expect, test } from 'vitest';
import { Random, randn, type Tensor, tensor } from '../../src/index.ts';
import { CausalSelfAttention } from '../../src/nn/causal-self-attention.ts';
import { Dropout } from '../../src/nn/dropout.ts';
import { Embedding } from '../../src/nn/embedding.ts';
import { FeedForward } from '../../src/nn/feed-forward.ts';
import { KeyValueCache } from '../../src/nn/key-value-cache.ts';
import { LayerNorm } from '../../src/nn/layer-norm.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Module } from '../../src/nn/module.ts';
import { RMSNorm } from '../../src/nn/rms-norm.ts';
import { distance } from '../model/models.ts';

class Pair extends Module {
  first: Linear = new Linear(2, 3, new Random(1));
  list: Linear[] = [new Linear(3, 1, new Random(2), { bias: false })];
  norm: LayerNorm = new LayerNorm(3);
}

describe('a module', () => {
  test('names its parameters by its fields, in order', () => {
    expect(new Pair().namedParameters().map(([name]) => name)).toEqual([
      'first.weight',
      'first.bias',
      'list.0.weight',
      'norm.weight',
      'norm.bias',
    ]);
    expect(new Pair().parameterCount()).toBe(6 + 3 + 3 + 3 + 3);
  });

  test('switches itself and everything below to evaluation and back', () => {
    const pair = new Pair().eval();
    expect([pair.training, pair.list[0].training]).toEqual([false, false]);
    expect(pair.train().norm.training).toBe(true);
  });

  test('takes over a state dict, and refuses one that is not its own', () => {
    const [a, b] = [new Pair(), new Pair()];
    const state = new Map(
      a.namedParameters().map(([name, p]): [string, Tensor] => [name, p.detach().mul(2)]),
    );
    b.loadStateDict(state);
    expect(b.first.weight.toArray()).toEqual(a.first.weight.mul(2).toArray());
    state.delete('norm.bias');
    expect(() => b.loadStateDict(state)).toThrow(
      "loadStateDict: the parameters are another model's: missing norm.bias.",
    );
    state.set('norm.bias', tensor([1, 2]));
    expect(() => b.loadStateDict(state)).toThrow('loadStateDict: norm.bias is (2), the model has (3).');
  });
});

describe('layers', () => {
  const x = randn([2, 3, 4], new Random(0));

  test('Linear is x Wᵀ + b', () => {
    const linear = new Linear(2, 2, new Random(0));
    linear.weight.assign(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    linear.bias?.assign(tensor([10, 20]));
    expect(linear.forward(tensor([[1, 1]])).toArray()).toEqual([[13, 27]]);
  });

  test('start with the law they state', () => {
    const weights = new Linear(100, 200, new Random(3)).weight;
    const variance = weights.square().mean().item();
    expect(weights.mean().item()).toBeCloseTo(0, 2);
    expect(Math.abs(variance - 1 / 100)).toBeLessThan(0.0005);
    expect(
      Math.abs(new Embedding(100, 200, new Random(3), 0.2).weight.square().mean().item() - 0.04),
    ).toBeLessThan(0.002);
  });

  test('RMSNorm divides by the root mean square', () => {
    const y = new RMSNorm(4).forward(x);
    expect(
      distance(
        y.square().mean(-1),
        tensor([
          [1, 1, 1],
          [1, 1, 1],
        ]),
      ),
    ).toBeLessThan(1e-3);
  });

  test('a gated feed-forward multiplies by its gate', () => {
    const gated = new FeedForward(4, 8, new Random(1), { gated: true });
    const { up, gate, down } = gated;
    const expected = down.forward(
      up
        .forward(x)
        .geluTanh()
        .mul((gate as Linear).forward(x)),
    );
    expect(distance(gated.forward(x), expected)).toBe(0);
    expect(new FeedForward(4, 8, new Random(1)).gate).toBeNull();
  });

  test('Dropout keeps the mean in training and does nothing in evaluation', () => {
    const ones = tensor([1]).expand([10_000]);
    const dropout = new Dropout(0.25);
    const dropped = dropout.forward(ones, new Random(1));
    expect(Math.abs(dropped.mean().item() - 1)).toBeLessThan(0.03);
    expect(new Set(dropped.toTypedArray())).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    expect((dropout.eval() as Dropout).forward(ones, new Random(1)).toArray()).toEqual(ones.toArray());
  });
});

describe('causal self-attention', () => {
  test('is softmax(q kᵀ / √d) v per head, over a token and those before it', () => {
    const [batch, tokens, dim, heads] = [2, 4, 6, 2];
    const attention = new CausalSelfAttention(dim, heads, new Random(4));
    const z = randn([batch, tokens, dim], new Random(5));
    const split = (y: Tensor): Tensor => y.reshape([batch, tokens, heads, dim / heads]).transpose(1, 2);
    const [q, k, v] = [attention.query, attention.key, attention.value].map((l) => split(l.forward(z)));
    const scores = q
      .matmul(k.transpose())
      .div(Math.sqrt(dim / heads))
      .toTypedArray();
    const masked = scores.map((s: number, i: number) =>
      i % tokens > Math.floor(i / tokens) % tokens ? -Infinity : s,
    );
    const weights = tensor(masked as Float32Array)
      .reshape([batch, heads, tokens, tokens])
      .softmax();
    const read = weights.matmul(v).transpose(1, 2).reshape([batch, tokens, dim]);
    expect(distance(attention.forward(z), attention.output.forward(read))).toBeLessThan(1e-5);
  });
});

describe('a key-value cache', () => {
  const kv = (tokens: number, value: number): { key: Tensor; value: Tensor } => {
    const x = tensor(value).expand([1, 1, tokens, 2]);
    return { key: x, value: x.mul(10) };
  };

  test('returns everything stored so far, in order', () => {
    const cache = new KeyValueCache(1, 1, 4, 2, tensor(0));
    cache.append(kv(1, 1));
    const { key, value } = cache.append(kv(2, 2));
    expect(key.toArray()).toEqual([
      [
        [
          [1, 1],
          [2, 2],
          [2, 2],
        ],
      ],
    ]);
    expect(value.toArray()).toEqual([
      [
        [
          [10, 10],
          [20, 20],
          [20, 20],
        ],
      ],
    ]);
    cache.clear();
    expect(cache.length).toBe(0);
  });

  test('refuses more than it has room for', () => {
    const cache = new KeyValueCache(1, 1, 2, 2, tensor(0));
    expect(() => cache.append(kv(3, 1))).toThrow('3 tokens do not fit into room for 2');
  });
});
