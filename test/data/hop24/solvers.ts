/** The answer to every question, found from its text alone and by other means than the generators use. */

const takes: Record<string, string> = {
  eats: 'bean fish meat',
  rows: 'ship yawl dory',
  pens: 'list acts note',
  dons: 'coat hood vest',
};

/** A query without the task's word. */
export function toldIn(query: string): string {
  return query.replace(/^[a-z]+ (?![a-z])/, '');
}

const times = (text: string, letter: string): number => text.split(letter).length - 1;
const odd = (digits: string): boolean => (digits.match(/[13579]/g) ?? []).length % 2 === 1;

/** By task: whether a choice, or a written answer, is right for what was told. */
export const isRight: Record<string, (told: string, answer: string) => boolean> = {
  copy: (told, answer) => answer === told,
  reverse: (told, answer) =>
    answer.length === told.length && [...answer].every((letter, i) => told.at(-1 - i) === letter),
  sort: (told, answer) => answer === [...'0123456789'].filter((digit) => told.includes(digit)).join(''),
  select: (told, answer) => answer === told.replaceAll('.', ''),
  lookup: (told, answer) => told.includes(answer),
  recall: (told, [asked, answer]) => told.split(' ')[0].includes(answer + asked),
  hop: (told, [asked, answer]) =>
    new RegExp(`\\b${asked}(.).*\\b\\1${answer}|\\b(.)${answer}.*\\b${asked}\\2`).test(told),
  index: (told, [asked, answer]) => told[Number(asked) - 1] === answer,
  largest: (told, answer) => beats(told, answer),
  repeated: (told, answer) => new RegExp(`${answer}.*${answer}`).test(told),
  same: (told, [asked, answer]) => told.includes(asked) === (answer === 'y'),
  majority: (told, answer) => times(told, answer) > told.length / 2,
  count: (told, [asked, answer]) => times(told, asked) + 1 === Number(answer),
  parity: (told, answer) => odd(told + answer) === (answer[1] === 'n'),
  modular: (told, [asked, answer]) => {
    const [, state = 0] = told.split(' ').at(-1) as string;
    return (Number(state) + (Number(asked) || 0) - Number(answer)) % 3 === 0;
  },
  marked: (told, answer) => told.includes(`(${answer})`),
  compare: (told, answer) => (told.at(-2) as string) > (told.at(-1) as string) === (answer === 'y'),
  dyck: (told, answer) => (closed(told).at(-1) === '(') === (answer === ')'),
  cycle: (told, answer) => told[9 - told.indexOf(told[0], 1)] === answer,
  swaps: (told, [asked, answer]) => swapped(told)[Number(asked) - 1] === answer,
  moves: (told, [asked, answer]) => told[told.lastIndexOf(asked) + 1] === answer,
  negation: (told, answer) => /yet dry|not wet/.test(told) === (answer === 'dry'),
  agreement: (told, answer) => (told.split(' ')[0].endsWith('s') ? 'are' : 'is') === answer,
  cloze: (told, answer) => takes[told.split(' ').at(-1) as string].includes(answer),
};

/** By task that answers earlier questions inside the query: what was told before each, and its answer. */
export const earlier: Record<string, (told: string) => [told: string, answer: string][]> = {
  index: (told) => [told.split(' ') as [string, string]],
  lookup: (told) => [told.split(' ') as [string, string]],
  recall: (told) => [told.split(' ') as [string, string]],
  same: (told) => prefixes(told.match(/../g) ?? [], ''),
  count: (told) => prefixes(told.match(/../g) ?? [], ''),
  parity: (told) => prefixes(told.split(' '), ' '),
  modular: (told) => prefixes(told.split(' '), ' '),
  compare: (told) => [...told.matchAll(/(\d\d) (\w)/g)].map(([, pair, answer]) => [pair, answer]),
};

function prefixes(parts: readonly string[], between: string): [string, string][] {
  return parts.map((part, i) => [parts.slice(0, i).join(between), part]);
}

function beats(told: string, letter: string): boolean {
  const digit = told[told.indexOf(letter) + 1];
  return [...told.matchAll(/\d/g)].every(([other]) => other <= digit);
}

function closed(brackets: string): string {
  const shorter = brackets.replace('()', '').replace('[]', '');
  return shorter === brackets ? brackets : closed(shorter);
}

function swapped(told: string): string {
  const places = [...told.slice(0, 3)];
  for (const [i, j] of told.slice(4).match(/../g) ?? []) {
    const kept = places[Number(i) - 1];
    places[Number(i) - 1] = places[Number(j) - 1];
    places[Number(j) - 1] = kept;
  }
  return places.join('');
}
