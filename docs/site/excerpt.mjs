// Code for the pages: a region of an example, or a declaration of the project by its name.
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { root } from './paths.mjs';

/**
 * @param path from the repository's folder: docs/examples/01-tensors/strides.ts, src/routing/estimators.ts
 * @param name a region of an example; of any other file a function, class, constant or type, or `Class.method`; the whole
 *   file where there is none
 * @throws Error where there is no such thing
 */
export function excerpt(path, name) {
  const text = readFileSync(root + path, 'utf8');
  if (!name) return withoutMarks(text).trim();
  const found = path.startsWith('docs/') ? region(text, name) : declaration(path, text, name);
  if (found === null)
    throw new Error(`${path} has no ${path.startsWith('docs/') ? 'region' : 'declaration'} '${name}'`);
  return outdent(withoutMarks(found));
}

function region(text, name) {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return (
    text.match(new RegExp(`^[ \\t]*// #region ${escaped}[ \\t]*\\n(.*?)^[ \\t]*// #endregion`, 'ms'))?.[1] ??
    null
  );
}

function declaration(path, text, name) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const [outer, member] = name.split('.');
  const statement = file.statements.find((node) => namesOf(node).includes(outer));
  const node = member ? statement?.members?.find((one) => memberName(one) === member) : statement;
  return node ? ' '.repeat(columnOf(file, node)) + node.getText() : null;
}

function namesOf(node) {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map((one) => one.name.getText());
  return node.name ? [node.name.getText()] : [];
}

const memberName = (node) => (ts.isConstructorDeclaration(node) ? 'constructor' : node.name?.getText());

const columnOf = (file, node) => file.getLineAndCharacterOfPosition(node.getStart()).character;

const withoutMarks = (text) => text.replace(/^[ \t]*\/\/ #(end)?region.*\n?/gm, '');

function outdent(text) {
  const lines = text
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n');
  const depth = Math.min(...lines.filter((line) => line.trim()).map((line) => line.match(/^ */)[0].length));
  return lines.map((line) => line.slice(depth)).join('\n');
}
