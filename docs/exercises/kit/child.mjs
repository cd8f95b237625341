// Tries exercises in a process of its own, for what a reader writes may never end: a job comes as a message, and two go
// back: what the exercise is about, and what came of it.
const built = new URL('../../../dist/docs/exercises/', import.meta.url).href;
const { tryLaws } = await import(`${built}kit/run.js`);

process.on('message', async ({ folder, answer, seed }) => {
  const { default: exercise } = await import(`${built}${folder}/check.js`);
  const { title, chapter, task } = exercise;
  process.send({ title, chapter, task });
  process.send({ outcomes: answer === null ? [] : await outcomes(exercise, folder, answer, seed) });
});
process.send('ready');

/** By what was answered: of the exercise or of the solution one, of the near-misses one each. */
async function outcomes(exercise, folder, answer, seed) {
  let module;
  try {
    module = await import(`${built}${folder}/${answer}.js`);
  } catch (error) {
    const failure = { says: 'the file can be loaded', given: [], what: String(error), threw: true };
    return [{ state: 'wrong', held: [], failure: { ...failure, expected: null, got: null, shrunk: null } }];
  }
  if (answer !== 'near-misses') return [tryLaws(exercise, module, seed)];
  return module.default.map((miss) => ({ mistake: miss.mistake, ...tryLaws(exercise, miss, seed) }));
}
