/** What a reproduction was asked for: kept in its folder as grid.json, so that a report drawn later knows the grid. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../train/corpus.ts';
import { writeFileAtomically } from '../train/write-file.ts';
import type { GridOptions } from './grid.ts';
import { QUESTIONS, quick, recipe, SEEDS } from './recipe.ts';

/** Every setting of a grid, and what its models are asked. */
export interface Asked extends Required<GridOptions> {
  /** Of each task of hop-24. */
  questions: number;
}

/** Some settings, and the usual ones of the grid for the rest. */
export function askedFor({ quick: small = false, seed = 0, ...some }: Partial<Asked> = {}): Asked {
  const usual = small ? quick : { seeds: SEEDS, steps: recipe.training.steps, questions: QUESTIONS };
  const { seeds = usual.seeds, steps = usual.steps, questions = usual.questions } = some;
  return { quick: small, seed, seeds, steps, questions };
}

/** The command line that asks for the same. */
export function askedCommand(asked: Asked): string {
  const usual = askedFor({ quick: asked.quick });
  const counts = ['seed', 'seeds', 'steps', 'questions'] as const;
  const flags = counts
    .filter((name) => asked[name] !== usual[name])
    .map((name) => `--${name} ${asked[name]}`);
  return ['hopgrad reproduce', ...(asked.quick ? ['--quick'] : []), ...flags].join(' ');
}

export function writeAsked(folder: string, asked: Asked): void {
  writeFileAtomically(join(folder, 'grid.json'), `${JSON.stringify(asked, null, 2)}\n`);
}

/** Null where grid.json is not there, or damaged: it says nothing that flags cannot say. */
export function readAsked(folder: string): Asked | null {
  const file = join(folder, 'grid.json');
  if (!existsSync(file)) return null;
  try {
    const { quick: small, seed, seeds, steps, questions } = readJson(file) as unknown as Asked;
    const counts = [seed, seeds - 1, steps - 1, questions - 1];
    const whole = typeof small === 'boolean' && counts.every((n) => Number.isSafeInteger(n) && n >= 0);
    return whole ? { quick: small, seed, seeds, steps, questions } : null;
  } catch {
    return null;
  }
}
