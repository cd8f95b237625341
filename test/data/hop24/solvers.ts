/** The answer to every question, found from its text alone and by other means than the generators use. */

const takes: Record<string, string> = {
  eats: 'bread fish meat',
  sails: 'ship yawl dory',
  reads: 'log atlas note',
  wears: 'coat hat jersey',
};

/** A query without the task's word and the colon. */
export function toldIn(query: string): string {
  return query.replace(/^[a-z]{2,} (?!is)|:$/g, '');
}

const sumOf = (digits: Iterable<string>): number =>
  [...digits].reduce((sum, digit) => sum + Number(digit), 0);
const times = (text: string, letter: string): number => text.split(letter).length - 1;

/** By task: whether a choice, or a written answer, is right for what was told. */
export const isRight: Record<string, (told: string, answer: string) => boolean> = {
  copy: (told, answer) => answer === told,
  reverse: (told, answer) => [...answer].every((letter, i) => told.at(-1 - i) === letter),
  sort: (told, answer) => answer === [...'0123456789'].filter((digit) => told.includes(digit)).join(''),
  select: (told, answer) => answer === told.replaceAll('.', ''),
  lookup: (told, answer) => told.includes(`${told.at(-1)}${answer}`),
  recall: (told, answer) => told.includes(`${told.at(-1)}${answer}`),
  hop: (told, answer) =>
    new RegExp(`\\b${told.at(-1)}(.).*\\b\\1${answer}|(.)${answer}.*\\b${told.at(-1)}\\2`).test(told),
  index: (told, answer) => told.indexOf(answer) + 1 === Number(told.at(-1)),
  largest: (told, answer) => beats(told, answer),
  repeated: (told, answer) => new RegExp(`${answer}.*${answer}`).test(told),
  same: (told, answer) => /^(\w+) \1$/.test(told) === (answer === 'yes'),
  majority: (told, answer) => times(told, answer) > told.length / 2,
  count: (told, answer) => times(told.slice(2), told[0]) === Number(answer),
  parity: (told, answer) => /[02468] .[02468]|[13579] .[13579]/.test(told) === (answer === 'even'),
  modular: (told, answer) => (Number(told[1]) + Number(told[4]) - Number(answer)) % 5 === 0,
  marked: (told, answer) =>
    sumOf([...told.matchAll(/\((.)\)/g)].map(([, digit]) => digit)) % 3 === Number(answer),
  compare: (told, answer) => told.slice(0, 2) > told.slice(3) === (answer === 'yes'),
  dyck: (told, answer) => (closed(told).at(-1) === '(') === (answer === ')'),
  cycle: (told, answer) => answer === told.at(-3),
  swaps: (told, answer) => swapped(told)[Number(told.at(-1)) - 1] === answer,
  moves: (told, answer) =>
    told.slice(told.lastIndexOf(`${told.at(-1)} `)).startsWith(`${told.at(-1)} ${answer}`),
  negation: (told, answer) => /is down|not up/.test(told.replace('not not ', '')) === (answer === 'down'),
  agreement: (told, answer) => (told.split(' ')[1].endsWith('s') ? 'are' : 'is') === answer,
  cloze: (told, answer) => takes[told.split(' ').at(-2) ?? ''].includes(answer),
};

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
  for (const [i, j] of told.slice(4, -3).split(' ')) {
    const kept = places[Number(i) - 1];
    places[Number(i) - 1] = places[Number(j) - 1];
    places[Number(j) - 1] = kept;
  }
  return places.join('');
}
