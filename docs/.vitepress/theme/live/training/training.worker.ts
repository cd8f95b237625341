/** The worker in which a page trains: the library, and the host that speaks with the page. */
import { TrainingHost } from './host.ts';
import type { Request } from './protocol.ts';

const { port1, port2 } = new MessageChannel();
/** A message to oneself comes behind those that wait, and sooner than any timer. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    port2.onmessage = () => resolve();
    port1.postMessage(null);
  });

const host = new TrainingHost({ post: (reply) => postMessage(reply), turn });
addEventListener('message', ({ data }: MessageEvent<Request>) => void host.receive(data));
