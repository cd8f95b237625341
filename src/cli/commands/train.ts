import { Command } from 'commander';
import { colourByLayers, progressLine, summaryTable, usageTable } from '../../report/terminal.ts';
import { bold } from '../../report/terminal-text.ts';
import type { RunReport } from '../../report/types.ts';
import { bitsPerCharacter } from '../../train/corpus.ts';
import { RunFolder } from '../../train/run-folder.ts';
import { densityTarget, reportOf, summarize } from '../../train/summary.ts';
import { densityWarnings, type StepMetrics } from '../../train/trainer.ts';
import { TrainingRun } from '../../train/training-run.ts';
import { writeFileAtomically } from '../../train/write-file.ts';
import { Interrupt } from '../interrupt.ts';
import { addCompute, addJson, type ComputeOptions, examples, openDevice } from '../options.ts';
import { Output } from '../output.ts';
import { addSettings, commandLine, configFrom, givenSettings } from '../settings.ts';

interface TrainOptions extends ComputeOptions {
  out?: string;
  resume?: string;
  json?: boolean;
}

/** Between progress lines: where each is written over the one before, and where they pile up. */
const LIVE_MS = 100;
const LINE_MS = 10_000;

/** `hopgrad train`: trains a model, shows what it learned, and leaves all of it in a folder. */
export function trainCommand(): Command {
  const command = new Command('train').description(
    'Train a language model whose layers each token may skip. Ctrl-C saves; --resume continues.',
  );
  addSettings(command);
  return addCompute(addJson(command))
    .option('--out <dir>', 'folder of the run, new or empty (default: one under runs/)')
    .option('--resume <dir>', 'continue the run in this folder, as if it had never stopped')
    .addHelpText(
      'after',
      examples(
        'train',
        'train --data my-texts/ --tokenizer byte --steps 2000 --out runs/mine',
        'train --router none --layers 3',
        'train --noise 1 --lambda 0.1 --feed-forward 8',
        'train --resume runs/skip-6x64-p50-seed0',
      ),
    )
    .action((options: TrainOptions) => train(options, command));
}

async function train(options: TrainOptions, command: Command): Promise<void> {
  const out = new Output(options.json);
  const { run, notes } = await openTraining(options, command);
  const interrupt = new Interrupt(() => out.say('stopping after this step; Ctrl-C once more stops at once'));
  try {
    introduce(run, notes, out);
    const onNotice = (notice: string): void => {
      notes.push(notice);
      out.warn(notice);
    };
    await run.train({ signal: interrupt.signal, onStep: reporter(run, out), onNotice });
    await interrupt.settled();
    process.exitCode = interrupt.exitCode;
    const { folder, trainer } = run;
    if (!trainer.done) {
      notes.push(`stopped at step ${trainer.step} of ${trainer.config.steps}`);
      out.say(`\nstopped and saved; continue with: hopgrad train --resume ${folder.path}`);
    }
    if (trainer.step > 0) await finish(run, notes, out);
  } finally {
    interrupt.close();
    run.close();
  }
}

async function openTraining(
  { out, resume, ...compute }: TrainOptions,
  command: Command,
): Promise<{ run: TrainingRun; notes: string[] }> {
  const given = givenSettings(command);
  const { device: asked, ...config } = configFrom(command);
  let device = asked;
  if (resume !== undefined) {
    const fixed = [...given.filter((flag) => flag !== '--device'), ...(out === undefined ? [] : ['--out'])];
    if (fixed.length > 0) throw new Error(whyFixed(fixed[0]));
    if (!given.includes('--device')) device = new RunFolder(resume).config().device;
  }
  const notes = await openDevice(device, compute);
  const { warmup, steps } = config.training;
  if (given.includes('--warmup') && warmup > steps) {
    notes.push(`--warmup ${warmup} is cut to the ${steps} steps of the run; the learning rate only rises`);
  }
  const run =
    resume === undefined ? TrainingRun.create({ ...config, device }, out) : TrainingRun.resume(resume);
  return { run, notes };
}

