// What a reader sees, for a terminal of 80 columns.
import pc from 'picocolors';
import { chapterTitle, numberOf } from './files.mjs';

const WIDTH = 78;

/** Words in lines, each behind an indent. */
export function wrap(text, indent = '  ') {
  return text
    .split('\n\n')
    .map((paragraph) => {
      const lines = [];
      let line = '';
      for (const word of paragraph.split(/\s+/)) {
        if (line && line.length + word.length + 1 > WIDTH - indent.length) {
          lines.push(line);
          line = word;
        } else line = line ? `${line} ${word}` : word;
      }
      return [...lines, line].map((each) => indent + each).join('\n');
    })
    .join('\n\n');
}

/** A name in a column of its own, a value of one line or more beside it. */
function entry(name, text, width, colour = (value) => value) {
  const indent = ' '.repeat(4 + width + 2);
  const lines = text.split('\n').map((line) => colour(line));
  return `    ${pc.dim(name.padEnd(width))}  ${lines.join(`\n${indent}`)}`;
}

/** The task, above whatever comes of it. */
export function heading(folder, { title, chapter, task }) {
  const right = `chapter ${chapter}`;
  const left = `Exercise ${Number(numberOf(folder))}. ${title}`;
  const gap = ' '.repeat(Math.max(2, WIDTH - left.length - right.length));
  return `\n${pc.bold(left)}${gap}${pc.dim(right)}\n\n${wrap(task)}\n`;
}

/** What came of an answer, and what to do next. */
export function report(folder, { state, held, failure }, { seed, next }) {
  const number = numberOf(folder);
  const lines = held.map((says) => mark(pc.green('✓'), says));
  if (state === 'solved') {
    lines.push('', pc.green(pc.bold('  Solved.')));
    lines.push(wrap(`Another way to write it: npm run learn ${number} solution`));
    if (next) lines.push(wrap(`Next: npm run learn ${numberOf(next)}`));
    return lines.join('\n');
  }
  if (state === 'open') {
    lines.push(pc.yellow('  Not written yet.'));
    lines.push(wrap(`Write it in docs/exercises/${folder}/exercise.ts, in place of 'throw new Hole()'.`));
    lines.push(wrap(`A hint: npm run learn ${number} hint`));
    return lines.join('\n');
  }
  lines.push(mark(pc.red('✗'), failure.says), '');
  const compared = failure.expected === null ? [] : ['expected', 'got'];
  const width = Math.max(
    0,
    ...[...failure.given.map(([name]) => name), ...compared].map((name) => name.length),
  );
  if (failure.given.length > 0) {
    lines.push(pc.dim('    The smallest case found:'), '');
    lines.push(...failure.given.map(([name, value]) => entry(name, value, width)), '');
  }
  if (failure.threw) {
    lines.push(
      '    It threw an error:',
      '',
      failure.what
        .split('\n')
        .map((line) => pc.red(wrap(line, '      ')))
        .join('\n'),
    );
  } else if (failure.expected === null) {
    lines.push(wrap(failure.what, '    '));
  } else {
    lines.push(wrap(`${failure.what}:`, '    '), '');
    lines.push(entry('expected', failure.expected, width, pc.green));
    lines.push(entry('got', failure.got, width, pc.red));
  }
  if (failure.shrunk !== null) {
    const times = failure.shrunk === 1 ? 'once' : `${failure.shrunk} times`;
    const how = failure.shrunk > 0 ? `made smaller ${times}` : 'as it was drawn';
    lines.push('', pc.dim(wrap(`Seed ${seed}, ${how}. Other cases: npm run learn ${number} seed 1`, '    ')));
  }
  lines.push('', wrap(`A hint: npm run learn ${number} hint`));
  return lines.join('\n');
}

function mark(sign, says) {
  return `  ${sign} ${wrap(says, '    ').trimStart()}`;
}

/** Errors of the compiler in a file, each below its line. */
export function typeErrors(file, errors) {
  const lines = [pc.red('  It does not compile yet.')];
  for (const { line, column, message, source } of errors) {
    lines.push('', `  ${pc.cyan(`${file}:${line}:${column}`)}`);
    const gutter = `  ${String(line).padStart(4)} | `;
    const trimmed =
      Math.max(0, source.length - (WIDTH - gutter.length)) > 0
        ? source.length - source.trimStart().length
        : 0;
    lines.push(pc.dim(gutter) + source.slice(trimmed));
    lines.push(' '.repeat(gutter.length + column - 1 - trimmed) + pc.red('^'));
    lines.push(...message.split('\n').map((text) => wrap(text, `  ${/^ */.exec(text)[0]}`)));
    const missing = /^Cannot find name '(\w+)'/.exec(message);
    if (missing) lines.push(wrap(`If ${missing[1]} is the library's, import it from 'hopgrad' at the top.`));
  }
  return lines.join('\n');
}

/** All exercises by chapter. */
export function list(rows) {
  const solved = rows.filter(({ state }) => state === 'solved').length;
  const count = `${solved} of ${rows.length} solved`;
  const title = 'The exercises of the book';
  const lines = ['', pc.bold(title) + ' '.repeat(WIDTH - title.length - count.length) + count];
  let chapter = null;
  for (const { folder, state, ...row } of rows) {
    if (row.chapter !== chapter) lines.push('', pc.dim(`  ${row.chapter}. ${chapterTitle(row.chapter)}`));
    chapter = row.chapter;
    const [sign, note] = {
      solved: [pc.green('✓'), ''],
      open: [pc.dim('·'), ''],
      wrong: [pc.yellow('~'), pc.yellow('begun')],
      broken: [pc.red('!'), pc.red('does not compile')],
    }[state];
    lines.push(`  ${sign} ${numberOf(folder)}  ${row.title.padEnd(52)} ${note}`.trimEnd());
  }
  const next = rows.find(({ state }) => state !== 'solved');
  lines.push('', pc.dim('  ✓ solved   ~ begun   ! does not compile   · not written yet'));
  lines.push(next ? wrap(`Next: npm run learn ${numberOf(next.folder)}`) : pc.green('  All solved.'));
  return lines.join('\n');
}

export const usage = `
${pc.bold('npm run learn')}                 all exercises of the book, and which you have solved
${pc.bold('npm run learn 06')}              checks yours; 06 or a part of the name, as matmul
${pc.bold('npm run learn 06 hint')}         a first hint; hint 2 is a fuller one
${pc.bold('npm run learn 06 solution')}     one way to write it
${pc.bold('npm run learn 06 seed 7')}       checks other cases than usual
${pc.bold('npm run learn reset 06')}        puts the hole back; yours is kept in dist
${pc.bold('npm run learn help')}            this

  The words may be flags as well: npm run learn 06 --hint --hint
  Exercises are in docs/exercises, a folder each; you write into exercise.ts.
  The exit status is 1 while an exercise that was named is not solved.
`;
