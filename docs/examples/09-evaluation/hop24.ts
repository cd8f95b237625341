import { Random } from 'hopgrad';
import { hop24Item } from '../../../src/data/hop24/items.ts';
import { hop24 } from '../../../src/data/hop24/tasks.ts';

// #region questions
for (const task of hop24) {
  const { query, answer } = hop24Item(task, 'validation', 0, 0);
  const chance = task.choices === 0 ? 'written' : `one of ${task.choices}`;
  console.log(`${task.name.padEnd(10)} ${query} → ${answer}`.padEnd(43), chance);
}
// #endregion

// #region marks
const [lookup] = hop24.filter(({ name }) => name === 'lookup');
const item = hop24Item(lookup, 'validation', 0, 0);
console.log(`${item.query} ${item.answer}`);
console.log(item.marks);
console.log(item.choices, 'right:', item.gold);
// #endregion

// #region ceiling
/** Guesses every question of a task many times: how far from chance a lucky guesser gets. */
const random = new Random(0);
const scores = Array.from({ length: 1000 }, () => {
  let right = 0;
  for (let i = 0; i < 200; i++) if (random.int(4) === 0) right++;
  return right / 200;
}).sort((a, b) => a - b);
console.log('guessing one of 4, 200 questions: 95 of 100 guessers between', scores[25], 'and', scores[974]);
// #endregion
