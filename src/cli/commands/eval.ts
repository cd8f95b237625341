import { Command, Option } from 'commander';
import { analyseDepth, type DepthAnalysis } from '../../evaluate/depth-analysis.ts';
import { mean } from '../../evaluate/evaluate.ts';
import { layersPerMark, type MarkUsage, readsHop24 } from '../../evaluate/layers-per-mark.ts';
import { readTasks } from '../../evaluate/one-shot/files.ts';
import { truncationRule } from '../../evaluate/one-shot/prompt.ts';
import { runTask } from '../../evaluate/one-shot/run-task.ts';
import { fixed, humanNumber, percent } from '../../report/format.ts';
import { taskTable } from '../../report/task-table.ts';
import { usageTable } from '../../report/terminal.ts';
import { bold, pad } from '../../report/terminal-text.ts';
import { routers } from '../../routing/table.ts';
import { loadCorpus } from '../../train/corpus.ts';
import { RunFolder } from '../../train/run-folder.ts';
import { densityTarget, measure } from '../../train/summary.ts';
import { writeFileAtomically } from '../../train/write-file.ts';
import { addRunOptions, countFrom, examples, openRun, type RunOptions } from '../options.ts';
import { Output } from '../output.ts';

interface EvalOptions extends RunOptions {
  data?: string;
  batches: number;
  analysis?: boolean;
  tasks?: string;
  limit?: number;
  answers?: string;
}

/** `hopgrad eval`: a run's model, measured on held-out text, or on tasks. */
export function evalCommand(): Command {
  const command = new Command('eval')
    .description(
      'Measure loss, densities and FLOPs on text that training did not see; or, with --tasks, one-shot scores.',
    )
    .option('--data <path>', 'another text, measured whole (default: the held-out part of the training text)')
    .option('--batches <n>', 'batches of 16 texts, spread evenly', countFrom(1), 20)
    .option('--analysis', 'also tell which kinds of tokens and which words run how many layers')
    .addOption(
      new Option('--tasks <dir>', 'folder of task files in JSONL').conflicts(['data', 'batches', 'analysis']),
    )
    .option('--limit <n>', 'with --tasks: the first n questions of each (default: all)', countFrom(1))
    .option('--answers <file>', 'with --tasks: write what was answered, and the log-probabilities, as JSONL')
    .addHelpText(
      'after',
      examples(
        'eval --run runs/skip-6x64-p50-seed0',
        'eval --run runs/mine --data other.txt --json',
        'eval --run runs/mine --analysis',
        'eval --run runs/mine --tasks tasks --limit 100',
      ),
    );
  const seeded = 'which demonstrations --tasks shows, and which questions of hop-24 --analysis asks';
  return addRunOptions(command, seeded).action(evaluateRun);
}

async function evaluateRun(options: EvalOptions): Promise<void> {
  const out = new Output(options.json);
  if (options.tasks !== undefined) return evaluateTasks(options, options.tasks, out);
  const alone = (['limit', 'answers'] as const).find((name) => options[name] !== undefined);
  if (alone)
    throw new Error(`--${alone} does nothing without --tasks; leave it out, or give a folder of tasks`);
  const { model, tokenizer, config } = await openRun(options, out);
  const { data = null } = options;
  const corpus =
    data === null
      ? new RunFolder(options.run).corpus()
      : loadCorpus({ data, tokenizer, holdOutAllBut: config.text });
  const { density, densityPerLayer, ...figures } = measure(model, corpus, options.batches);
  const perplexity = Math.exp(figures.loss);
  const device = model.head.weight.device.name;
  const target = densityTarget(config.model);
  const aims = routers[config.model.router].takes.includes('density');
  const rows = [
    ['loss', `${fixed(figures.loss)} nats per token, over ${humanNumber(figures.tokens)} tokens`],
    ['perplexity', fixed(perplexity, 2)],
    ['bits per character', fixed(figures.bitsPerCharacter)],
    ['density', aims ? `${percent(density)}, target ${percent(target)}` : percent(density)],
    ...densityPerLayer.map((share, layer) => [`  layer ${layer + 1}`, percent(share)]),
    [
      'FLOPs per token',
      `${humanNumber(figures.flopsPerToken)}, dense ${humanNumber(figures.denseFlopsPerToken)}`,
    ],
    ['device', device],
  ];
  for (const [label, value] of rows) out.say(`${pad(label, 18)}  ${value}`);
  const analysis = options.analysis
    ? {
        // As many tokens as were measured, but in one piece: words and lines stay whole.
        ...analyseDepth(model, corpus.tokenizer, corpus.dataset.validation.subarray(0, figures.tokens)),
        marks:
          config.training.hop24 > 0 && readsHop24(corpus.tokenizer)
            ? layersPerMark(model, corpus.tokenizer, options.seed)
            : null,
      }
    : null;
  if (analysis) sayAnalysis(analysis, config.model.layers, out);
  out.result({
    runDir: options.run,
    data: data ?? config.data,
    device,
    ...figures,
    perplexity,
    densityTarget: target,
    densityArgmax: density,
    densityArgmaxPerLayer: densityPerLayer,
    ...(analysis ? { analysis } : {}),
  });
}

