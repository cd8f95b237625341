/**
 * The exercises of the book: their laws hold for the solutions, catch every near-miss, and find the holes; the page lists
 * them; and `npm run learn` says what a reader needs, in a folder of its own.
 */
import { type ExecFileException, execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Outcome {
  mistake?: string;
  state: 'solved' | 'open' | 'wrong';
  failure: { says: string; given: [string, string][]; what: string; expected: string; got: string } | null;
}

interface Result {
  folder: string;
  answer: 'exercise' | 'solution' | 'near-misses';
  title: string;
  chapter: number;
  task: string;
  outcomes: Outcome[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const kit = (name: string): string => pathToFileURL(join(root, 'docs/exercises/kit', name)).href;
const { compile } = (await import(kit('compile.mjs'))) as { compile: () => Map<string, unknown[]> };
const { attempts } = (await import(kit('attempt.mjs'))) as {
  attempts: (jobs: Pick<Result, 'folder' | 'answer'>[]) => AsyncIterable<Result>;
};
const { folders, holeOf, hintsOf } = (await import(kit('files.mjs'))) as {
  folders: string[];
  holeOf: (folder: string) => string;
  hintsOf: (folder: string) => string[];
};

const read = (folder: string, file: string): string =>
  readFileSync(join(root, 'docs/exercises', folder, file), 'utf8');
/** Whether the reader has not touched it. */
const isHole = (folder: string): boolean => read(folder, 'exercise.ts').includes('new Hole()');

const results: Result[] = [];
let errors: [file: string, errors: unknown[]][] = [];

beforeAll(async () => {
  errors = [...compile()].filter(([file]) => !/exercise\.ts$/.test(file) || isHole(file.split('/')[2]));
  const answers = ['solution', 'near-misses', 'exercise'] as const;
  const jobs = folders.flatMap((folder) => answers.map((answer) => ({ folder, answer })));
  for await (const result of attempts(jobs)) results.push(result);
}, 300_000);

const of = (folder: string, answer: Result['answer']): Result =>
  results.find((result) => result.folder === folder && result.answer === answer)!;

test('there are 27, numbered without a gap, and they compile', () => {
  expect(folders.map((folder) => Number(folder.slice(0, 2)))).toEqual(
    Array.from({ length: 27 }, (_, i) => i + 1),
  );
  expect(errors).toEqual([]);
});

describe.each(folders)('%s', (folder) => {
  test('the laws hold for the solution', () => {
    expect(of(folder, 'solution').outcomes).toMatchObject([{ state: 'solved', failure: null }]);
  });

  test('the laws catch every near-miss, of which there are two or more', () => {
    const misses = of(folder, 'near-misses').outcomes;
    expect(misses.length).toBeGreaterThanOrEqual(2);
    expect(misses.filter(({ state }) => state !== 'wrong').map(({ mistake }) => mistake)).toEqual([]);
  });

  test.skipIf(!isHole(folder))(
    'the exercise is the hole of the solution, and is found not to be written yet',
    () => {
      expect(read(folder, 'exercise.ts')).toBe(holeOf(folder));
      expect(of(folder, 'exercise').outcomes).toMatchObject([{ state: 'open' }]);
    },
  );

  test('has two hints that do not give the solution away by the line', () => {
    const hints = hintsOf(folder);
    expect(hints).toHaveLength(2);
    const lines = read(folder, 'solution.ts')
      .split('\n')
      .map((line) => line.trim());
    const long = lines.filter((line) => line.length > 30 && !/^(import|export|\*|\/)/.test(line));
    expect(long.filter((line) => hints[0].includes(line))).toEqual([]);
  });
});

test('docs/exercises.md lists all by chapter, with their titles and tasks', () => {
  const listed: Omit<Result, 'answer' | 'outcomes'>[] = [];
  let chapter = 0;
  for (const line of readFileSync(join(root, 'docs/exercises.md'), 'utf8').split('\n')) {
    chapter = Number(/^### \[(\d+)\. /.exec(line)?.[1] ?? chapter);
    const found = /^(\d+)\. \[(.+)\]\(exercises\/(.+)\/exercise\.ts\)\. (.+)$/.exec(line);
    if (!found) continue;
    const [, number, title, folder, task] = found;
    expect(Number(number)).toBe(Number(folder.slice(0, 2)));
    listed.push({ folder, title, chapter, task });
  }
  expect(listed).toEqual(
    folders.map((folder) => {
      const { title, chapter, task } = of(folder, 'solution');
      return { folder, title, chapter, task };
    }),
  );
});

test('docs/exercises.md shows what a wrong answer is really told', () => {
  const page = readFileSync(join(root, 'docs/exercises.md'), 'utf8').replaceAll(/\s+/g, ' ');
  const [, , { failure }] = of('06-matmul-backward', 'near-misses').outcomes;
  const { says, given, what, expected, got } = failure!;
  const parts = [...given, ['expected', expected], ['got', got]].map((part) => part.join(' '));
  for (const text of [says, what, ...parts]) expect(page).toContain(text.replaceAll(/\s+/g, ' '));
});

test('chapters speak of their own exercises, by the right numbers', () => {
  for (const page of readdirSync(join(root, 'docs/book'))) {
    const text = readFileSync(join(root, 'docs/book', page), 'utf8');
    for (const [block, number] of text.matchAll(/^> \*\*Exercise (\d+)\.\*\*.*(?:\n> .*)*/gm)) {
      const folder = folders[Number(number) - 1];
      expect([page, of(folder, 'solution').chapter]).toEqual([page, Number(page.slice(0, 2))]);
      expect(block).toContain(`npm run learn ${folder.slice(0, 2)}`);
    }
  }
});

describe('npm run learn', () => {
  const matmul = '06-matmul-backward';
  const mask = '12-causal-mask';
  let home = '';
  const file = (folder: string): string => join(home, 'docs/exercises', folder, 'exercise.ts');

  /** What a reader sees, and the exit status. Flags without -- come as npm hands them on. */
  function learn(
    words: string[],
    env: Record<string, string> = {},
  ): Promise<{ status: number; text: string }> {
    const plain = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_config_/.test(name)),
    );
    const options = { cwd: home, env: { ...plain, NO_COLOR: '1', ...env } };
    return new Promise((resolve) => {
      const done = (error: ExecFileException | null, stdout: string, stderr: string): void =>
        resolve({ status: error ? Number(error.code) : 0, text: stdout + stderr });
      execFile(process.execPath, ['docs/exercises/learn.mjs', ...words], options, done);
    });
  }

  /** Writes an answer into the hole. */
  function write(folder: string, answer: string): void {
    writeFileSync(file(folder), holeOf(folder).replace('throw new Hole();', answer));
  }

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'hopgrad-learn-'));
    mkdirSync(join(home, 'dist'));
    for (const path of ['node_modules', 'dist/src', 'dist/kernels'])
      symlinkSync(join(root, path), join(home, path));
    for (const path of [
      'package.json',
      'tsconfig.json',
      'docs/tsconfig.json',
      'docs/exercises/kit',
      'docs/book',
    ]) {
      cpSync(join(root, path), join(home, path), { recursive: true });
    }
    for (const path of [matmul, mask, 'learn.mjs', 'tsconfig.json']) {
      cpSync(join(root, 'docs/exercises', path), join(home, 'docs/exercises', path), { recursive: true });
    }
    for (const folder of [matmul, mask]) writeFileSync(file(folder), holeOf(folder));
  });

  afterAll(() => rmSync(home, { recursive: true, force: true }));

  test('lists what is solved, begun and open, and what does not compile', async () => {
    writeFileSync(file(matmul), read(matmul, 'solution.ts'));
    const { status, text } = await learn([]);
    expect(status).toBe(0);
    expect(text).toContain('1 of 2 solved');
    expect(text).toMatch(/✓ 06 {2}The backward of a matrix product\n/);
    expect(text).toMatch(/· 12 {2}The causal mask\n/);
    expect(text).toContain('Next: npm run learn 12');
    write(matmul, 'return [a, b];');
    write(mask, 'return 1;');
    const later = await learn([]);
    expect(later.text).toMatch(/~ 06 {2}The backward of a matrix product +begun\n/);
    expect(later.text).toMatch(/! 12 {2}The causal mask +does not compile\n/);
  }, 120_000);

  test('a hole is not written yet; a solution is solved', async () => {
    write(matmul, 'throw new Hole();');
    const open = await learn(['6']);
    expect(open.status).toBe(1);
    expect(open.text).toContain('Not written yet.');
    expect(open.text).toContain(`docs/exercises/${matmul}/exercise.ts`);
    writeFileSync(file(matmul), read(matmul, 'solution.ts'));
    const solved = await learn(['matmul']);
    expect(solved.status).toBe(0);
    expect(solved.text).toContain('Solved.');
  }, 120_000);

  test('a wrong answer is shown the law, the smallest case, what was expected and what came, and the seed', async () => {
    write(matmul, `return [gradient.matmul(b.transpose()), a.sum(0).unsqueeze(1).mul(gradient.sum(0))];`);
    const { status, text } = await learn(['06', 'seed', '5']);
    expect(status).toBe(1);
    expect(text).toMatch(/✓ each gradient has the shape/);
    expect(text).toMatch(/✗ they are the slopes of Σ gradient · \(a b\)/);
    expect(text).toMatch(/ a {9}tensor\(\[\[/);
    expect(text).toMatch(/the gradient for b:\n\n +expected {2}tensor\(.*\n(?:.*\n)? +got {7}tensor\(/);
    expect(text).toContain('Seed 5');
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  }, 120_000);

  test('an error names its line in exercise.ts, one of types too', async () => {
    write(matmul, 'return [gradient.matmul(a.matmul(a).matmul(b)), a];');
    const thrown = await learn(['06']);
    expect(thrown.status).toBe(1);
    const line = holeOf(matmul).split('\n').indexOf('  throw new Hole();') + 1;
    expect(thrown.text).toContain('OpError: matmul:');
    expect(thrown.text).toContain(`(${matmul}/exercise.ts, line ${line})`);
    write(mask, 'return arange(queries) + keys;');
    const types = await learn(['12']);
    expect(types.status).toBe(1);
    expect(types.text).toContain('The causal mask');
    expect(types.text).toMatch(
      new RegExp(`${mask}/exercise\\.ts:\\d+:\\d+\\n.* \\| +return arange\\(queries\\) \\+ keys;`),
    );
  }, 120_000);

  test('an answer that never comes is waited for so long and no longer', async () => {
    write(mask, 'for (;;);');
    await learn(['12', 'hint']);
    const script = `
      import { compile } from './docs/exercises/kit/compile.mjs';
      import { attempt } from './docs/exercises/kit/attempt.mjs';
      compile();
      const result = await attempt({ folder: '${mask}', answer: 'exercise' }, { patience: 3000 });
      console.log(JSON.stringify(result));`;
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, ['--input-type=module', '-e', script], { cwd: home }, (_, stdout) =>
        resolve(stdout),
      );
    });
    expect(JSON.parse(output)).toMatchObject({ title: 'The causal mask', outcomes: [{ state: 'wrong' }] });
    expect(output).toContain('No answer in 3 seconds');
  }, 120_000);

  test('hints come when asked for, the fuller one when asked for twice, however npm hands it on', async () => {
    const [first, fuller] = hintsOf(matmul).map((hint) => hint.split('\n')[0].slice(0, 30));
    const ways: [string[], Record<string, string>, string][] = [
      [['06', 'hint'], {}, first],
      [['06', '--hint'], {}, first],
      [['06'], { npm_config_hint: 'true' }, first],
      [['06', 'hint', '2'], {}, fuller],
      [['06', '--hint', '--hint'], {}, fuller],
      [['06'], { npm_config_hint: 'true\n\ntrue' }, fuller],
      [['06'], { npm_config_hint: '2' }, fuller],
      [['06', '2'], { npm_config_hint: 'true' }, fuller],
      [[], { npm_config_hint: '06' }, first],
    ];
    for (const [words, env, expected] of ways) {
      const { status, text } = await learn(words, env);
      expect([words, env, status, text]).toEqual([words, env, 0, expect.stringContaining(expected)]);
    }
    const { text } = await learn(['06', 'solution']);
    expect(text).toContain('gradient.matmul(b.transpose())');
    expect(text).not.toContain('#region');
  }, 120_000);

  test('reset puts the hole back, and keeps what was written', async () => {
    write(matmul, 'return [a, b]; // mine');
    const { status, text } = await learn(['06'], { npm_config_reset: 'true' });
    expect(status).toBe(0);
    expect(readFileSync(file(matmul), 'utf8')).toBe(holeOf(matmul));
    const [kept] = /dist\/\S+/.exec(text) ?? [''];
    expect(readFileSync(join(home, kept), 'utf8')).toContain('// mine');
    rmSync(file(matmul));
    await learn(['06', 'hint']);
    expect(existsSync(file(matmul))).toBe(true);
  }, 120_000);

  test('says what it does not understand', async () => {
    for (const [words, expected] of [
      [['zzz'], "No exercise is called 'zzz'"],
      [['a'], 'may be'],
      [['06', '--frobnicate'], 'There is no --frobnicate'],
      [['hint'], 'Of which exercise?'],
      [['reset'], 'or all'],
      [['06', 'hint', 'solution'], 'hint or solution'],
    ] as const) {
      const { status, text } = await learn([...words]);
      expect([status, text]).toEqual([2, expect.stringContaining(expected)]);
    }
    expect(await learn(['help'])).toMatchObject({
      status: 0,
      text: expect.stringContaining('npm run learn reset 06'),
    });
  }, 120_000);
});
