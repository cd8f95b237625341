// Writes the API reference from the docstrings: docs/reference/api, a page for each of the sections in api-sections.mjs.
// An op's docstring is the `doc` of its record; ops are shown as the functions that they are, and Tensor's methods among
// them in a table of their own. Nothing of this is kept in the repository: npm run docs:prepare writes it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import {
  Application,
  Comment,
  CommentTag,
  Converter,
  ParameterReflection,
  ReflectionFlag,
  ReflectionKind,
} from 'typedoc';
import ts from 'typescript';
import { ops } from '../pages/op-files.mjs';
import { cell } from '../pages/results-file.mjs';
import { sections } from './api-sections.mjs';
import { book, root } from './paths.mjs';

const out = `${book}reference/api`;
const entries = new Map(sections.map(({ name }) => [`${root}docs/.api/${name}.ts`, '']));
const records = new Map(ops.map((op) => [op.name, op]));
/** The group of the types that exports mention without being exported themselves. */
const MENTIONED = 'Types they mention';
/** Names of the methods that src/assemble.ts puts on Tensor. */
const onTensor = new Set();
let added = new Set();
let program;
/** Rooms whose types are not shown, where an export mentions them. */
const CLOSED = /^(kernels|src\/device\/(storage|fusion)|src\/tensor\/graph-node)/;

const exported = readExports('src/index.ts');
for (const { name, rooms } of sections) {
  const own = exported.filter(({ from }) => rooms.some((room) => from.startsWith(`${room}/`)));
  write(name, name === 'node' ? readExports('src/node.ts') : own);
}
const app = await Application.bootstrapWithPlugins({
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: [`${root}src/index.ts`],
  tsconfig: `${root}tsconfig.json`,
  basePath: root,
  disableGit: true,
  readme: 'none',
  excludePrivate: true,
  excludeExternals: true,
  sort: ['source-order'],
  groupOrder: ['Functions', 'Classes', 'Variables', 'Interfaces', 'Type Aliases', '*', MENTIONED],
  validation: { notExported: false },
  logLevel: 'Warn',
  outputFileStrategy: 'modules',
  entryFileName: 'index.md',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  hideGroupHeadings: false,
  useCodeBlocks: true,
  expandObjects: true,
  expandParameters: true,
  useHTMLAnchors: true,
  anchorPrefix: 'api-',
  skipErrorChecking: true,
  tableColumnSettings: { hideSources: true, hideInherited: true, hideModifiers: true, hideOverrides: true },
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
});
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => tidy(project));

let project = convert();
added = addMentioned(project);
if (added.size > 0) project = convert();
rmSync(out, { recursive: true, force: true });
await app.outputs.writeOutput({ name: 'markdown', path: out }, project);
if (app.logger.hasErrors()) process.exit(1);
finish();

/** The exports of an entry of the library, each with the file that it comes from. */
function readExports(path) {
  const file = ts.createSourceFile(path, readFileSync(root + path, 'utf8'), ts.ScriptTarget.Latest, true);
  return file.statements.filter(ts.isExportDeclaration).flatMap((statement) => {
    const from = posix.join(posix.dirname(path), statement.moduleSpecifier.text);
    return {
      from,
      text: statement.getText().replace(statement.moduleSpecifier.getText(), `'${root}${from}'`),
    };
  });
}

function write(name, list) {
  const assembled = `import '${root}src/assemble.ts';\n`;
  entries.set(`${root}docs/.api/${name}.ts`, assembled + list.map(({ text }) => text).join('\n'));
}

/** The library and a file for each page, which exists here alone. */
function convert() {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  Object.assign(options, { noEmit: true, incremental: false, rootDir: root, noUnusedLocals: false });
  delete options.tsBuildInfoFile;
  const host = ts.createCompilerHost(options, true);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => entries.has(path) || fileExists(path);
  host.readFile = (path) => entries.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const text = entries.get(path) ?? (path.startsWith(`${root}src/ops/`) ? withDocs(path) : null);
    return text === null
      ? getSourceFile(path, ...rest)
      : ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  };
  program = ts.createProgram([...entries.keys()], options, host, program);
  return app.converter.convert(
    sections.map(({ name }) => ({
      displayName: name,
      program,
      sourceFile: program.getSourceFile(`${root}docs/.api/${name}.ts`),
    })),
  );
}

