import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadText } from '../../src/data/load-text.ts';
import { bigramEntropy, TextDataset } from '../../src/data/text-dataset.ts';
import { CharacterTokenizer } from '../../src/data/tokenizer.ts';

const folder = mkdtempSync(join(tmpdir(), 'hopgrad-text-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe('loadText', () => {
  it('finds the embedded corpus, unchanged', () => {
    const text = loadText();
    expect(createHash('sha256').update(text).digest('hex')).toBe(
      'fe282a57094ed62e7144fb7c804a9748fc1c909bf3b49d06e7276015f9f67240',
    );
    const tokenizer = CharacterTokenizer.fromText(text);
    expect(tokenizer.vocabularySize).toBe(84); // 83 characters and the unknown one
    const { train, validation } = new TextDataset(tokenizer.encode(text));
    expect([train.length, validation.length]).toEqual([1071285, 119032]);
    // Computed separately, with Python's collections.Counter.
    expect(bigramEntropy(train, validation, 84)).toBeCloseTo(2.4622493570479898, 10);
  });

  it('reads a file of any name, without its byte order mark', () => {
    expect(loadText(write('plain.csv', '\uFEFFdéjà\r\nvu\uFEFF'))).toBe('déjà\r\nvu\uFEFF');
  });

  it('joins the .txt and .md files of a folder in the order of their paths', () => {
    write('books/b.md', 'second\n');
    write('books/a.txt', '\uFEFFfirst\n\n');
    write('books/b/c.TXT', 'third');
    write('books/empty.txt', '');
    write('books/no.json', '{}');
    mkdirSync(join(folder, 'books/z.txt'));
    expect(loadText(join(folder, 'books'))).toBe('first\n\nsecond\n\nthird');
  });

  it('refuses what it cannot read, naming the file', () => {
    expect(() => loadText(join(folder, 'missing.txt'))).toThrow(/no file or folder .*missing\.txt$/);
    expect(() => loadText(write('empty.txt', ''))).toThrow(/empty\.txt is empty/);
    expect(() => loadText(write('blank.txt', '\uFEFF \n'))).toThrow(/blank\.txt is empty/);
    write('none/a.json', '{}');
    expect(() => loadText(join(folder, 'none'))).toThrow(/holds no \.txt or \.md file/);
    expect(() => loadText(write('image.txt', Uint8Array.of(0x89, 0x50, 0, 1)))).toThrow(
      /image\.txt looks binary \(a zero byte at offset 2\)/,
    );
  });

  it.each([
    ['a stray byte', [0x61, 0x62, 0xff, 0x63], 2],
    ['a bad second byte', [0xc3, 0xa9, 0xe2, 0x28, 0xa1], 3],
    ['a character cut short by the end', [0x61, 0xe2, 0x80], 3],
    ['an encoded surrogate', [0x61, 0xed, 0xa0, 0x80], 2],
  ])('says where the text stops being UTF-8: %s', (name, bytes, offset) => {
    const path = write(`${name}.txt`, Uint8Array.from(bytes));
    expect(() => loadText(path)).toThrow(
      new RegExp(`${name}\\.txt is not UTF-8 \\(first bad byte at offset ${offset}\\)`),
    );
  });
});
