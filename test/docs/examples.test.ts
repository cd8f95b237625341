/**
 * Every example in the documentation runs: the `js` blocks of a page are one program, and what stands behind
 * `// →` is what the line prints.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.md') && !/\/(node_modules|api|source)\//.test(name)),
];

/** The code of a page, and what it says that it prints. */
function program(page: string): { code: string; printed: string[] } {
  const text = readFileSync(join(root, page), 'utf8');
  const code = [...text.matchAll(/^```js\n(.*?)^```/gms)].map((block) => block[1]).join('\n');
  const printed = [...code.matchAll(/\/\/ → (.*)$/gm)].map((match) => match[1].trim());
  return { code, printed };
}

describe('the examples print what they say', () => {
  for (const page of pages) {
    const { code, printed } = program(page);
    if (!code) continue;
    test(page, () => {
      // Inside the package, so that `import … from 'hopgrad'` finds the build.
      const folder = join(root, 'dist', 'examples');
      mkdirSync(folder, { recursive: true });
      const file = join(folder, `${page.replaceAll('/', '-')}.mjs`);
      writeFileSync(file, code);
      const output = execFileSync(process.execPath, [file], { cwd: root, encoding: 'utf8' });
      expect(output.trim().split('\n')).toEqual(printed);
    });
  }
});

describe('the links between pages lead somewhere', () => {
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:|#|\/)([^)#\s]+)[^)]*\)/g)].map((match) => match[1]);
    test.each(links.length > 0 ? links : ['.'])(`${page} → %s`, (link) => {
      expect(() => readdirSync(join(root, page, '..', link, '..'))).not.toThrow();
      const target = new URL(link, new URL(page, `file://${root}`));
      expect(readdirSync(new URL('.', target)).concat('')).toContain(target.pathname.split('/').at(-1));
    });
  }
});