/** A file of src/ops with the doc of every record as the docstring of its op, on the line of the op. */
function withDocs(path) {
  return readFileSync(path, 'utf8').replace(/^export const (\w+):/gm, (line, name) =>
    records.has(name) ? `/** ${records.get(name).doc.replaceAll('@', '\\@')} @function */ ${line}` : line,
  );
}

function tidy(project) {
  const elsewhere = [];
  for (const reflection of Object.values(project.reflections)) {
    if (reflection.kindOf(ReflectionKind.CallSignature)) spread(reflection);
    if (isOnTensor(reflection)) onTensor.add(reflection.name);
    if (isOnTensor(reflection) || isInherited(reflection)) elsewhere.push(reflection);
    if (added.has(reflection.name) && reflection.parent?.kindOf(ReflectionKind.Module))
      inGroup(reflection, MENTIONED);
  }
  for (const reflection of elsewhere) project.removeReflection(reflection);
}

/** Whether it is what src/assemble.ts has made a method of Tensor: such have no declaration there. */
function isOnTensor({ name, parent, type, kind }) {
  const own = parent?.name === 'Tensor' && parent.kindOf(ReflectionKind.Class);
  return own && kind === ReflectionKind.Property && type?.type === 'reflection' && name !== 'node';
}

/** Whether the page of a class it extends says it already. */
function isInherited(reflection) {
  return reflection.inheritedFrom && reflection.kind !== ReflectionKind.Constructor && reflection.parent;
}

function inGroup(reflection, name) {
  reflection.comment ??= new Comment();
  reflection.comment.blockTags.push(new CommentTag('@group', [{ kind: 'text', text: name }]));
}

/** (...args: [x: Tensor, axis?: number]) as (x: Tensor, axis?: number). */
function spread(signature) {
  const [list, ...others] = signature.parameters ?? [];
  if (!list?.flags.isRest || others.length > 0) return;
  const tuple = list.type?.type === 'reference' ? list.type.reflection?.type : list.type;
  if (tuple?.type !== 'tuple') return;
  signature.parameters = tuple.elements.map((element, i) => {
    const isRest = element.type === 'rest';
    const member = isRest ? element.elementType : element;
    const named = member.type === 'namedTupleMember';
    const name = named ? member.name : `argument${i}`;
    const parameter = new ParameterReflection(name, ReflectionKind.Parameter, signature);
    parameter.type = named ? member.element : member;
    parameter.setFlag(ReflectionFlag.Optional, named && member.isOptional);
    parameter.setFlag(ReflectionFlag.Rest, isRest);
    signature.project.registerReflection(parameter, undefined, undefined);
    return parameter;
  });
}

/** Adds to each page the types that its exports mention, where a file of the library exports them. */
function addMentioned(project) {
  const names = new Set();
  const known = new Set(project.children.flatMap(({ children = [] }) => children.map(({ name }) => name)));
  for (const module of project.children) {
    const visit = (value) => {
      if (typeof value !== 'object' || value === null) return;
      const { type, target, name } = value;
      if (type === 'reference' && typeof target === 'object' && !known.has(name)) {
        const path = target.packagePath?.replaceAll('\\', '/') ?? '';
        if (path.startsWith('src/') && !CLOSED.test(path) && isExported(path, name)) {
          known.add(name);
          names.add(name);
          const entry = `${root}docs/.api/${module.name}.ts`;
          entries.set(entry, `${entries.get(entry)}\nexport type { ${name} } from '${root}${path}';`);
        }
      }
      for (const part of Object.values(value)) visit(part);
    };
    visit(app.serializer.toObject(module));
  }
  return names;
}

function isExported(path, name) {
  return new RegExp(`^export (interface|type|class|const|abstract class) ${name}\\b`, 'm').test(
    readFileSync(root + path, 'utf8'),
  );
}