function whyFixed(flag: string): string {
  const why =
    flag === '--steps'
      ? 'the learning rate falls along a curve that ends with the last step'
      : 'the run has its own';
  return `${flag} cannot change what --resume continues: ${why}; leave it out, or begin a new run`;
}

function introduce({ folder, trainer, corpus }: TrainingRun, notes: readonly string[], out: Output): void {
  const { model, config, step } = trainer;
  const { layers, dim, context } = model.config;
  out.say(
    `${bold(folder.path, out.colour)}  ${model.parameterCount()} parameters on ${model.head.weight.device.name}`,
  );
  out.say(
    `${layers} layers of ${dim}, ${config.batchSize} texts of ${context} tokens a step, ` +
      `${corpus.dataset.train.length} tokens to train on, ${corpus.dataset.validation.length} held out`,
  );
  if (step > 0) out.say(`continuing after step ${step}`);
  for (const note of notes) out.warn(note);
}

/** Shows where training stands: one live line, or a line now and then; and warnings as they come up. */
function reporter(run: TrainingRun, out: Output): (row: StepMetrics) => void {
  const { trainer, corpus } = run;
  const { steps, batchSize } = trainer.config;
  const { model } = trainer;
  const warned = new Set<number>();
  const firstStep = trainer.step;
  const began = performance.now();
  let shown = began;
  let valLoss: number | undefined;
  return (row) => {
    valLoss = row.valLoss ?? valLoss;
    const now = performance.now();
    const secondsPerStep = (now - began) / 1000 / (row.step - firstStep);
    const kept = row.valLoss !== undefined || (!out.live && now - shown > LINE_MS);
    if (!kept && !(out.live && now - shown > LIVE_MS)) return;
    shown = now;
    const line = progressLine({
      step: row.step,
      steps,
      loss: row.trainLoss,
      bitsPerCharacter: bitsPerCharacter(row.trainLoss, corpus),
      density: row.densitySampled,
      densityTarget: densityTarget(model.config),
      tokensPerSecond: (batchSize * model.config.context) / secondsPerStep,
      etaSeconds: (steps - row.step) * secondsPerStep,
      valLoss,
    });
    if (kept) out.say(line);
    else out.progress(line);
    for (const { layer, message } of densityWarnings(trainer, row.densityArgmaxPerLayer ?? [])) {
      if (!warned.has(layer)) out.warn(`step ${row.step}: ${message}`);
      warned.add(layer);
    }
  };
}

/** Measures, and leaves model.safetensors, summary.json and report.html in the folder. */
async function finish(run: TrainingRun, notes: readonly string[], out: Output): Promise<void> {
  const { folder, config } = run;
  out.say('measuring on held-out text …');
  const summary = summarize(run, notes);
  const report = reportOf(run, summary, [commandLine(config)]);
  await run.saveModel();
  // Drawing takes libraries that take a moment to load.
  const { htmlReport } = await import('../../report/html-report.ts');
  const { createDocument } = await import('../../report/document.ts');
  folder.writeJson('summary.json', summary);
  writeFileAtomically(folder.file('report.html'), htmlReport(report, createDocument()));
  show(report, folder, out);
  for (const line of workPerStep(run)) out.say(line);
  out.result(summary);
}

function show({ summary, sample, characters, words }: RunReport, folder: RunFolder, out: Output): void {
  const look = { colour: out.colour, width: out.width };
  const parts: [string, string][] = [
    ['', summaryTable(summary, look)],
    ['What it writes', colourByLayers(sample, look)],
    ['Characters', usageTable(characters, look)],
    ['Words', usageTable(words, look)],
  ];
  for (const [title, text] of parts)
    out.say(`\n${title === '' ? '' : `${bold(title, out.colour)}\n`}${text}`);
  out.say(`\nreport  ${folder.file('report.html')}`);
}

/** What a step asks of the device, where that is worth knowing: on a GPU, each readback waits for all that was launched. */
function workPerStep({ metrics }: TrainingRun): string[] {
  const { launches, uploads, readbacks } = metrics.at(-1) ?? {};
  if (launches === undefined) return [];
  return [`last step  ${launches} kernels launched, ${uploads} uploads, ${readbacks} readbacks`];
}
