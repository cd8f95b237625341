import { Command } from 'commander';
import { colourByLayers, skipMapText, usageTable } from '../../report/terminal.ts';
import { bold } from '../../report/terminal-text.ts';
import { Random } from '../../tensor/random.ts';
import { RunFolder } from '../../train/run-folder.ts';
import { firstTokens, usageOn } from '../../train/summary.ts';
import { writeFileAtomically } from '../../train/write-file.ts';
import { addRunOptions, examples, openRun, type RunOptions, readable } from '../options.ts';
import { Output } from '../output.ts';

interface InspectOptions extends RunOptions {
  text?: string;
  html?: string;
}

/** Tokens of held-out text that the maps show, and that the averages are taken over. */
const SHOWN = 192;
const MEASURED = 4096;

/** `hopgrad inspect`: which layers a text uses. */
export function inspectCommand(): Command {
  const command = new Command('inspect')
    .description('Show which layers each token of a text uses, and which characters and words skip most.')
    .option('--text <text>', 'the text to read (default: a held-out passage of the training text)')
    .option('--html <file>', 'write a page with the same, to open in a browser')
    .addHelpText(
      'after',
      examples(
        'inspect --run runs/skip-6x64-p50-seed0',
        'inspect --run runs/mine --text "Call me Ishmael." --html ishmael.html',
      ),
    );
  return addRunOptions(command, 'which held-out passage').action(inspectRun);
}

async function inspectRun(options: InspectOptions): Promise<void> {
  const out = new Output(options.json);
  const { model, tokenizer } = await openRun(options, out);
  const ids = options.text === undefined ? heldOutPassage(options) : readable(tokenizer, options.text, out);
  const { map, characters, words } = usageOn(model, { tokenizer }, ids);
  const shown = options.text === undefined ? firstTokens(map, SHOWN) : map;
  const look = { colour: out.colour, width: out.width };
  out.say(skipMapText(shown, look));
  out.say(`\n${colourByLayers(shown, look)}`);
  const tables = Object.entries({ Characters: characters, Words: words });
  for (const [name, usages] of tables) {
    if (usages.length > 1) out.say(`\n${bold(name, out.colour)}\n${usageTable(usages, look)}`);
  }
  if (options.html !== undefined) {
    // Drawing takes libraries that take a moment to load.
    const { inspectionPage } = await import('../inspection-page.ts');
    writeFileAtomically(options.html, inspectionPage(options.run, shown, Object.fromEntries(tables)));
    out.say(`\npage  ${options.html}`);
  }
  out.result({ runDir: options.run, html: options.html ?? null, ...shown, characters, words });
}

function heldOutPassage({ run, seed }: InspectOptions): Int32Array {
  const { validation } = new RunFolder(run).corpus().dataset;
  const count = Math.min(MEASURED, validation.length);
  const start = new Random(seed).fork('passage').int(validation.length - count + 1);
  return validation.subarray(start, start + count);
}
