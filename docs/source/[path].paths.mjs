// A page for every file of the repository that another page shows or links to, and a list for every folder.
import { readFileSync } from 'node:fs';
import { entriesOf, isFolder, pageName, shownFiles, sourcePage } from '../site/pages-plugin.mjs';
import { root } from '../site/paths.mjs';

const LANGUAGES = { ts: 'ts', mjs: 'js', js: 'js', json: 'json', md: 'md', vue: 'vue' };

export default {
  paths: () =>
    shownFiles().map((path) => ({
      params: { path: pageName(path) },
      content: `# ${path}\n\n${isFolder(path) ? list(path) : code(path)}`,
    })),
};

function list(path) {
  return entriesOf(path)
    .map((entry) => `- [${entry}](${sourcePage(`${path}/${entry}`)})`)
    .join('\n');
}

/** Of a file of data, in lines; there are hundreds of them, and all are alike. */
const LONGEST_DATA = 60;

function code(path) {
  const lines = readFileSync(root + path, 'utf8')
    .trimEnd()
    .split('\n');
  const fenced = (language, shown) => `\`\`\`\`${language}\n${shown.join('\n')}\n\`\`\`\``;
  if (path.endsWith('.json') && lines.length > LONGEST_DATA) {
    return `The first ${LONGEST_DATA} of ${lines.length} lines.\n\n${fenced('text', lines.slice(0, LONGEST_DATA))}`;
  }
  const language = LANGUAGES[path.split('.').at(-1)] ?? 'text';
  return fenced(`${language}:line-numbers`, lines);
}
