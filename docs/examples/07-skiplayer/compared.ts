import { defaultModel, fromTypedArray, noGrad, type RouterName, routers, SkipTransformer } from 'hopgrad';

// #region table
const ids = fromTypedArray(
  Int32Array.from({ length: 256 }, (_, i) => (i * i) % 47),
  [4, 64],
);
console.log('                   ran    FLOPs');
for (const [name, { takes }] of Object.entries(routers)) {
  const router = name as RouterName;
  const config = { ...defaultModel, vocabularySize: 47, router };
  const model = new SkipTransformer(config).eval();
  const { flops, routes } = noGrad(() => model.forward(ids));
  const ran = routes.map(({ density }) => density.item());
  const share = ran.length > 0 ? ran.reduce((a, b) => a + b) / ran.length : 1;
  console.log(
    name.padEnd(18),
    share.toFixed(2),
    ' ',
    (flops.executed / flops.dense).toFixed(2),
    takes.includes('lambda') ? '  density loss' : '',
  );
}
// #endregion
