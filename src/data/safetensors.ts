/**
 * The safetensors file format (https://github.com/huggingface/safetensors): 8 bytes with the header's length, a
 * JSON header that says where each tensor lies, then the tensors' little-endian bytes without holes.
 *
 * Reading treats the file as untrusted: everything is checked before any tensor is allocated, and the tensors
 * together never take more bytes than the file has.
 */

/** A tensor as stored: row-major data and its type. U8 also stands for booleans, 0 and 1. */
export type SafetensorsTensor =
  | { dtype: 'F32'; shape: number[]; data: Float32Array }
  | { dtype: 'F64'; shape: number[]; data: Float64Array }
  | { dtype: 'I32'; shape: number[]; data: Int32Array }
  | { dtype: 'U8'; shape: number[]; data: Uint8Array };

/** Every refusal to read or write: one line that names the tensor, where there is one. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';

  constructor(message: string) {
    super(`safetensors: ${message}`);
  }
}

const ARRAYS = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array } as const;
/** The reference implementation's limit. */
const MAX_HEADER_BYTES = 100_000_000;

interface Entry {
  name: string;
  dtype: keyof typeof ARRAYS;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * Writes tensors and text metadata. The same content gives the same bytes: tensors are ordered by element size,
 * largest first, so that each lies aligned, and then by name.
 *
 * @throws SafetensorsError when a tensor's data does not match its dtype and shape
 */
export function encodeSafetensors(
  tensors: Record<string, SafetensorsTensor> | ReadonlyMap<string, SafetensorsTensor>,
  metadata: Record<string, string> | ReadonlyMap<string, string> = {},
): Uint8Array {
  const sorted = [...entriesOf(tensors)].sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || compare(a, b),
  );
  const items: string[] = [];
  const notes = [...entriesOf(metadata)].sort(([a], [b]) => compare(a, b));
  if (notes.length > 0) {
    // Written by hand: an object would reorder numeric keys and swallow the key __proto__.
    const pairs = notes.map(
      ([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(checkText(key, text))}`,
    );
    items.push(`"__metadata__":{${pairs.join(',')}}`);
  }
  let offset = 0;
  for (const [name, { dtype, shape, data }] of sorted) {
    if (name === '__metadata__') refuse('a tensor cannot be named __metadata__; rename it');
    if (!Object.hasOwn(ARRAYS, dtype) || !(data instanceof ARRAYS[dtype])) {
      refuse(`tensor ${quote(name)}: dtype ${dtype} does not fit its ${data.constructor.name}`);
    }
    if (elementCount(name, shape) !== data.length) {
      refuse(`tensor ${quote(name)}: shape [${shape}] does not fit its ${data.length} values`);
    }
    const place = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    items.push(`${JSON.stringify(name)}:${JSON.stringify(place)}`);
    offset += data.byteLength;
  }
  const header = new TextEncoder().encode(`{${items.join(',')}}`);
  // Spaces up to a multiple of 8 keep the tensors aligned.
  const start = 8 + Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(start + offset).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(header, 8);
  offset = start;
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a file. Tensors are copies, so they are aligned and do not keep `bytes` alive.
 *
 * @throws SafetensorsError, and nothing else, for any bytes that are not a well-formed file of supported types
 */
export function decodeSafetensors(bytes: Uint8Array): {
  tensors: Map<string, SafetensorsTensor>;
  metadata: Map<string, string>;
} {
  if (bytes.length < 8) refuse(`the file has ${bytes.length} bytes, fewer than the 8 of its start`);
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (headerBytes > MAX_HEADER_BYTES || Number(headerBytes) > bytes.length - 8) {
    refuse(
      `the header should have ${headerBytes} bytes, but ${bytes.length - 8} follow (and at most ${MAX_HEADER_BYTES} ` +
        'are allowed); the file is cut short or not a safetensors file',
    );
  }
  const body = bytes.subarray(8 + Number(headerBytes));
  const header = parseHeader(bytes.subarray(8, 8 + Number(headerBytes)));

  const metadata = new Map<string, string>();
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (!isObject(value)) refuse('__metadata__ must be an object of strings');
      for (const [key, text] of Object.entries(value)) metadata.set(key, checkText(key, text));
    } else {
      entries.push(checkEntry(name, value, body.length));
    }
  }
  // In file order each tensor must begin where the one before ended: no holes, no overlaps, nothing left over.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end) {
      refuse(`tensor ${quote(entry.name)} begins at byte ${entry.begin} of the data, not at ${end}`);
    }
    end = entry.end;
  }
  if (end !== body.length) refuse(`the tensors end at byte ${end} of ${body.length} bytes of data`);

  const tensors = new Map<string, SafetensorsTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    // Not `body.slice`, which for Node's Buffer shares memory instead of copying it.
    const data = new ARRAYS[dtype](new Uint8Array(body.subarray(begin, end)).buffer);
    tensors.set(name, { dtype, shape, data } as SafetensorsTensor);
  }
  return { tensors, metadata };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.startsWith('{')) refuse('the header does not begin with {');
    checkStructure(text);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SafetensorsError) throw error;
    refuse('the header is not JSON in UTF-8; the file is damaged or not a safetensors file');
  }
}

/**
 * What `JSON.parse` would let pass: of equal keys it keeps the last, so two readers could see two different files;
 * and deep nesting costs it many times the file's size in memory.
 */
function checkStructure(json: string): void {
  const open: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    if (json[i] === '{' || json[i] === '[') open.push(new Set());
    if (json[i] === '}' || json[i] === ']') open.pop();
    if (open.length > 8) refuse('the header is nested too deeply');
    if (json[i] !== '"') continue;
    const start = i++;
    while (i < json.length && json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
    let next = i + 1;
    while (' \t\n\r'.includes(json[next])) next++;
    if (json[next] !== ':') continue;
    const key: string = JSON.parse(json.slice(start, i + 1));
    if (open.at(-1)?.has(key)) refuse(`the header has ${quote(key)} twice`);
    open.at(-1)?.add(key);
  }
}

function checkEntry(name: string, value: unknown, bodyBytes: number): Entry {
  const fail = (reason: string): never => refuse(`tensor ${quote(name)}: ${reason}`);
  if (!isObject(value)) return fail('its entry must be an object');
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(ARRAYS, dtype)) {
    return fail(
      `dtype ${quote(dtype)} is not supported; convert it to one of ${Object.keys(ARRAYS).join(', ')}`,
    );
  }
  if (!Array.isArray(shape)) return fail('shape must be a list of sizes');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    return fail('data_offsets must be two byte positions');
  }
  const entry = { name, dtype: dtype as Entry['dtype'], shape, begin: offsets[0], end: offsets[1] };
  if (entry.begin > entry.end || entry.end > bodyBytes) {
    return fail(
      `data_offsets [${offsets}] do not lie within the ${bodyBytes} bytes of data; is the file cut short?`,
    );
  }
  const expected = elementCount(name, shape) * ARRAYS[entry.dtype].BYTES_PER_ELEMENT;
  if (entry.end - entry.begin !== expected) {
    return fail(`shape and dtype need ${expected} bytes, data_offsets give ${entry.end - entry.begin}`);
  }
  return entry;
}

function elementCount(name: string, shape: readonly unknown[]): number {
  let count = 1;
  for (const size of shape) {
    if (!isSize(size)) refuse(`tensor ${quote(name)}: ${quote(size)} in its shape is not a size`);
    count *= size;
    // Checked at every step, as 1e200 * 1e200 * 0 is no empty tensor.
    if (!Number.isSafeInteger(count)) refuse(`tensor ${quote(name)}: its shape is too large`);
  }
  return count;
}

function checkText(key: string, value: unknown): string {
  if (typeof value === 'string') return value;
  refuse(`metadata ${quote(key)} must be a string, got ${quote(value)}`);
}

function entriesOf<T>(items: Record<string, T> | ReadonlyMap<string, T>): Iterable<[string, T]> {
  return items instanceof Map ? items.entries() : Object.entries(items);
}

/** By UTF-16 code units: the same order in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/** A name or value from a file, on one line and not too long, for an error message. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

function refuse(message: string): never {
  throw new SafetensorsError(message);
}
