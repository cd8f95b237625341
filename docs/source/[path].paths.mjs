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

function code(path) {
  const language = LANGUAGES[path.split('.').at(-1)] ?? 'text';
  return `\`\`\`\`${language}:line-numbers\n${readFileSync(root + path, 'utf8').trimEnd()}\n\`\`\`\``;
}
