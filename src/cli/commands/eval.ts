import { Command } from 'commander';
import { fixed, humanNumber, percent } from '../../report/format.ts';
import { pad } from '../../report/terminal-text.ts';
import { loadCorpus } from '../../train/corpus.ts';
import { RunFolder } from '../../train/run-folder.ts';
import { densityTarget, measure } from '../../train/summary.ts';
import { addRunOptions, countFrom, examples, openRun, type RunOptions } from '../options.ts';
import { Output } from '../output.ts';

interface EvalOptions extends RunOptions {
  data?: string;
  batches: number;
}

/** `hopgrad eval`: a run's model, measured on held-out text. */
export function evalCommand(): Command {
  const command = new Command('eval')
    .description('Measure loss, densities and FLOPs on text that training did not see.')
    .option('--data <path>', 'another text, measured whole (default: the held-out part of the training text)')
    .option('--batches <n>', 'batches of 16 texts, spread evenly', countFrom(1), 20)
    .addHelpText(
      'after',
      examples('eval --run runs/skip-6x64-p50-seed0', 'eval --run runs/mine --data other.txt --json'),
    );
  return addRunOptions(command, 'accepted by every command; nothing is drawn here').action(evaluateRun);
}

async function evaluateRun(options: EvalOptions): Promise<void> {
  const out = new Output(options.json);
  const { model, tokenizer, config } = await openRun(options, out);
  const { data = null } = options;
  const corpus =
    data === null
      ? new RunFolder(options.run).corpus()
      : loadCorpus({ data, tokenizer, holdOutAllBut: config.text });
  const { density, densityPerLayer, ...figures } = measure(model, corpus, options.batches);
  const device = model.head.weight.device.name;
  const target = densityTarget(config.model);
  const rows = [
    ['loss', `${fixed(figures.loss)} nats per token, over ${humanNumber(figures.tokens)} tokens`],
    ['bits per character', fixed(figures.bitsPerCharacter)],
    ['density', `${percent(density)}, target ${percent(target)}`],
    ...densityPerLayer.map((share, layer) => [`  layer ${layer + 1}`, percent(share)]),
    [
      'FLOPs per token',
      `${humanNumber(figures.flopsPerToken)}, dense ${humanNumber(figures.denseFlopsPerToken)}`,
    ],
    ['device', device],
  ];
  for (const [label, value] of rows) out.say(`${pad(label, 18)}  ${value}`);
  out.result({
    runDir: options.run,
    data: data ?? config.data,
    device,
    ...figures,
    densityTarget: target,
    densityArgmax: density,
    densityArgmaxPerLayer: densityPerLayer,
  });
}
