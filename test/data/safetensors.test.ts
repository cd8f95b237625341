import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
  type SafetensorsTensor,
} from '../../src/data/safetensors.ts';

/** A file from a header text and data, for saying what the encoder would never say. */
function file(header: string, data: Uint8Array = new Uint8Array(0), headerBytes?: bigint): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, headerBytes ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function headerOf(bytes: Uint8Array): string {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return new TextDecoder().decode(bytes.subarray(8, 8 + length));
}

function get(tensors: Map<string, SafetensorsTensor>, name: string): SafetensorsTensor {
  return tensors.get(name) as SafetensorsTensor;
}

const shapes = fc.array(fc.nat(4), { maxLength: 3 });
const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', 'toString', '1', '0', '', 'a b', '"\\\n'),
);
const dtypes = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array };
const tensors: fc.Arbitrary<SafetensorsTensor> = fc
  .tuple(fc.constantFrom('F32' as const, 'F64' as const, 'I32' as const, 'U8' as const), shapes, fc.integer())
  .map(([dtype, shape, seed]) => {
    // Any bit pattern, NaNs with payloads included, must survive.
    const data = new dtypes[dtype](shape.reduce((a, b) => a * b, 1));
    const bytes = new Uint8Array(data.buffer);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(seed + i, 2654435761) >>> 24;
    return { dtype, shape, data } as SafetensorsTensor;
  });
const files = fc.tuple(
  fc.array(fc.tuple(names, tensors), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  fc.array(fc.tuple(names, fc.string({ unit: 'binary' })), { maxLength: 3 }).map((pairs) => new Map(pairs)),
);

describe('safetensors round trip', () => {
  it('returns every tensor bit for bit, and the metadata', () => {
    fc.assert(
      fc.property(files, ([content, metadata]) => {
        fc.pre(!content.has('__metadata__'));
        const decoded = decodeSafetensors(encodeSafetensors(content, metadata));
        expect(decoded.metadata).toEqual(metadata);
        expect(new Set(decoded.tensors.keys())).toEqual(new Set(content.keys()));
        for (const [name, { dtype, shape, data }] of content) {
          const back = get(decoded.tensors, name);
          expect([back.dtype, back.shape, back.data.constructor]).toEqual([dtype, shape, data.constructor]);
          expect(new Uint8Array(back.data.buffer)).toEqual(new Uint8Array(data.buffer));
        }
      }),
    );
  });

  it('does not depend on the order of its input, and writes aligned tensors', () => {
    const content: [string, SafetensorsTensor][] = [
      ['mask', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 0, 1) }],
      ['b', { dtype: 'F32', shape: [1, 2], data: Float32Array.of(1.5, -2) }],
      ['a', { dtype: 'I32', shape: [], data: Int32Array.of(-7) }],
      ['z', { dtype: 'F64', shape: [1], data: Float64Array.of(Math.PI) }],
    ];
    const bytes = encodeSafetensors(Object.fromEntries(content), { step: '3', format: 'hopgrad' });
    expect(encodeSafetensors(new Map([...content].reverse()), { format: 'hopgrad', step: '3' })).toEqual(
      bytes,
    );
    // The layout of the specification, spelt out.
    const header = headerOf(bytes);
    expect(header.length % 8).toBe(0);
    expect(header.trimEnd()).toBe(
      '{"__metadata__":{"format":"hopgrad","step":"3"},' +
        '"z":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},' +
        '"a":{"dtype":"I32","shape":[],"data_offsets":[8,12]},' +
        '"b":{"dtype":"F32","shape":[1,2],"data_offsets":[12,20]},' +
        '"mask":{"dtype":"U8","shape":[3],"data_offsets":[20,23]}}',
    );
    const body = bytes.subarray(8 + header.length);
    expect([...body.subarray(8, 16)]).toEqual([0xf9, 0xff, 0xff, 0xff, 0, 0, 0xc0, 0x3f]);
    expect([...body.subarray(20)]).toEqual([1, 0, 1]);
  });

  it('reads from any view, and hands out copies', () => {
    const bytes = encodeSafetensors({ x: { dtype: 'F64', shape: [2], data: Float64Array.of(1, 2) } });
    for (const make of [(n: number) => new Uint8Array(n), (n: number) => Buffer.alloc(n)]) {
      const view = make(bytes.length + 3).subarray(3);
      view.set(bytes);
      const { data } = get(decodeSafetensors(view).tensors, 'x');
      view.fill(0);
      expect([...data]).toEqual([1, 2]);
      expect(data.buffer.byteLength).toBe(16);
    }
  });

  it('writes part of a larger buffer', () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const bytes = encodeSafetensors({ x: { dtype: 'F32', shape: [2], data } });
    expect([...get(decodeSafetensors(bytes).tensors, 'x').data]).toEqual([2, 3]);
  });
});

