import { defaultModel, fromTypedArray, noGrad, SkipTransformer } from 'hopgrad';

const ids = fromTypedArray(
  Int32Array.from({ length: 64 }, (_, i) => (i * 7) % 50),
  [1, 64],
);

// #region same
const size = { ...defaultModel, vocabularySize: 50 };
const coins = { ...size, router: 'random' } as const;
const model = new SkipTransformer({ ...coins, density: 0.25 }).eval();
const masked = noGrad(() => model.forward(ids, { execution: 'masked' }));
const gathered = noGrad(() => model.forward(ids, { execution: 'gathered' }));
console.log('same logits:', masked.logits.allClose(gathered.logits));
console.log('masked  ', share(masked.flops));
console.log('gathered', share(gathered.flops));
// #endregion

// #region shares
for (const density of [1, 0.5, 0.25, 0.125]) {
  const [kept, dropped] = [false, true].map((dropSkippedKeys) => {
    const config = { ...coins, density, dropSkippedKeys };
    const model = new SkipTransformer(config).eval();
    return share(noGrad(() => model.forward(ids)).flops);
  });
  console.log(`P ${density}`.padEnd(7), 'kept', kept, ' dropped', dropped);
}
// #endregion

// #region training
for (const estimator of ['straight-through', 'taken-branch'] as const) {
  const learned = new SkipTransformer({ ...size, estimator });
  console.log(estimator, share(learned.forward(ids).flops));
}
// #endregion

function share({ executed, dense }: { executed: number; dense: number }): string {
  return (executed / dense).toFixed(3);
}
