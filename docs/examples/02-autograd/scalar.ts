import { Random } from 'hopgrad';

// #region value
let made = 0;

/** A parent, and by how much the value changes per change of it. */
type Use = [parent: Value, slope: number];

/** A number that remembers what it was computed from. */
class Value {
  readonly id = made++;
  readonly name: string;
  readonly data: number;
  readonly uses: Use[];
  gradient = 0;

  constructor(name: string, data: number, uses: Use[] = []) {
    this.name = name;
    this.data = data;
    this.uses = uses;
  }
}
// #endregion

// #region ops
const add = (a: Value, b: Value) =>
  new Value('add', a.data + b.data, [
    [a, 1],
    [b, 1],
  ]);

const mul = (a: Value, b: Value) =>
  new Value('mul', a.data * b.data, [
    [a, b.data],
    [b, a.data],
  ]);

const tanh = (a: Value) => {
  const y = Math.tanh(a.data);
  return new Value('tanh', y, [[a, 1 - y * y]]);
};
// #endregion

// #region backward
/** Fills in the gradients of all that `output` was computed from. */
function backward(output: Value): void {
  output.gradient = 1;
  for (const value of newestFirst(output)) {
    for (const [parent, slope] of value.uses) {
      parent.gradient += value.gradient * slope;
    }
  }
}

function newestFirst(output: Value): Value[] {
  const reached = new Set([output]);
  // A loop over a set also visits what is added on the way.
  for (const value of reached) {
    for (const [parent] of value.uses) reached.add(parent);
  }
  return [...reached].sort((a, b) => b.id - a.id);
}
// #endregion

// #region use
const x = new Value('x', 2);
const w = new Value('w', -0.5);
const b = new Value('b', 1.5);
const y = tanh(add(mul(w, x), b));
backward(y);
for (const { name, data, gradient } of newestFirst(y).reverse()) {
  console.log(name.padEnd(4), data.toFixed(4), gradient.toFixed(4));
}
// #endregion

/** The graph from left to right: every value in a box, with its gradient below. */
function draw(output: Value, places: Map<Value, [number, number]>): string {
  const boxes: string[] = [];
  const lines: string[] = [];
  for (const [value, [left, top]] of places) {
    for (const [parent] of value.uses) {
      const [fromLeft, fromTop] = places.get(parent) ?? [0, 0];
      lines.push(
        `<line x1="${fromLeft + 84}" y1="${fromTop + 26}" x2="${left}" y2="${top + 26}" stroke="#555" marker-end="url(#tip)"/>`,
      );
    }
    const fill = value === output ? '#cdeee0' : value.uses.length === 0 ? '#fdf0cf' : '#eee';
    boxes.push(
      `<rect x="${left}" y="${top}" width="84" height="52" rx="6" fill="${fill}" stroke="#333"/>`,
      `<text x="${left + 42}" y="${top + 20}" text-anchor="middle">${value.name} = ${value.data.toFixed(2)}</text>`,
      `<text x="${left + 42}" y="${top + 42}" text-anchor="middle" fill="#a03020">${value.gradient.toFixed(3)}</text>`,
    );
  }
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="220" viewBox="0 0 480 220" font-family="sans-serif" font-size="13"' +
    ' aria-label="The graph of tanh(w x + b): x and w lead into mul, mul and b into add, add into tanh; the gradients below the values grow from 1 at the right towards the left">' +
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>' +
    `${lines.join('')}${boxes.join('')}</svg>`
  );
}

// #region figure
const [[sum]] = y.uses;
const [[wx]] = sum.uses;
const svg = draw(
  y,
  new Map([
    [x, [10, 10]],
    [w, [10, 84]],
    [b, [10, 158]],
    [wx, [135, 47]],
    [sum, [260, 100]],
    [y, [385, 100]],
  ]),
);
console.log(svg);
// #endregion

// #region twice
const t = new Value('t', 3);
backward(mul(t, t));
console.log(t.gradient);
// #endregion

// #region check
/** The largest difference between `backward` and nudging each input. */
function worstError(build: Build, at: number[]): number {
  const inputs = at.map((data) => new Value('input', data));
  backward(build(inputs));
  const errors = inputs.map((input, i) => {
    const nudged = (by: number) => {
      const moved = at.with(i, at[i] + by);
      return build(moved.map((data) => new Value('input', data))).data;
    };
    return Math.abs(input.gradient - (nudged(1e-5) - nudged(-1e-5)) / 2e-5);
  });
  return Math.max(...errors);
}

type Build = (inputs: Value[]) => Value;

const neuron: Build = ([x, w, b]) => tanh(add(mul(w, x), b));
console.log(worstError(neuron, [2, -0.5, 1.5]) < 1e-8);
// #endregion

// #region random
/** Twelve random steps, each on any two of the values there are so far. */
function randomGraph(seed: number): Build {
  return (inputs) => {
    const random = new Random(seed);
    const values = [...inputs];
    const any = () => values[random.int(values.length)];
    for (let step = 0; step < 12; step++) {
      const kind = random.int(3);
      if (kind === 0) values.push(add(any(), any()));
      else if (kind === 1) values.push(mul(any(), any()));
      else values.push(tanh(any()));
    }
    return tanh(values.reduce(add));
  };
}

let worst = 0;
for (let seed = 0; seed < 1000; seed++) {
  worst = Math.max(worst, worstError(randomGraph(seed), [0.3, -0.7, 0.5]));
}
console.log(worst < 1e-6);
// #endregion

// #region order
/** As `backward`, but whatever was reached first goes first. */
function hastyBackward(output: Value): void {
  output.gradient = 1;
  const queue = [output];
  for (const value of queue) {
    for (const [parent, slope] of value.uses) {
      parent.gradient += value.gradient * slope;
      if (!queue.includes(parent)) queue.push(parent);
    }
  }
}

for (const walk of [backward, hastyBackward]) {
  const a = new Value('a', 1);
  const early = mul(a, a); // used below, twice
  const late = add(early, add(early, a));
  walk(add(early, late)); // 3a² + a, whose slope at 1 is 7
  console.log(walk.name, a.gradient);
}
// #endregion