describe('safetensors refusals', () => {
  const entry = (shape: string, offsets: string, dtype = '"U8"'): string =>
    `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;
  const ok = entry('[2]', '[0,2]');
  const two = Uint8Array.of(1, 2);
  const cases: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /has 0 bytes/],
    ['a start cut short', new Uint8Array(7), /has 7 bytes/],
    ['a header cut short', file('{}', two, 5n), /should have 5 bytes, but 4 follow/],
    ['a header of 2^53 + 1 bytes', file('{}', two, 2n ** 53n + 1n), /should have 9007199254740993 bytes/],
    ['a header of 2^64 - 1 bytes', file('{}', two, 2n ** 64n - 1n), /should have 18446744073709551615 bytes/],
    ['an empty header', file(''), /does not begin with \{/],
    ['a header of another shape', file('[1]'), /does not begin with \{/],
    ['a header after a byte order mark', file('\uFEFF{}'), /does not begin with \{/],
    ['bad JSON', file('{"a":}'), /not JSON/],
    ['NaN in JSON', file(`{"a":${entry('[NaN]', '[0,2]')}}`, two), /not JSON/],
    ['an unfinished name', file('{"a'), /not JSON/],
    ['bad UTF-8', new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff]), /not JSON in UTF-8/],
    ['deep nesting', file(`{"a":${'['.repeat(1e6)}`), /nested too deeply/],
    ['an entry that is no object', file('{"a":null}'), /tensor "a": its entry must be an object/],
    ['an entry that is a list', file('{"a":[]}'), /must be an object/],
    [
      'an unsupported dtype',
      file(`{"a":${entry('[1]', '[0,2]', '"BF16"')}}`, two),
      /"BF16" is not supported/,
    ],
    [
      'a dtype from the prototype',
      file(`{"a":${entry('[1]', '[0,2]', '"toString"')}}`, two),
      /not supported/,
    ],
    ['no dtype', file('{"a":{"shape":[2],"data_offsets":[0,2]}}', two), /dtype undefined/],
    ['no shape', file('{"a":{"dtype":"U8","data_offsets":[0,2]}}', two), /shape must be a list/],
    ['a negative size', file(`{"a":${entry('[-2]', '[0,2]')}}`, two), /-2 in its shape/],
    ['a negative zero', file(`{"a":${entry('[-0]', '[0,0]')}}`), /in its shape is not a size/],
    ['a size that is no whole number', file(`{"a":${entry('[0.5,4]', '[0,2]')}}`, two), /0.5 in its shape/],
    ['a size that is text', file(`{"a":${entry('["2"]', '[0,2]')}}`, two), /"2" in its shape/],
    [
      'a shape beyond 2^53',
      file(`{"a":${entry('[4294967296,4294967296,0]', '[0,0]')}}`),
      /shape is too large/,
    ],
    ['three offsets', file(`{"a":${entry('[2]', '[0,2,2]')}}`, two), /two byte positions/],
    ['offsets that are null', file(`{"a":${entry('[2]', '[null,2]')}}`, two), /two byte positions/],
    ['a negative offset', file(`{"a":${entry('[2]', '[-1,1]')}}`, two), /two byte positions/],
    ['offsets in reverse', file(`{"a":${entry('[2]', '[2,0]')}}`, two), /do not lie within/],
    [
      'offsets past the end',
      file(`{"a":${entry('[3]', '[0,3]')}}`, two),
      /\[0,3\] do not lie within the 2 bytes/,
    ],
    [
      'a shape that needs more',
      file(`{"a":${entry('[3]', '[0,2]')}}`, two),
      /need 3 bytes, data_offsets give 2/,
    ],
    ['a type that needs more', file(`{"a":${entry('[2]', '[0,2]', '"F32"')}}`, two), /need 8 bytes/],
    [
      'overlapping tensors',
      file(`{"a":${ok},"b":${entry('[1]', '[1,2]')}}`, two),
      /"b" begins at byte 1 .* not at 2/,
    ],
    ['a hole', file(`{"a":${entry('[1]', '[1,2]')}}`, two), /"a" begins at byte 1 of the data, not at 0/],
    ['data left over', file(`{"a":${entry('[1]', '[0,1]')}}`, two), /end at byte 1 of 2/],
    ['a name twice', file(`{"a":${ok},"a":${ok}}`, two), /"a" twice/],
    ['a name twice, once escaped', file(`{"a":${ok},"\\u0061"${' '.repeat(200)}:${ok}}`, two), /"a" twice/],
    [
      'a field twice',
      file('{"a":{"dtype":"F32","dtype":"U8","shape":[2],"data_offsets":[0,2]}}', two),
      /twice/,
    ],
    ['metadata that is no object', file('{"__metadata__":[]}'), /must be an object of strings/],
    ['metadata that is no string', file('{"__metadata__":{"a":1}}'), /metadata "a" must be a string, got 1/],
  ];

  it.each(cases)('refuses %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(SafetensorsError);
    expect(() => decodeSafetensors(bytes)).toThrow(message);
    expect(() => decodeSafetensors(bytes)).toThrow(/^safetensors: [^\n]{1,300}$/);
  });

  it('keeps hostile names out of prototypes', () => {
    const bytes = file(`{"__metadata__":{"__proto__":"x"},"__proto__":${ok}}`, two);
    const { tensors: read, metadata } = decodeSafetensors(bytes);
    expect([...read.keys(), ...metadata]).toEqual(['__proto__', ['__proto__', 'x']]);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
    const again = decodeSafetensors(encodeSafetensors(read, metadata));
    expect([...again.tensors.keys(), ...again.metadata]).toEqual(['__proto__', ['__proto__', 'x']]);
  });

  it('gives nothing but a tensor file or a SafetensorsError for changed bytes', () => {
    const mutations = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const cuts = fc.option(fc.nat(), { nil: undefined });
    fc.assert(
      fc.property(files, mutations, cuts, ([content, metadata], changes, cut) => {
        fc.pre(!content.has('__metadata__'));
        let bytes = encodeSafetensors(content, metadata);
        for (const [position, value] of changes) bytes[position % bytes.length] = value;
        if (cut !== undefined) bytes = bytes.subarray(0, cut % bytes.length);
        try {
          decodeSafetensors(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SafetensorsError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('gives nothing else for header texts made of likely pieces', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      '"a"',
      '"dtype"',
      '"F32"',
      '"shape"',
      '"data_offsets"',
    ];
    const texts = fc.array(
      fc.constantFrom(...pieces, '[0,4]', '[1]', '1e999', '-0', 'null', ' ', '"__metadata__"'),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          decodeSafetensors(file(`{${text.join('')}`, new Uint8Array(4)));
        } catch (error) {
          expect(error).toBeInstanceOf(SafetensorsError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses to write what could not be read', () => {
    const data = Float32Array.of(1, 2);
    const write = (tensor: unknown, name = 'x'): (() => Uint8Array) => {
      return () => encodeSafetensors({ [name]: tensor as SafetensorsTensor });
    };
    expect(write({ dtype: 'F32', shape: [3], data })).toThrow(
      /tensor "x": shape \[3\] does not fit its 2 values/,
    );
    expect(write({ dtype: 'F64', shape: [2], data })).toThrow(/dtype F64 does not fit its Float32Array/);
    expect(write({ dtype: 'F16', shape: [2], data })).toThrow(/dtype F16 does not fit/);
    expect(write({ dtype: 'F32', shape: [-1, -2], data })).toThrow(/-1 in its shape/);
    expect(write({ dtype: 'F32', shape: [2], data }, '__metadata__')).toThrow(/cannot be named __metadata__/);
    expect(() => encodeSafetensors({}, { step: 3 as never })).toThrow(
      /metadata "step" must be a string, got 3/,
    );
  });
});
