// Installs what the book is built with, which is not needed for anything else: once, and again when its lock file changes.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { book } from './paths.mjs';

const installed = `${book}node_modules/.package-lock.json`;
const locked = `${book}package-lock.json`;
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(locked).mtimeMs) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: book,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}
