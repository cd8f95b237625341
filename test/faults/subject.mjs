// The process in which fuzzed inputs are tried: it may hang, or be killed for its memory, and the test goes on. For each
// case it answers whether the input was accepted or what was said against it, and what that cost.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../dist/src/cli/program.js';
import { decodeSafetensors } from '../../dist/src/data/safetensors.js';
import { tokenizerFromJSON } from '../../dist/src/data/tokenizer-from-json.js';
import { loadRun, loadText, RunFolder, readCheckpoint, TrainingRun } from '../../dist/src/node.js';
import { loadCorpus } from '../../dist/src/train/corpus.js';

/** A folder of this process's own, with `run`, a finished run, in it; cases play in `play`. */
const root = process.argv[2];
const play = join(root, 'play');
mkdirSync(play, { recursive: true });
process.chdir(play);
let said = '';
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (text) => {
    if (stream === process.stderr) said += text;
    return true;
  };
}

const tries = {
  safetensors({ bytes }) {
    const copy = join(root, 'copy');
    cpSync(join(root, 'run'), copy, { recursive: true });
    const file = join(copy, 'checkpoint.safetensors');
    writeFileSync(file, bytes);
    writeFileSync(join(copy, 'model.safetensors'), bytes);
    // Every reader gets to see it, whatever the one before said.
    return all(
      () => decodeSafetensors(bytes),
      () => readCheckpoint(file, new RunFolder(copy).identity()),
      () => loadRun(copy),
      () => TrainingRun.resume(copy).close(),
      () => {
        rmSync(file);
        loadRun(copy);
      },
    );
  },

  tokenizer({ json, text }) {
    const use = (tokenizer) => {
      const ids = tokenizer.encode(text);
      if (typeof tokenizer.decode(ids) !== 'string') throw new TypeError('decode gave no text');
      if (ids.length > 0 && typeof tokenizer.token(ids[0]) !== 'string')
        throw new TypeError('token gave no text');
    };
    const file = join(play, 'tokenizer.json');
    writeFileSync(file, json);
    return all(
      () => use(tokenizerFromJSON(JSON.parse(json))),
      () => use(tokenizerFromJSON({ kind: 'huggingface', tokenizer: JSON.parse(json) })),
      () => loadCorpus({ data: join(root, 'text.txt'), tokenizer: file }),
    );
  },

  config({ json, sign, weights }) {
    const copy = join(root, 'copy');
    cpSync(join(root, 'run'), copy, { recursive: true });
    writeFileSync(join(copy, 'config.json'), json);
    const file = join(copy, 'checkpoint.safetensors');
    // A checkpoint that says it belongs to this config.json, so that more than the fingerprint has to notice.
    if (sign) writeFileSync(file, resigned(readFileSync(file), new RunFolder(copy).identity()));
    if (weights === 'model') rmSync(file);
    if (weights === 'none') for (const name of [file, join(copy, 'model.safetensors')]) rmSync(name);
    return all(
      () => loadRun(copy),
      () => TrainingRun.resume(copy).close(),
    );
  },

  /** What the watch over this process has to notice. */
  misbehave({ how }) {
    if (how === 'hang') for (;;);
    if (how === 'exit') process.exit(7);
    if (how === 'memory') Buffer.alloc(400e6, 1);
    const began = process.cpuUsage();
    for (let i = 0; how === 'time' && process.cpuUsage(began).user < 2.2e6; ) while (++i % 1e6 > 0);
    return all(() => (how === 'raw' ? null.x : null));
  },

  async commandLine({ args }) {
    process.exitCode = undefined;
    const status = await run(args);
    process.exitCode = undefined;
    return status === 0 ? [null] : [{ name: `status ${status}`, message: said }];
  },

  async text({ bytes, strings, tokenizer, args }) {
    const file = join(play, 'text.txt');
    writeFileSync(file, bytes);
    const read = all(
      () => loadText(file),
      () => {
        const corpus = loadCorpus({ data: file, tokenizer });
        for (const text of strings) corpus.tokenizer.decode(corpus.tokenizer.encode(text));
      },
    );
    return args ? [...read, ...(await tries.commandLine({ args: [...args, '--data', file] }))] : read;
  },
};

/** For each reader null where it accepted, or the name and message of what it threw. */
function all(...readers) {
  return readers.map((read) => {
    try {
      read();
      return null;
    } catch (error) {
      return { name: error?.name, message: String(error?.message) };
    }
  });
}

/** A checkpoint with another identity of the same length. */
function resigned(bytes, identity) {
  const place = bytes.indexOf('"identity":"') + '"identity":"'.length;
  bytes.write(identity, place);
  return bytes;
}

/** The most memory this process has held since `forgetPeak`, in bytes; on other systems than Linux since it began. */
function peak() {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

function forgetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux: then the peak only ever rises, and growth is seen where it sets a new one.
  }
}

process.on('message', async ({ kind, input }) => {
  said = '';
  forgetPeak();
  const [before, highest, cpu, began] = [
    process.memoryUsage.rss(),
    peak(),
    process.cpuUsage(),
    performance.now(),
  ];
  const answers = await tries[kind](input);
  const { user, system } = process.cpuUsage(cpu);
  const now = peak();
  process.send({
    answers,
    ms: performance.now() - began,
    cpuMs: (user + system) / 1000,
    growth: now > highest ? now - before : 0,
  });
  for (const name of ['copy', 'play/runs']) rmSync(join(root, name), { recursive: true, force: true });
  for (const name of readdirSync(play)) rmSync(join(play, name), { recursive: true, force: true });
});
process.send('ready');
