import {
  defaultModel,
  equal,
  fromTypedArray,
  Module,
  noGrad,
  Random,
  type Route,
  type RouteOptions,
  type Router,
  randn,
  SkipTransformer,
  type Tensor,
} from 'hopgrad';

// #region router
class EverySecond extends Module implements Router {
  readonly causal = 'always';

  route(z: Tensor, { start }: RouteOptions): Route {
    const [batch, tokens] = z.shape;
    const marks = Uint8Array.from({ length: tokens }, (_, t) => ((start + t) % 2 === 0 ? 1 : 0));
    const active = fromTypedArray(marks, [1, tokens, 1], { device: z.device }).expand([batch, tokens, 1]);
    return {
      active,
      readsSkipped: false,
      density: active.to(z.dtype).mean(),
      combine: (x, y) => active.where(y, x),
    };
  }
}
// #endregion

// #region model
const model = new SkipTransformer({ ...defaultModel, vocabularySize: 50, layers: 3 }).eval();
model.layers[1].router = new EverySecond();
model.layers[2].router = new EverySecond();

const text = Int32Array.from({ length: 12 }, (_, i) => (7 * i) % 50);
const ids = fromTypedArray(text, [1, 12]);
const whole = noGrad(() => model.forward(ids));
for (const { active } of whole.routes) console.log([...active.toTypedArray()].join(' '));
// #endregion

// #region layer
const x = randn([1, 4, defaultModel.dim], new Random(0)); // four tokens on their way through the model
const options = { start: 0, random: null, temperature: 1, noiseScale: 1, densityProgress: 1, valid: null };
const { output } = noGrad(() =>
  model.layers[1].forward(x, { ...options, forceOpen: false, cache: null, exitLogits: () => x }),
);
const untouched = [0, 1, 2, 3].map((t) => equal(output.select(1, t), x.select(1, t)));
console.log('left as they were, bit for bit:', untouched.join(' '));
// #endregion

// #region paths
const masked = noGrad(() => model.forward(ids, { execution: 'masked' }));
const gathered = noGrad(() => model.forward(ids, { execution: 'gathered' }));
console.log('masked = gathered:', masked.logits.allClose(gathered.logits));
console.log('FLOPs, gathered of masked:', (gathered.flops.executed / masked.flops.executed).toFixed(2));
// #endregion

// #region causality
const changed = fromTypedArray(text.with(8, 3), [1, 12]);
const other = noGrad(() => model.forward(changed));
const before = (result: typeof whole) => result.logits.slice(1, 0, 8);
console.log('the first eight are as before:', before(whole).allClose(before(other)));
console.log('the ninth is too:', whole.logits.select(1, 8).allClose(other.logits.select(1, 8)));
// #endregion

// #region cache
const caches = model.makeCaches(1);
const steps = [...text].map((id) =>
  noGrad(() => model.forward(fromTypedArray(Int32Array.of(id), [1, 1]), { caches })),
);
const last = steps[11].logits.select(1, 0);
console.log('token by token = at once:', last.allClose(whole.logits.select(1, 11)));
console.log(
  'layer 2 ran for',
  steps.map(({ routes }) => Number(routes[1].active.toTypedArray()[0])).join(' '),
);
// #endregion
