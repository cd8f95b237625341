import { comparisonPart } from './comparison.mjs';
import { readResults, table } from './results-file.mjs';

/** Half the width of a 95 % interval of the difference of two means of three: Welch's t with its own degrees of freedom. */
function difference(a, b, n) {
  const [va, vb] = [a.standardDeviation ** 2 / n, b.standardDeviation ** 2 / n];
  const freedom = (va + vb) ** 2 / (va ** 2 / (n - 1) + vb ** 2 / (n - 1));
  // Two-sided 97.5 % quantiles of Student's t for 2, 3 and 4 degrees of freedom; the smaller count is the safer one.
  const quantile = { 2: 4.303, 3: 3.182, 4: 2.776 }[Math.floor(freedom)];
  return { gap: a.meanValLoss - b.meanValLoss, half: quantile * Math.sqrt(va + vb) };
}

/** docs/results.md. @param comparison what readComparison gave */
export function resultsPage(comparison) {
  const { what, command, machine, versions, seeds, data } = readResults('learned-vs-random');
  const runs = (model) => data.runs.filter((run) => run.model === model);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rows = data.summary.map(({ model, meanValLoss, standardDeviation }) => {
    const own = runs(model);
    const losses = own.map((run) => run.valLoss.toFixed(3)).join(', ');
    const density = mean(own.map((run) => run.densityArgmax)).toFixed(3);
    const flops = Math.round(mean(own.map((run) => run.flopsPerToken)) / 1000);
    return [
      model,
      losses,
      `${meanValLoss.toFixed(3)} ± ${standardDeviation.toFixed(3)}`,
      density,
      `${flops}k`,
    ];
  });
  const [learned, random, dense] = data.summary;
  const gate = difference(random, learned, seeds.length);
  const depth = difference(learned, dense, seeds.length);
  const verdict = ({ gap, half }, yes, no) => (gap > half ? yes : no);
  const { steps, parameters, bigramLoss } = runs(learned.model)[0];
  return [
    '# Results',
    '',
    'Written by `npm run docs:pages` from `docs/results`; each file there holds its command, machine, versions and seeds.',
    '',
    ...(comparison ? comparisonPart(comparison) : []),
    '## Does the learned gate beat a random one?',
    '',
    `${what}`,
    '',
    `A small recipe: ${steps} steps of 8 texts of 64 characters, ${parameters} parameters. Counting pairs of characters (a bigram`,
    `model) reaches ${bigramLoss.toFixed(3)} nats. Seeds ${seeds.join(', ')}; ${machine}; Node ${versions.node}.`,
    '',
    `    ${command}`,
    '',
    ...table(['model', 'held-out loss per seed', 'mean ± deviation', 'density', 'FLOPs per token'], rows),
    '',
    `The learned gate is ${gate.gap.toFixed(3)} nats better than the random one (95 % interval ± ${gate.half.toFixed(3)}):`,
    verdict(
      gate,
      'at this size and budget, the gate learns something.',
      'three seeds do not tell them apart.',
    ),
    '',
    `The dense model with half the layers, the same effective depth, is ${depth.gap.toFixed(3)} nats better than the learned gate`,
    `(± ${depth.half.toFixed(3)})${verdict(depth, ', with fewer FLOPs still: a routed model pays keys and values in every layer.', '.')}`,
    'What the paper reports for 0.4 to 5.8 B parameters, that routing beats dense models of equal effective depth, does not',
    'show at this size with this recipe. Whether a better recipe or longer training closes the gap is open.',
    '',
  ].join('\n');
}
