/** Where Chromium is on this machine, and how it is started. Nothing is downloaded: it is the system's own package. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The path of a Chromium. @throws Error where there is none */
export function findChromium(): string {
  const { CHROMIUM, PATH = '' } = process.env;
  if (CHROMIUM) return CHROMIUM;
  const folders = PATH.split(delimiter);
  const found = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...ELSEWHERE].find(
    canRun,
  );
  if (found) return found;
  throw new Error(
    `no Chromium here (looked for ${NAMES.join(', ')}); install one (Debian: apt-get install chromium) ` +
      'or say where it is: CHROMIUM=/path/to/chromium',
  );
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What Chromium needs to be told in a container, and what CHROMIUM_FLAGS adds: which GPU to draw on, say. */
export function launchArguments(): string[] {
  const { CHROMIUM_FLAGS = '' } = process.env;
  return [
    '--disable-dev-shm-usage', // there is little of it
    '--enable-unsafe-swiftshader', // WebGL in software, where there is no GPU
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // which it asks for when root starts it
    ...CHROMIUM_FLAGS.split(' ').filter(Boolean),
  ];
}
