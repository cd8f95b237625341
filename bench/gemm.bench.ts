// Products of matrices in float32, in GFLOP/s and in percent of what SIMD can do at all (peak.ts): (M, K) · (K, N), with
// neither, the second or the first operand transposed. The backward of a product is one of each of the latter.
//   npm run bench -- gemm
import { inScope } from '../src/device/scope.ts';
import { noGrad, Random, randn, type Tensor } from '../src/index.ts';
import { medians } from './medians.ts';
import { startPeak } from './peak.ts';
import { type Row, startSession } from './session.ts';

/** M, K, N */
const shapes = [
  [256, 256, 256],
  [512, 512, 512],
  [1024, 1024, 1024],
  [1024, 128, 512],
  [2048, 256, 1024],
] as const;

const session = await startSession('gemm');
const peak = await startPeak(session);

const draw = (rows: number, columns: number): Tensor => randn([rows, columns], new Random(rows + columns));
const product = (a: Tensor, b: Tensor) => (): void =>
  inScope(() => noGrad(() => a.matmul(b).storage.settle()));

const rows: Row[] = [];
for (const [m, k, n] of shapes) {
  const times = await medians({
    peak: peak.run,
    NN: product(draw(m, k), draw(k, n)),
    NT: product(draw(m, k), draw(n, k).transpose()),
    TN: product(draw(k, m).transpose(), draw(k, n)),
  });
  const peakGflops = peak.flops / times.peak / 1e6;
  for (const form of ['NN', 'NT', 'TN'] as const) {
    const gflops = (2 * m * k * n) / times[form] / 1e6;
    rows.push({
      size: `${m}x${k}x${n}`,
      form,
      gflops,
      percentOfPeak: (100 * gflops) / peakGflops,
      peakGflops,
    });
  }
}
session.report(rows);
