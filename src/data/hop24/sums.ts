/** Numbers. */
import { distinct, several, shuffled, without } from './draw.ts';
import { ask, joined, type Task } from './question.ts';

/** Of two digits each. */
const NUMBERS = Array.from({ length: 90 }, (_, i) => 10 + i);

export const parity: Task = {
  name: 'parity',
  doc: 'Whether the sum of two numbers is odd or even: each last digit turns the answer over.',
  choices: 2,
  draw(random) {
    const [first, second] = several(random, NUMBERS, 2);
    const [answer, wrong] = (first + second) % 2 === 1 ? ['odd', 'even'] : ['even', 'odd'];
    return { query: ask`parity ${first} ${second}:`, answer, wrong: [wrong] };
  },
};

export const modular: Task = {
  name: 'modular',
  doc: 'What is left of the sum of two numbers after division by 5: the last digits are brought to 0 to 4, then added.',
  choices: 5,
  draw(random) {
    const [first, second] = several(random, NUMBERS, 2);
    const answer = String((first + second) % 5);
    return { query: ask`mod ${first} ${second}:`, answer, wrong: without([...'01234'], answer) };
  },
};

export const marked: Task = {
  name: 'marked',
  doc: 'The sum, modulo 3, of the two digits in brackets among five: these are found, then added.',
  choices: 3,
  draw(random) {
    const digits = several(random, '012', 5);
    const [first, second] = shuffled(random, [0, 1, 2, 3, 4]);
    const told = digits.map((digit, i) =>
      i === first || i === second ? ask`${'('}${digit})` : ask`${digit}`,
    );
    const answer = String((Number(digits[first]) + Number(digits[second])) % 3);
    return { query: ask`add ${joined(told)}:`, answer, wrong: without([...'012'], answer) };
  },
};

export const compare: Task = {
  name: 'compare',
  doc: 'Whether the first of two numbers is the larger: the second digit counts only where the first are equal.',
  choices: 2,
  draw(random) {
    const [first, second] = distinct(random, NUMBERS, 2);
    const [answer, wrong] = first > second ? ['yes', 'no'] : ['no', 'yes'];
    return { query: ask`over ${first} ${second}:`, answer, wrong: [wrong] };
  },
};
