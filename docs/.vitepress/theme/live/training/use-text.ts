/** What is trained on: Moby Dick, which comes with the site, or a text of the reader's own. */
import { withBase } from 'vitepress';

let mobyDick: Promise<string> | null = null;

/** The text of the book; loaded once. @throws Error where it cannot be loaded */
export function loadMobyDick(): Promise<string> {
  mobyDick ??= load().catch((error) => {
    mobyDick = null; // to be tried again
    throw error;
  });
  return mobyDick;
}

async function load(): Promise<string> {
  const address = withBase('/moby-dick.txt');
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} could not be loaded: ${answer.status}`);
  return answer.text();
}
