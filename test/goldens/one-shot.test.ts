/**
 * `hopgrad eval --tasks` answers as a protocol written in PyTorch does: the same choices, writings and truncations, and
 * log-probabilities to float32's rounding, for a random and a trained model, on files of every format.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { hopgradHere } from '../cli/run-cli.ts';
import { freshPath } from '../train/tiny.ts';
import { readGoldens } from './goldens.ts';

interface Answer {
  correct: boolean;
  truncated: boolean;
  choice?: number;
  logProbabilities?: number[];
  tokens?: number[];
  written?: string;
}

interface Golden {
  name: string;
  layersPerToken: number;
  answers: Answer[];
}

const goldens = readGoldens<Record<'random' | 'trained', Golden[]>>('one-shot.json');
const here = fileURLToPath(new URL('one-shot/', import.meta.url));

describe.each(['random', 'trained'] as const)('the %s model answers as in PyTorch', (name) => {
  test('on every file', async () => {
    const answersFile = `${freshPath()}.jsonl`;
    const command = [
      'eval',
      '--run',
      here + name,
      '--tasks',
      `${here}tasks`,
      '--answers',
      answersFile,
      '--json',
    ];
    const { status, stdout, stderr } = await hopgradHere(command);
    expect(status, stderr).toBe(0);
    const { tasks } = JSON.parse(stdout);
    const answers = readFileSync(answersFile, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const golden = goldens[name];
    expect(tasks.map((task: Golden) => task.name)).toEqual(golden.map((task) => task.name));
    expect(answers).toHaveLength(golden.flatMap((task) => task.answers).length);
    for (const task of golden) {
      const own = answers.filter((answer) => answer.task === task.name);
      own.forEach(({ task: of, question, logProbabilities: found = [], ...answer }) => {
        const { logProbabilities: logs = [], ...expected } = task.answers[question];
        expect(answer, `${of} ${question}`).toEqual(expected);
        expect(found, `${of} ${question}`).toHaveLength(logs.length);
        logs.forEach((log, i) => {
          // Of a sum over tokens, each rounded in float32.
          const bound = 1e-5 * (expected.tokens?.[i] ?? 0);
          expect(
            Math.abs(found[i] - log),
            `log P of ${of} ${question}, ${i}: ${found[i]}, ${log}`,
          ).toBeLessThan(bound);
        });
      });
      const { score, layersPerToken } = tasks.find((result: Golden) => result.name === task.name);
      const right = task.answers.filter(({ correct }) => correct).length;
      expect(score).toBe(right / task.answers.length);
      expect(layersPerToken).toBeCloseTo(task.layersPerToken, 6);
    }
  });
});
