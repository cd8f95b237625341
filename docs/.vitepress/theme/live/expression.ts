/**
 * Expressions as people write them, `tanh(a * b + c)`, with names for what is used twice: `s = exp(a); s / (1 + s)`.
 * A recursive descent: a function for each level of the grammar, and nothing that the reader types is ever run.
 *
 *     program  := (name '=' sum ';')* sum
 *     sum      := product (('+' | '-') product)*
 *     product  := signed (('*' | '/') signed)*
 *     signed   := '-' signed | power
 *     power    := atom (('^' | '**') signed)?
 *     atom     := number | name | name '(' sum (',' sum)* ')' | '(' sum ')'
 */

/** What an expression may call, with how many arguments: all of them methods of Tensor. */
export const functions = {
  tanh: 1,
  sigmoid: 1,
  relu: 1,
  exp: 1,
  log: 1,
  sqrt: 1,
  square: 1,
  abs: 1,
  sin: 1,
  cos: 1,
  gelu: 1,
  silu: 1,
  softplus: 1,
  maximum: 2,
  minimum: 2,
  pow: 2,
} as const;

export type FunctionName = keyof typeof functions;

/** An op of the library. */
export type OpName = FunctionName | 'add' | 'sub' | 'mul' | 'div' | 'neg';

export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'leaf'; name: string }
  /** `name` where the reader gave the value one. The same object stands wherever a named value is used. */
  | { kind: 'op'; op: OpName; args: Expression[]; name?: string };

/** What cannot be read, and where in the text. */
export class ExpressionError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = 'ExpressionError';
    this.at = at;
  }
}

const MOST_OPS = 40;
const MOST_LEAVES = 8;

/** @throws ExpressionError */
export function parseExpression(text: string): Expression {
  return new Parser(text).program();
}

/** The names of the leaves an expression needs, in the order of the alphabet. */
export function leavesOf(expression: Expression): string[] {
  const names = new Set<string>();
  visit(expression, (one) => {
    if (one.kind === 'leaf') names.add(one.name);
  });
  return [...names].sort();
}

/** Calls `see` for every part once, inputs before what uses them. */
export function visit(expression: Expression, see: (one: Expression) => void): void {
  const seen = new Set<Expression>();
  const walk = (one: Expression): void => {
    if (seen.has(one)) return;
    seen.add(one);
    if (one.kind === 'op') one.args.forEach(walk);
    see(one);
  };
  walk(expression);
}

interface Token {
  kind: 'number' | 'name' | 'sign' | 'end';
  text: string;
  at: number;
}

const TOKEN = /\s*(?:(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|[-+*/^(),;=]))/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const start = at + text.slice(at).search(/\S/);
    if (!match) throw new ExpressionError(`“${text[start]}” means nothing here`, start);
    const [, number, name, sign] = match;
    const kind = number ? 'number' : name ? 'name' : 'sign';
    tokens.push({ kind, text: number ?? name ?? sign, at: start });
    at = TOKEN.lastIndex;
  }
  return [...tokens, { kind: 'end', text: 'the end', at: text.trimEnd().length }];
}

class Parser {
  readonly #tokens: Token[];
  #next = 0;
  #ops = 0;
  /** The leaves and the named values; one object each. */
  readonly #known = new Map<string, Expression>();
  #leaves = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  program(): Expression {
    while (this.#peek().kind === 'name' && this.#peek(1).text === '=') this.#definition();
    const result = this.#sum();
    const rest = this.#peek();
    if (rest.text === '=') throw new ExpressionError('only a name can stand before “=”', rest.at);
    if (rest.kind !== 'end')
      throw new ExpressionError(`“${rest.text}” does not fit after a whole expression`, rest.at);
    return result;
  }

  #definition(): void {
    const { text: name, at } = this.#take();
    if (Object.hasOwn(functions, name)) throw new ExpressionError(`${name} is the name of a function`, at);
    if (this.#known.has(name)) throw new ExpressionError(`${name} has a value already`, at);
    this.#take(); // =
    const value = this.#sum();
    if (this.#peek().text !== ';') {
      throw new ExpressionError(`“;” is missing after the value of ${name}`, this.#peek().at);
    }
    this.#take();
    if (value.kind === 'op') value.name ??= name;
    this.#known.set(name, value);
  }

  #sum(): Expression {
    let left = this.#product();
    while (['+', '-'].includes(this.#peek().text)) {
      const sign = this.#take();
      left = this.#op(sign.text === '+' ? 'add' : 'sub', [left, this.#product()], sign.at);
    }
    return left;
  }

  #product(): Expression {
    let left = this.#signed();
    while (['*', '/'].includes(this.#peek().text)) {
      const sign = this.#take();
      left = this.#op(sign.text === '*' ? 'mul' : 'div', [left, this.#signed()], sign.at);
    }
    return left;
  }

  #signed(): Expression {
    if (this.#peek().text !== '-') return this.#power();
    const { at } = this.#take();
    const value = this.#signed();
    return value.kind === 'number' ? { kind: 'number', value: -value.value } : this.#op('neg', [value], at);
  }

  #power(): Expression {
    const base = this.#atom();
    if (!['^', '**'].includes(this.#peek().text)) return base;
    const { at } = this.#take();
    return this.#op('pow', [base, this.#signed()], at);
  }

  #atom(): Expression {
    const token = this.#take();
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
    if (token.kind === 'name') return this.#peek().text === '(' ? this.#call(token) : this.#name(token);
    if (token.text === '(') {
      const inner = this.#sum();
      this.#close(token.at);
      return inner;
    }
    const found = token.kind === 'end' ? 'the text ends' : `“${token.text}” stands`;
    throw new ExpressionError(`${found} where a number, a name or “(” should be`, token.at);
  }

  #call({ text: name, at }: Token): Expression {
    if (!Object.hasOwn(functions, name)) {
      throw new ExpressionError(
        `there is no function ${name}; there are ${Object.keys(functions).join(', ')}`,
        at,
      );
    }
    const open = this.#take();
    const args = [this.#sum()];
    while (this.#peek().text === ',') {
      this.#take();
      args.push(this.#sum());
    }
    this.#close(open.at);
    const wanted = functions[name as FunctionName];
    if (args.length !== wanted) {
      throw new ExpressionError(
        `${name} takes ${wanted === 1 ? 'one value' : 'two values'}, not ${args.length}`,
        at,
      );
    }
    return this.#op(name as FunctionName, args, at);
  }

  #name({ text: name, at }: Token): Expression {
    const known = this.#known.get(name);
    if (known) return known;
    if (Object.hasOwn(functions, name)) {
      throw new ExpressionError(`${name} is a function: write ${name}(…)`, at);
    }
    if (++this.#leaves > MOST_LEAVES) {
      throw new ExpressionError(`more than ${MOST_LEAVES} different names are too many for this page`, at);
    }
    const made: Expression = { kind: 'leaf', name };
    this.#known.set(name, made);
    return made;
  }

  #op(op: OpName, args: Expression[], at: number): Expression {
    if (++this.#ops > MOST_OPS) {
      throw new ExpressionError(`more than ${MOST_OPS} operations are too many for this page`, at);
    }
    return { kind: 'op', op, args };
  }

  #close(openedAt: number): void {
    const token = this.#take();
    if (token.text === ')') return;
    const opened = `the “(” at character ${openedAt + 1}`;
    const found = token.kind === 'end' ? 'the text ends' : `“${token.text}” stands`;
    throw new ExpressionError(`${found} before ${opened} is closed`, token.at);
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)];
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }
}