/** What typedoc writes, as a page of the book: with a title, links to files, and no list that says nothing. */
function finish() {
  const functions = new Map(
    project.children.flatMap(({ name, children = [] }) =>
      children.filter(({ signatures }) => signatures).map((one) => [one.name, { page: name, one }]),
    ),
  );
  for (const { name, title } of sections) {
    let text = readFileSync(`${out}/${name}.md`, 'utf8')
      .replace(/^# .*\n/, `# ${title}\n`)
      .replace(/^Defined in: (\S+?):\d+$/gm, '[$1](../../../$1)')
      .replace(/^#{3,6} Returns\n\n[^\n]+\n\n(?=\*\*\*|#|<a)/gm, '')
      .replace(/^#{3,6} Parameters\n\n\| Parameter \| Type \|\n.*?\n\n/gms, typesIn)
      .replace(
        /^#{3,6} (Parameters|Returns|Throws|Extends|Extended by|Implements|Type Parameters|Default Value|Example|See)$/gm,
        '**$1**',
      )
      .replace(/^#{3,6} (Overrides|Implementation of)\n\n[^\n]+\n\n/gm, '')
      .replace('**Extends**\n\n- `OpMethods`\n- `OtherMethods`\n\n', '')
      .replace(/^#{3,6} (Get Signature|Constructors?)\n\n/gm, '')
      .replaceAll('__namedParameters', 'options')
      .replaceAll('| `undefined` |', '| |')
      .replace(/^\*\*\*\n\n/gm, '');
    if (name === 'ops')
      text = text.replace(
        /^### (\w+)\(\)\n\n```ts\n.*?\n```\n/gms,
        (head, op) => head + placesOf(functions, op),
      );
    if (name === 'tensors')
      text = text.replace(/^### Tensor$.*?(?=^#### )/ms, (head) => head + methodsOf(functions));
    writeFileSync(
      `${out}/${name}.md`,
      text.replace(/^### .*?(?=^##? |^### |(?![\s\S]))/gms, once).replace(/\n{3,}/g, '\n\n'),
    );
  }
  const list = sections.map(({ name, title }) => `- [${title}](${name}.md)`);
  writeFileSync(
    `${out}/index.md`,
    [
      '# API',
      '',
      "What `hopgrad` exports, from the docstrings. The ops' numbers stand in [the table of ops](../ops.md).",
      '',
      ...list,
      '',
    ].join('\n'),
  );
}

/** In place of a table of parameters without words: where their types are explained, but for Tensor's. */
function typesIn(table) {
  const links = new Set(table.match(/\[`[^\]]*`\]\((?!(?:tensors\.md)?#api-tensor-\d\))[^)]*\)/g));
  return links.size > 0 ? `Types: ${[...links].join(', ')}\n\n` : '';
}

/** A file once for all that it has of a function or class. */
function once(section) {
  const said = new Set();
  return section.replace(/^\[src\/.*\n\n/gm, (line) => {
    if (said.has(line)) return '';
    said.add(line);
    return line;
  });
}

/** Under the signature of an op: that it is a method too, and its row in the table of ops. */
function placesOf(functions, name) {
  const method = onTensor.has(name) ? `As a method: \`${methodText(functions, name)}\`. ` : '';
  const row = records.has(name) ? `[Its row in the table of ops](../ops.md#${name}).` : '';
  return method || row ? `\n${method}${row}\n` : '';
}

/** x.softmax(axis?) */
function methodText(functions, name) {
  const [, ...parameters] = functions.get(name).one.signatures[0].parameters;
  const names = parameters.map(({ name: own, flags, defaultValue }) => {
    if (own === '__namedParameters') return 'options?';
    return `${flags.isRest ? '...' : ''}${own}${flags.isOptional || defaultValue ? '?' : ''}`;
  });
  return `x.${name}(${names.join(', ')})`;
}

/** What src/assemble.ts puts on Tensor, a row each. */
function methodsOf(functions) {
  const rows = [...onTensor]
    .sort((a, b) => a.localeCompare(b))
    .map((name) => {
      const { page, one } = functions.get(name);
      const words = one.signatures[0].comment?.summary.map(({ text }) => text).join('') ?? '';
      const link = page === 'tensors' ? '' : `${page}.md`;
      return `| [\`${methodText(functions, name)}\`](${link}#api-${name.toLowerCase()}) | ${cell(words.replace(/\s+/g, ' '))} |`;
    });
  return ['**Ops, and other functions, as methods**', '', '| method | |', '|---|---|', ...rows, '', ''].join(
    '\n',
  );
}
