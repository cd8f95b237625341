import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';

/**
 * Reads a training text. Node only.
 *
 * @param path a text file; or a folder, whose .txt and .md files at any depth are joined by a blank line in the
 *   order of their paths, empty ones left out; or nothing, for the embedded corpus
 * @returns the text without a byte order mark
 * @throws Error with one line when there is nothing to read or it is not UTF-8 text
 */
export function loadText(path?: string): string {
  if (path === undefined) {
    // The package names itself, so this finds the corpus from the sources, from dist and when installed.
    return readText(createRequire(import.meta.url).resolve('hopgrad/corpus/moby-dick.txt'));
  }
  const found = path.includes('\0') ? undefined : statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`loadText: there is no file or folder ${path}`);
  const texts = found.isDirectory() ? readFolder(path) : [readText(path)];
  const text = texts.join('\n\n');
  if (text.trim() === '') throw new Error(`loadText: ${path} is empty; give a file or folder with text`);
  return text;
}

function readFolder(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(txt|md)$/i.test(name) && statSync(join(folder, name)).isFile())
    // Windows and others must sort alike, so compare with the same separator.
    .map((name) => name.split(sep).join('/'))
    .sort();
  if (names.length === 0) throw new Error(`loadText: the folder ${folder} holds no .txt or .md file`);
  return names.map((name) => readText(join(folder, name)).trimEnd()).filter((text) => text !== '');
}

function readText(file: string): string {
  const bytes = readFileSync(file);
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    throw new Error(
      `loadText: ${file} looks binary (a zero byte at offset ${zero}); give a UTF-8 text, and convert UTF-16 with: ` +
        'iconv -f UTF-16 -t UTF-8',
    );
  }
  if (!isUtf8(bytes)) {
    throw new Error(
      `loadText: ${file} is not UTF-8 (first bad byte at offset ${invalidOffset(bytes)}); convert it, for example: ` +
        'iconv -f LATIN1 -t UTF-8',
    );
  }
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

/** Where the first byte stands that cannot continue or, at the end, complete a UTF-8 sequence. */
function invalidOffset(bytes: Uint8Array): number {
  // Prefixes are acceptable up to some length and not beyond it: find that length by halving.
  let acceptable = 0;
  let refused = bytes.length + 1;
  while (refused - acceptable > 1) {
    const length = Math.floor((acceptable + refused) / 2);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      acceptable = length;
    } catch {
      refused = length;
    }
  }
  return acceptable;
}
