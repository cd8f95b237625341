import { defaultModel, fromTypedArray, noGrad, SkipTransformer } from 'hopgrad';

// #region paths
for (const layers of [6, 12, 24]) {
  console.log(`${layers} layers: ${layers} prefixes, ${(2 ** layers).toLocaleString('en')} paths`);
}
// #endregion

// #region decay
const layersAt = (position: number) => Math.floor(32 * 0.99 ** position); // ⌊L · αⁱ⌋
console.log([0, 10, 20, 40, 80].map((i) => `token ${i}: ${layersAt(i)}`).join(', '));
// #endregion

// #region halting
const halting = [0.1, 0.3, 0.4, 0.9]; // what each step says of stopping
let used = 0;
let steps = 0;
while (used + halting[steps] < 1 - 0.01) used += halting[steps++];
const weights = [...halting.slice(0, steps), 1 - used];
console.log(`${weights.length} steps, of weights`, weights.map((w) => w.toFixed(1)).join(', '));
// #endregion

// #region look-ahead
const shape = { vocabularySize: 50, layers: 2, density: 0.5, seed: 3 };
const model = new SkipTransformer({ ...defaultModel, ...shape, router: 'mixture-of-depths' });
const text = Int32Array.from({ length: 10 }, (_, i) => (7 * i + 3) % 50);
const gates = (ids: Int32Array) =>
  noGrad(() =>
    model
      .forward(fromTypedArray(ids, [1, 10]))
      .routes[0].active.toTypedArray()
      .join(' '),
  );

for (const last of [text[9], 20, 41, 8]) console.log('training  ', gates(text.with(9, last)));
model.eval();
for (const last of [text[9], 20, 41, 8]) console.log('evaluation', gates(text.with(9, last)));
// #endregion
