// What the JavaScript peers share: the size of the model, and how a step is timed.

/** node SCRIPT [batch,sequence,dim,heads,layers [steps]] */
export const [batch, sequence, dim, heads, layers] = (process.argv[2] ?? '8,128,128,4,4')
  .split(',')
  .map(Number);
export const vocabulary = 256;
export const tokens = batch * sequence;
export const headDim = dim / heads;

/**
 * Times `step` and prints one line of JSON: name, stepMs (the median).
 *
 * @param step one forward, backward and update, finished when its promise is; gives the loss
 */
export async function timeSteps(name, { steps = 6, warmup = 2, step }) {
  const count = Number(process.argv[3] ?? steps);
  const times = [];
  let loss = 0;
  for (let i = 0; i < warmup + count; i++) {
    const began = performance.now();
    loss = await step();
    if (i >= warmup) times.push(performance.now() - began);
  }
  const stepMs = times.toSorted((a, b) => a - b)[Math.floor(count / 2)];
  const tokensPerSecond = Math.round((1000 * tokens) / stepMs);
  console.log(
    JSON.stringify({
      name,
      stepMs: round(stepMs),
      tokensPerSecond,
      loss: round(loss),
      node: process.version,
    }),
  );
  process.exit(0);
}

function round(value) {
  return Number(value.toPrecision(5));
}
