/** Damage to a JSON document: fields removed, renamed, doubled in a list, or given values nobody expects. */
import fc from 'fast-check';

export interface Mutation {
  /** Which of the document's fields, counted over all of it and around its end. */
  field: number;
  change: 'remove' | 'rename' | 'replace' | 'repeat' | 'wrap';
  value: string;
}

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** Values as JSON, as there is some that objects cannot hold. */
export const hostileValues: readonly string[] = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1',
    '1.5',
    '7',
    '1e7',
    '1000000000',
    '9007199254740993',
    '1e308',
    '1e999',
  ],
  ...[
    '""',
    '"NaN"',
    '"Infinity"',
    '"1e9"',
    '"8"',
    '"x"',
    '"\\u0000"',
    '"\\ud800"',
    '"__proto__"',
    '"constructor"',
    '"a\\nb"',
  ],
  ...[
    '[]',
    '{}',
    '[null]',
    '[[]]',
    '[1,2]',
    '["a","a"]',
    '{"length":1000000000}',
    '{"toString":1}',
    '{"__proto__":null}',
  ],
  ...[`"${'long '.repeat(200)}"`, deep(300), '{"type":"Sequence"}', '{"a":{"b":{"c":{}}}}'],
];

export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({
    field: fc.nat(100_000),
    change: fc.constantFrom('remove', 'rename', 'replace', 'replace', 'replace', 'repeat', 'wrap'),
    value: fc.constantFrom(...hostileValues),
  }),
  { minLength: 1, maxLength: 3 },
);

type Node = Record<string, unknown> | unknown[];

/** The document with every mutation made, in turn, as text. */
export function mutate(json: string, changes: readonly Mutation[]): string {
  const document = { root: JSON.parse(json) };
  for (const { field, change, value } of changes) {
    const fields = fieldsOf(document.root);
    const [node, key] = fields[field % fields.length] ?? [document, 'root'];
    const replace = (name: string, content: unknown): void => {
      // Not an assignment, which for __proto__ would do something else.
      Object.defineProperty(node, name, {
        value: content,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    };
    const old = (node as Record<string, unknown>)[key];
    if (change === 'replace') replace(key, JSON.parse(value));
    else if (change === 'wrap') replace(key, { inner: old });
    else if (Array.isArray(node) && change === 'repeat') node.push(old);
    else if (Array.isArray(node)) node.splice(Number(key), 1);
    else {
      if (change === 'rename') replace(value.startsWith('"') ? JSON.parse(value) : '__proto__', old);
      delete node[key];
    }
  }
  return JSON.stringify(document.root) ?? 'null';
}

/** Every field of a document, in order. */
function fieldsOf(node: unknown): [Node, string][] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.keys(node).flatMap((key): [Node, string][] => [
    [node as Node, key],
    ...fieldsOf((node as Record<string, unknown>)[key]),
  ]);
}
