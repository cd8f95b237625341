/**
 * The state of a live page, as the query of its address: `?a=1&shape=2,3`. What stands at its default is left out, so an
 * address says what the reader changed. Text alone; use-url-state.ts ties it to a page.
 */

/** What an address can carry. */
export type StateValue = string | number | boolean | number[];

/** Whether the kind of each value, which is that of its default, is one that an address can carry. */
export type UrlState<S> = { [Name in keyof S]: StateValue };

/**
 * The defaults, with what a query says in place of them. A value that does not read as what its default is (a word for a
 * number, say) is passed over.
 *
 * @param query with or without its `?`
 */
export function readState<S extends UrlState<S>>(query: string, defaults: S): S {
  const given = new URLSearchParams(query);
  const state = copyOf(defaults);
  for (const name of Object.keys(defaults) as (keyof S & string)[]) {
    const text = given.get(name);
    const value = text === null ? undefined : parse(text, defaults[name]);
    if (value !== undefined) state[name] = value as S[typeof name];
  }
  return state;
}

/**
 * The query for a state: `?` and what differs from the defaults, or nothing.
 *
 * @param query the one that is there: what it says under other names stays
 */
export function writeState<S extends UrlState<S>>(state: S, defaults: S, query = ''): string {
  const parameters = new URLSearchParams(query);
  for (const name of Object.keys(defaults) as (keyof S & string)[]) {
    const text = format(state[name]);
    if (text === format(defaults[name])) parameters.delete(name);
    else parameters.set(name, text);
  }
  // Commas, brackets and spaces are legal or readable enough as they are; an address is also for people.
  const text = String(parameters).replaceAll('%2C', ',').replaceAll('%5B', '[').replaceAll('%5D', ']');
  return text === '' ? '' : `?${text}`;
}

/** The same values; a list is a new list, so that a page may change its own. */
export function copyOf<S extends UrlState<S>>(state: S): S {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]),
  ) as S;
}

function format(value: StateValue): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return Array.isArray(value) ? value.join(',') : String(value);
}

/** A text as a value like `like`; undefined where it is none. */
function parse(text: string, like: StateValue): StateValue | undefined {
  if (typeof like === 'string') return text;
  if (typeof like === 'boolean') return text === '1' ? true : text === '0' ? false : undefined;
  if (typeof like === 'number') return toNumber(text);
  const numbers = text === '' ? [] : text.split(',').map(toNumber);
  return numbers.includes(undefined) ? undefined : (numbers as number[]);
}

function toNumber(text: string): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
