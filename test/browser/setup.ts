/** Before every file: the page is what its headers ask for, and the cpu device what such a page allows. */
import { beforeAll, expect, inject } from 'vitest';
import { cpu } from '../../src/device/cpu.ts';
import { cpuExpected, page } from './page.ts';

beforeAll(() => {
  expect(page.crossOriginIsolated).toBe(inject('isolated'));
  expect(cpu.description).toMatch(cpuExpected());
});
