// Installs what the book is built with, which is not needed for anything else: once, and again when its lock file changes.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { book } from './paths.mjs';

const wanted = readFileSync(`${book}package-lock.json`, 'utf8');
const installed = `${book}node_modules/.installed-from-lock.json`;
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: book,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  writeFileSync(installed, wanted);
}
