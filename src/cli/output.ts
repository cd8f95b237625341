import pc from 'picocolors';
import { yellow } from '../report/terminal-text.ts';

/**
 * Where a command writes. With --json, standard output carries one line of JSON and nothing else, and what people read
 * goes to standard error.
 */
export class Output {
  readonly json: boolean;
  readonly #stream: NodeJS.WriteStream;
  #liveLine = false;

  constructor(json: boolean = false) {
    this.json = json;
    this.#stream = json ? process.stderr : process.stdout;
  }

  /** Whether lines can be written over. */
  get live(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Whether to colour: on a terminal, unless NO_COLOR says otherwise; FORCE_COLOR colours files too. */
  get colour(): boolean {
    return pc.isColorSupported && (this.live || 'FORCE_COLOR' in process.env);
  }

  /** Columns to fill. */
  get width(): number {
    return Math.min(this.#stream.columns ?? 80, 100);
  }

  /** Writes one or more lines. */
  say(text: string = ''): void {
    this.write(`${text}\n`);
  }

  write(text: string): void {
    this.#stream.write(this.#clearing() + text);
  }

  /** Replaces the last line written so; on a terminal only. */
  progress(line: string): void {
    this.#stream.write(`\r${line.slice(0, (this.#stream.columns ?? 80) - 1)}\x1b[K`);
    this.#liveLine = true;
  }

  /** Tells a person what they should know, aside from the results. */
  warn(text: string): void {
    if (this.#liveLine) this.#stream.write(this.#clearing());
    process.stderr.write(`${yellow(`! ${text}`, pc.isColorSupported && process.stderr.isTTY)}\n`);
  }

  /** The result of the command, printed with --json only. */
  result(value: object): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value)}\n`);
  }

  #clearing(): string {
    const code = this.#liveLine ? '\r\x1b[K' : '';
    this.#liveLine = false;
    return code;
  }
}
