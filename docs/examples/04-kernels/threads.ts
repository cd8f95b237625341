import { Random, randn, useDevice } from 'hopgrad';

// #region bits
const x = randn([300, 777], new Random(4));

async function softmaxOn(threads: number): Promise<Int32Array> {
  await useDevice('cpu', { threads });
  const result = x.softmax().toTypedArray() as Float32Array;
  return new Int32Array(result.slice().buffer); // the same bytes, read as whole numbers
}

const alone = await softmaxOn(1);
for (const threads of [2, 3]) {
  const bits = await softmaxOn(threads);
  const others = bits.filter((word, i) => word !== alone[i]).length;
  console.log(`${threads} threads: ${others} of ${bits.length} results have other bits`);
}
// #endregion