/** Who runs how many layers, as tables. */
function sayAnalysis(
  analysis: DepthAnalysis & { marks: MarkUsage[] | null },
  layers: number,
  out: Output,
): void {
  const { tokens, kinds, mostSkipped, leastSkipped, lossDepthCorrelation, marks } = analysis;
  const row = (label: string, ...cells: readonly string[]): string =>
    `  ${pad(label, 26)}${cells.map((cell) => pad(cell, 10, 'left')).join('')}`;
  out.say(`\n${bold(`Layers of ${layers}, over ${humanNumber(tokens)} tokens`, out.colour)}`);
  out.say(row('kind of token', 'layers', 'count'));
  for (const { token, meanLayers, count } of kinds) out.say(row(token, fixed(meanLayers, 2), `${count}`));
  const words = [...leastSkipped, ...mostSkipped];
  if (words.length > 0) {
    const look = { colour: out.colour, count: leastSkipped.length };
    out.say(`\n${bold('Words', out.colour)}\n${usageTable(words, look)}`);
  }
  const correlation =
    lossDepthCorrelation === null
      ? 'no correlation: all tokens run equally many layers'
      : `Spearman's correlation ${fixed(lossDepthCorrelation)} of the layers of a token and the loss of predicting the next`;
  out.say(`\n${bold('Loss and layers', out.colour)}\n${correlation}`);
  if (!marks) return;
  // By token: as many as the same tokens run whatever comes next.
  out.say(`\n${bold('hop-24: tokens by what comes next', out.colour)}`);
  out.say(row('', 'layers', 'by token', 'loss', 'count'));
  for (const { token, meaning, meanLayers, layersByToken, meanLoss, count } of marks) {
    const figures = [fixed(meanLayers, 2), fixed(layersByToken, 2), fixed(meanLoss), `${count}`];
    out.say(row(`${token} ${meaning}`, ...figures));
  }
}

/** One-shot scores of all tasks that have a file in a folder. */
async function evaluateTasks(options: EvalOptions, folder: string, out: Output): Promise<void> {
  const { seed, limit, answers: answersFile } = options;
  const { sets, others } = readTasks(folder);
  if (others.length > 0) out.warn(`not task files, so passed over: ${others.join(', ')}`);
  if (sets.length === 0) {
    throw new Error(`${folder} holds no file of a known task; name it for its task, as in copa.jsonl`);
  }
  const { model, tokenizer } = await openRun(options, out);
  const log: string[] = [];
  const results = sets.map((set) => {
    const onQuestion = (done: number, of: number): void => {
      if (out.live) out.progress(`${set.task}  ${done}/${of}`);
    };
    const { answers, ...result } = runTask(model, tokenizer, set, { seed, limit, onQuestion });
    answers.forEach((answer, question) => {
      log.push(`${JSON.stringify({ task: set.task, question, ...answer })}\n`);
    });
    return { ...result, file: set.file, sha256: set.sha256 };
  });
  if (answersFile !== undefined) writeFileAtomically(answersFile, log.join(''));
  const { context } = model.config;
  const device = model.head.weight.device.name;
  out.say(taskTable(results, out.colour));
  const averages = Object.fromEntries(
    (['accuracy', 'exact match'] as const).flatMap((metric) => {
      const scores = results.filter((result) => result.metric === metric).map(({ score }) => score);
      if (scores.length > 0) out.say(`mean ${metric} of ${scores.length}: ${percent(mean(scores))}`);
      return scores.length > 0 ? [[metric, mean(scores)]] : [];
    }),
  );
  const notes = [
    ['shot seed', `${seed}`],
    ['cut', truncationRule(context)],
    ['device', device],
  ];
  out.say(`\n${notes.map(([label, value]) => `${pad(label, 10)}${value}`).join('\n')}`);
  out.result({
    runDir: options.run,
    device,
    shotSeed: seed,
    context,
    truncation: truncationRule(context),
    averages,
    tasks: results,
    passedOver: others,
  });
}
