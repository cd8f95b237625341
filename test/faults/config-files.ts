/** Damaged config.json files, in a run folder whose checkpoint fits the damage or does not. */
import fc from 'fast-check';
import { type Mutation, mutate, mutations } from './json-mutations.ts';

export interface ConfigRecipe {
  changes: Mutation[];
  /** A number of the model or of the training, made another. */
  number: { of: 'model' | 'training'; name: number; value: unknown } | null;
  /** Whether the checkpoint says that it belongs to the damaged file. */
  sign: boolean;
  /** Which weights the folder holds. */
  weights: 'checkpoint' | 'model' | 'none';
}

const numbers = [
  0,
  -1,
  1,
  2,
  3,
  0.5,
  // Between what fits and this lie models of gigabytes: without weights beside it nothing says that they were not meant.
  1e7,
  1e9,
  2 ** 31,
  2 ** 53,
  1e300,
  '1e9',
  'NaN',
  null,
  [1, 1],
  [1e9],
  [0.5, 'x'],
  { a: 1 },
];

export const configRecipes: fc.Arbitrary<ConfigRecipe> = fc.record({
  changes: fc.oneof(fc.constant<Mutation[]>([]), mutations),
  number: fc.option(
    fc.record({
      of: fc.constantFrom<'model' | 'training'>('model', 'training'),
      name: fc.nat(30),
      value: fc.constantFrom<unknown>(...numbers),
    }),
    { freq: 3 },
  ),
  sign: fc.boolean(),
  weights: fc.constantFrom<ConfigRecipe['weights']>('checkpoint', 'checkpoint', 'model', 'none'),
});

/** @param config a config.json that works */
export function damagedConfig(config: string, { changes, number }: ConfigRecipe): string {
  const json = JSON.parse(config);
  if (number) {
    const section = json[number.of];
    const keys = Object.keys(section);
    section[keys[number.name % keys.length]] = number.value;
  }
  const text = JSON.stringify(json);
  return changes.length > 0 ? mutate(text, changes) : text;
}
