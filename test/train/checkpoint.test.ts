import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeSafetensors } from '../../src/data/safetensors.ts';
import { fromTypedArray } from '../../src/tensor/create.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { readCheckpoint, writeCheckpoint } from '../../src/train/checkpoint.ts';
import { complaint, freshPath } from './tiny.ts';

const identity = 'of this run';
const state = new Map([
  ['model.weight', fromTypedArray(Float32Array.of(1, -0, Number.NaN, Infinity, 1e-45, 3), [2, 3])],
  ['optimizer.weight.step', fromTypedArray(Int32Array.of(7), [])],
]);

async function written(): Promise<string> {
  const file = freshPath();
  await writeCheckpoint(file, { step: 7, seconds: 1.5, identity, state });
  return file;
}

/** The bytes of every tensor, so that NaN and -0 count. */
function bits(tensors: ReadonlyMap<string, Tensor>): [string, string, readonly number[], string][] {
  return [...tensors]
    .map(([name, tensor]): [string, string, readonly number[], string] => {
      const data = tensor.toTypedArray();
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      return [name, tensor.dtype, tensor.shape, bytes.toString('hex')];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

test('what was written is read, to the last bit', async () => {
  const checkpoint = readCheckpoint(await written(), identity);
  expect(checkpoint).toMatchObject({ step: 7, seconds: 1.5, identity });
  expect(bits(checkpoint.state)).toEqual(bits(state));
});

test('tensors of any type, shape and name come back', async () => {
  const data = fc.oneof(
    fc.float32Array({ maxLength: 12 }),
    fc.float64Array({ maxLength: 12 }),
    fc.int32Array({ maxLength: 12 }),
    fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 12 }).map((values) => Uint8Array.from(values)),
  );
  const tensors = fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => name !== '__metadata__'),
    data,
  );
  await fc.assert(
    fc.asyncProperty(tensors, async (drawn) => {
      const file = freshPath();
      const given = new Map(
        Object.entries(drawn).map(([name, values]) => [name, fromTypedArray(values, [1, values.length])]),
      );
      await writeCheckpoint(file, { step: 1, seconds: 0, identity, state: given });
      expect(bits(readCheckpoint(file, identity).state)).toEqual(bits(given));
    }),
    { numRuns: 40 },
  );
});

test('a file cut short anywhere is refused in one line that names it', async () => {
  const file = await written();
  const whole = readFileSync(file);
  for (let length = 0; length < whole.length; length += 5) {
    writeFileSync(file, whole.subarray(0, length));
    expect(complaint(() => readCheckpoint(file, identity))).toMatch(new RegExp(`^${file}: safetensors: `));
  }
});

test('bytes of something else are refused', () => {
  const file = freshPath();
  writeFileSync(file, 'PK\x03\x04 this is not a checkpoint at all');
  expect(complaint(() => readCheckpoint(file, identity))).toContain('cut short or not a safetensors file');
  writeFileSync(file, encodeSafetensors({ x: { dtype: 'F32', shape: [1], data: Float32Array.of(1) } }));
  expect(complaint(() => readCheckpoint(file, identity))).toContain('not a hopgrad checkpoint');
});

test('a checkpoint of another run, or of another version, is refused', async () => {
  const file = await written();
  expect(complaint(() => readCheckpoint(file, 'of another'))).toContain('belongs to another config.json');
  const metadata = { format: 'hopgrad-checkpoint', version: '99', step: '1', seconds: '0', identity };
  writeFileSync(file, encodeSafetensors({}, metadata));
  expect(complaint(() => readCheckpoint(file, identity))).toContain('version 99, this hopgrad reads 1');
  writeFileSync(file, encodeSafetensors({}, { ...metadata, version: '1', step: 'seven' }));
  expect(complaint(() => readCheckpoint(file, identity))).toContain('does not say which step');
});
