/** Fields of a line of JSON, and texts with such fields in them. */

/** A line of a task file. */
export type Row = Readonly<Record<string, unknown>>;

/** The value at a dotted path, undefined where there is none; lists on the way give the list of their elements' values. */
export function valueAt(row: Row, path: string): unknown {
  const step = (value: unknown, key: string): unknown =>
    Array.isArray(value) ? value.map((item) => step(item, key)) : (value as Row | null)?.[key];
  return path.split('.').reduce<unknown>(step, row);
}

/** @throws Error naming the field, where there is no text or number */
export function textAt(row: Row, path: string): string {
  const value = valueAt(row, path);
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && text.trim() !== '') return text.trim();
  throw new Error(`${path} must be a text, not ${quoted(value)}`);
}

/** @throws Error naming the field, where there is no list of `least` texts or more */
export function textsAt(row: Row, path: string, least = 1): string[] {
  const value = valueAt(row, path);
  const texts = Array.isArray(value) ? value : [];
  if (texts.length >= least && texts.every((text) => typeof text === 'string' && text.trim() !== ''))
    return texts.map((text) => text.trim());
  throw new Error(`${path} must be a list of ${least} texts or more, not ${quoted(value)}`);
}

/** A value for a message. */
export function quoted(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? typeof value).slice(0, 80);
}

/** What may stand behind a field in a template: `{premise|open}`. */
const filters: Readonly<Record<string, (text: string) => string>> = {
  /** Without the mark at its end, so that the sentence can go on. */
  open: (text) => text.replace(/[.?!]$/, ''),
  /** COPA's two questions. */
  connective: (text) => ({ cause: 'because', effect: 'so' })[text] ?? text,
  /** Begins in the middle of a sentence. */
  small: (text) => text[0].toLowerCase() + text.slice(1),
  /** The uniform files of ARC and PIQA leave the last line of their form to the harness. */
  asked: (text) => (/^Question:/.test(text) && !/Answer:$/.test(text) ? `${text}\nAnswer:` : text),
};

const FIELD = /\{([\w.]+)(?:\|(\w+))?\}/g;

/** The template with the row's texts in it. */
export function fill(template: string, row: Row): string {
  return template.replace(FIELD, (_, path, filter) => {
    const text = textAt(row, path);
    return filter ? filters[filter](text) : text;
  });
}

/** The paths of the fields that a template reads. */
export function fieldsOf(template: string): string[] {
  return [...template.matchAll(FIELD)].map(([, path]) => path);
}
