import { setImmediate as nextTurn } from 'node:timers/promises';
import { Command } from 'commander';
import type { Tokenizer } from '../../data/tokenizer.ts';
import { mean } from '../../evaluate/evaluate.ts';
import { type GeneratedToken, generate } from '../../model/generate.ts';
import { printable } from '../../report/format.ts';
import { paint } from '../../report/terminal-text.ts';
import {
  addRunOptions,
  countFrom,
  examples,
  numberFrom,
  openRun,
  type RunOptions,
  readable,
} from '../options.ts';
import { Output } from '../output.ts';

interface GenerateCommandOptions extends RunOptions {
  prompt: string;
  tokens: number;
  temperature: number;
  topK?: number;
  topP: number;
  colour?: boolean;
}

/** `hopgrad generate`: a text continued, coloured by the layers each token used. */
export function generateCommand(): Command {
  const command = new Command('generate')
    .description('Continue a text.')
    .requiredOption('--prompt <text>', 'what to continue')
    .option('--tokens <n>', 'tokens to add', countFrom(1), 240)
    .option('--temperature <x>', '0 takes the likeliest token, 1 samples', numberFrom(0), 0.8)
    .option('--top-k <n>', 'sample among the n likeliest tokens (default: all)', countFrom(1))
    .option('--top-p <x>', 'sample among the likeliest tokens that sum to x', numberFrom(0, 1), 1)
    .option('--colour', 'colour by layers used (default: on a terminal)')
    .option('--no-colour', 'plain text')
    .addHelpText(
      'after',
      examples(
        'generate --run runs/skip-6x64-p50-seed0 --prompt "The whale"',
        'generate --run runs/mine --prompt "Call me" --tokens 80 --temperature 0 --json',
      ),
    );
  return addRunOptions(command, 'of the sampling').action(continueText);
}

async function continueText(options: GenerateCommandOptions): Promise<void> {
  const out = new Output(options.json);
  const { model, tokenizer, config } = await openRun(options, out);
  const prompt = readable(tokenizer, options.prompt, out);
  const { layers } = config.model;
  const used = ({ active }: GeneratedToken): number => active.filter(Boolean).length;
  const colour = options.colour ?? out.colour;
  const stream = new TextStream(tokenizer);
  const read: GeneratedToken[] = [];
  for (const token of generate(model, prompt, options)) {
    read.push(token);
    const piece = stream.next(token.id);
    if (!options.json) out.write(colour ? coloured(piece, used(token) / layers) : piece);
    await nextTurn();
  }
  if (!options.json) out.say(colour ? `\n\nlayers used: ${legend(layers)}` : '');
  const written = read.slice(read.length - options.tokens);
  out.result({
    text: tokenizer.decode(written.map(({ id }) => id)),
    prompt: options.prompt,
    tokens: written.length,
    layers,
    layersPerToken: mean(written.map(used)),
    layersUsed: written.map(used),
    flopsPerToken: mean(written.map(({ flops }) => flops.executed)),
    denseFlopsPerToken: mean(written.map(({ flops }) => flops.dense)),
    device: model.head.weight.device.name,
    seed: options.seed,
  });
}

/** The text of tokens one by one; a character that several of them make up comes out with the last. */
class TextStream {
  readonly #tokenizer: Tokenizer;
  readonly #ids: number[] = [];
  #done = 0;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  next(id: number): string {
    this.#ids.push(id);
    const text = this.#tokenizer.decode(this.#ids);
    if (this.#tokenizer.kind !== 'character' && text.endsWith('\ufffd')) return '';
    const piece = text.slice(this.#done);
    this.#done = text.length;
    return piece;
  }
}

/** Line ends stay line ends; nothing else in the text can steer the terminal. */
function coloured(piece: string, share: number): string {
  return piece
    .split('\n')
    .map((part) => (part === '' ? '' : paint(printable(part), share)))
    .join('\n');
}

function legend(layers: number): string {
  return Array.from({ length: layers + 1 }, (_, count) => paint(` ${count} `, count / layers)).join('');
}
