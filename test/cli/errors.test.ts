import { expect, test } from 'vitest';
import { explain } from '../../src/cli/errors.ts';

function systemError(code: string, path?: string): Error {
  return Object.assign(new Error(`${code}: something, open`), { code, path });
}

test('errors of the system are explained with the path and what to do', () => {
  expect(explain(systemError('ENOSPC', 'runs/a/checkpoint.safetensors'))).toBe(
    'runs/a/checkpoint.safetensors: the disk is full; free some space (a training continues with train --resume, a reproduction with the same command) (ENOSPC)',
  );
  expect(explain(systemError('EROFS', '/mnt'))).toBe('/mnt: the folder is read-only; choose another (EROFS)');
  expect(explain(systemError('EACCES', '/root/x'))).toContain('no permission');
  expect(explain(systemError('ENOSPC'))).toMatch(/^a file: the disk is full/);
});

test('other errors keep their message, on one line', () => {
  expect(explain(new Error('first\n  second'))).toBe('first second');
  expect(explain(systemError('E_OTHER'))).toBe('E_OTHER: something, open');
  expect(explain('text')).toBe('text');
});

test('a message is bounded, keeps its end, and cannot steer the terminal', () => {
  const long = explain(new Error(`there is no file ${'x'.repeat(9000)}; give another`));
  expect(long.length).toBeLessThan(620);
  expect(long).toMatch(/^there is no file x+ … x+; give another$/);
  expect(explain(new Error('a\x1b[31m\u202eb'))).toBe('a␛[31m\ufffdb');
  expect(explain(systemError('EFBIG', 'a'))).toContain(
    'a: the file is larger than this account or disk allows',
  );
  expect(explain(systemError('ENAMETOOLONG', 'a'.repeat(5000)))).toContain('the name is too long');
});
