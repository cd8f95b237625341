import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  findForbiddenImports,
  findImportCycles,
  findNodeImports,
  type ImportGraph,
  readImports,
} from './import-rules.ts';

/** Vitest runs from the repository's root (see test/vitest.config.ts). */
function readSourceTree(): ImportGraph {
  const graph = new Map<string, ReturnType<typeof readImports>>();
  for (const top of ['src', 'kernels']) {
    if (!existsSync(top)) continue;
    for (const entry of readdirSync(top, { recursive: true, encoding: 'utf8' }).sort()) {
      const file = `${top}/${entry.replaceAll('\\', '/')}`;
      if (file.endsWith('.ts')) graph.set(file, readImports(file, readFileSync(file, 'utf8')));
    }
  }
  return graph;
}

/** A made-up tree: file names and their source text. */
function graphOf(files: Record<string, string>): ImportGraph {
  return new Map(Object.entries(files).map(([file, source]) => [file, readImports(file, source)]));
}

describe('the source tree', () => {
  const graph = readSourceTree();

  test('has files to check', () => {
    expect(graph.size).toBeGreaterThan(0);
  });

  test('imports run downhill', () => {
    expect(findForbiddenImports(graph)).toEqual([]);
  });

  test('no files import one another in a circle, types counted', () => {
    expect(findImportCycles(graph)).toEqual([]);
  });

  test('nothing that src/index.ts leads to needs Node', () => {
    expect(findNodeImports(graph, 'src/index.ts')).toEqual([]);
  });
});

describe('the checks can fail', () => {
  test('uphill and sideways imports are named', () => {
    const graph = graphOf({
      'src/ops/add.ts': `import { Tensor } from '../tensor/tensor.ts';\nimport { Linear } from '../nn/linear.ts';\n`,
      'kernels/matmul/reference.ts': `import type { Tensor } from '../../src/tensor/tensor.ts';\n`,
      'src/data/batches.ts': `import { Random } from '../tensor/random.ts';\nimport { Tensor } from '../tensor/tensor.ts';\n`,
      'src/report/page.ts': `export * from '../train/trainer.ts';\n`,
      'src/train/trainer.ts': `import type { CurvePoint } from '../report/types.ts';\nimport { evaluate } from '../evaluate/loss.ts';\n`,
      'src/evaluate/loss.ts': `import { page } from '../report/types.ts';\n`,
      'src/model/model.ts': `import '../assemble.ts';\n`,
      'src/cli/main.ts': `import { train } from '../train/trainer.ts';\n`,
    });
    expect(findForbiddenImports(graph)).toEqual([
      "src/ops/add.ts imports '../nn/linear.ts': ops may not import nn",
      "kernels/matmul/reference.ts imports '../../src/tensor/tensor.ts': kernels may not import tensor",
      "src/data/batches.ts imports '../tensor/tensor.ts': data may not import tensor (only src/tensor/random.ts)",
      "src/report/page.ts imports '../train/trainer.ts': report may not import train",
      "src/evaluate/loss.ts imports '../report/types.ts': evaluate may not import report (only types of src/report/types.ts)",
      "src/model/model.ts imports '../assemble.ts': model may not import the files directly under src/",
    ]);
  });

  test('unknown rooms, other extensions and files outside the source tree are named', () => {
    const graph = graphOf({
      'src/misc/helper.ts': '',
      'src/nn/linear.ts': `import { add } from '../ops/add.js';\nimport { near } from '../../test/near.ts';\n`,
      'kernels/sort/reference.ts': `import { sort } from 'node:util';\n`,
    });
    expect(findForbiddenImports(graph)).toEqual([
      "src/misc/helper.ts: the room 'misc' has no place in the import order; give it one in test/toolchain/import-rules.ts",
      "src/nn/linear.ts imports '../ops/add.js': a relative import ends in .ts",
      "src/nn/linear.ts imports '../../test/near.ts': nn may not import outside src/ and kernels/",
      "kernels/sort/reference.ts imports 'node:util': kernels run in a browser too",
    ]);
  });

  test('a circle is found through types, and shown whole', () => {
    const graph = graphOf({
      'src/tensor/tensor.ts': `import { Device } from '../device/device.ts';\n`,
      'src/device/device.ts': `import { Buffer } from './buffer.ts';\n`,
      'src/device/buffer.ts': `import type {\n  Shape,\n  Tensor,\n} from '../tensor/tensor.ts';\n`,
    });
    expect(findImportCycles(graph)).toEqual([
      'files import in a circle: src/tensor/tensor.ts -> src/device/device.ts -> src/device/buffer.ts -> src/tensor/tensor.ts',
    ]);
  });

  test('a Node import is found wherever src/index.ts leads, and nowhere else', () => {
    const graph = graphOf({
      'src/index.ts': `export { load } from './data/load.ts';\n`,
      'src/data/load.ts': `import { random } from '../tensor/random.ts';\n`,
      'src/tensor/random.ts': `export async function seed(): Promise<number> {\n  return (await import('node:crypto')).randomInt(9);\n}\n`,
      'src/node.ts': `import { readFileSync } from 'fs';\n`,
    });
    expect(findNodeImports(graph, 'src/index.ts')).toEqual([
      "src/tensor/random.ts imports 'node:crypto', but browsers reach it too: src/index.ts -> src/data/load.ts -> src/tensor/random.ts",
    ]);
    expect(findNodeImports(graph, 'src/node.ts')).toEqual([
      "src/node.ts imports 'fs', but browsers reach it too: src/node.ts",
    ]);
  });

  test('every way to write an import is read', () => {
    const source = [
      `import './side-effect.ts';`,
      `import defaultName, { type A, b } from './names.ts';`,
      `import * as all from "./all.ts";`,
      `import type { T } from './types.ts';`,
      `import {\n  one,\n  two,\n} from './lines.ts';`,
      `export * from './star.ts';`,
      `export * as named from './star-as.ts';`,
      `export type { U } from './export-types.ts';`,
      `// import { gone } from './comment.ts';`,
      `/**\n * import { example } from './docs.ts';\n * const x = await import('./docs.ts');\n */`,
      `export const text: string = 'taken from "./text.ts"';`,
      `export type V = import('./inline.ts').V;`,
      `const late = await import('./late.ts');`,
      `const here = import.meta.url;`,
    ].join('\n');
    expect(readImports('src/nn/x.ts', source)).toEqual([
      { specifier: './side-effect.ts', typeOnly: false },
      { specifier: './names.ts', typeOnly: false },
      { specifier: './all.ts', typeOnly: false },
      { specifier: './types.ts', typeOnly: true },
      { specifier: './lines.ts', typeOnly: false },
      { specifier: './star.ts', typeOnly: false },
      { specifier: './star-as.ts', typeOnly: false },
      { specifier: './export-types.ts', typeOnly: true },
      { specifier: './inline.ts', typeOnly: false },
      { specifier: './late.ts', typeOnly: false },
    ]);
  });

  test('an import that cannot be read is an error, not passed over', () => {
    expect(() => readImports('src/nn/x.ts', `import { a /* why */ } from './a.ts';\n`)).toThrow(
      'src/nn/x.ts:1: cannot read this import',
    );
    expect(() => readImports('src/nn/x.ts', 'const m = await import(name);\n')).toThrow(
      'src/nn/x.ts:1: an import() must name its module in place',
    );
  });
});
