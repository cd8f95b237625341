/**
 * The paper's 24 tasks, 4 to generate and 20 of multiple choice, SuperGLUE's WSC, and hop-24. The paper says no more of its
 * prompts than that they are those of earlier work. These are in the manner of GPT-3's (Brown et al. 2020, appendix G),
 * but for ARC and PIQA, whose `Question: … Answer:` is that of LLM Foundry's files.
 *
 * Fields are those of the original files, of Hugging Face's exports of them as JSONL, or of LLM Foundry's uniform files.
 */
import { hop24 } from '../../data/hop24/tasks.ts';
import type { ChoicesForm, Form, GapForm, OpenForm } from './forms.ts';
import { type Row, textAt, valueAt } from './template.ts';

export interface Task {
  name: string;
  /** Raised whenever a form changes, so that scores of two versions are not compared. */
  version: number;
  /** Names of its files: the first part of the name, letters and digits alone, in lower case. */
  stems: readonly string[];
  /** The first one whose fields are all there is taken; after them the uniform ones. */
  forms: readonly Form[];
  /** Lines that hold several questions, taken apart. */
  unfold?: (row: Row) => Row[];
}

/** The uniform forms. */
const uniform = {
  choices: { kind: 'choices', prompt: '{query|asked}', choices: 'choices', gold: 'gold' },
  contexts: { kind: 'contexts', contexts: 'context_options', continuation: '{continuation}', gold: 'gold' },
  open: { kind: 'open', prompt: '{context}', answers: ['answer', 'aliases'] },
} as const satisfies Record<string, Form>;

/** All forms that a task reads. */
export function formsOf({ forms }: Task): readonly Form[] {
  const open = forms.some(({ kind }) => kind === 'open');
  return [...forms, ...(open ? [uniform.open] : [uniform.choices, uniform.contexts])];
}

const NO_YES = ['no', 'yes'];
const FALSE_TRUE = ['false|False|0', 'true|True|1'];

/** ANLI's own label names, and Hugging Face's numbers. */
const anli = (premise: string): ChoicesForm => ({
  kind: 'choices',
  prompt: `{${premise}}\nquestion: {hypothesis} True, False, or Neither?\nanswer:`,
  choices: ['True', 'Neither', 'False'],
  gold: 'label',
  labels: ['e|entailment|0', 'n|neutral|1', 'c|contradiction|2'],
});

const boolq = (gold: string): ChoicesForm => ({
  kind: 'choices',
  prompt: '{passage}\nquestion: {question}?\nanswer:',
  choices: NO_YES,
  gold,
  labels: FALSE_TRUE,
});

/** Questions of science exams: AI2's files keep the question and its choices together, Hugging Face's apart. */
const exam = (prompt: (path: string) => string, hub: string): ChoicesForm[] => [
  {
    kind: 'choices',
    prompt: prompt(hub),
    choices: 'choices.text',
    gold: 'answerKey',
    labels: 'choices.label',
  },
  {
    kind: 'choices',
    prompt: prompt('question.stem'),
    choices: 'question.choices.text',
    gold: 'answerKey',
    labels: 'question.choices.label',
  },
];
const arc = exam((path) => `Question: {${path}}\nAnswer:`, 'question');

const race: ChoicesForm = {
  kind: 'choices',
  prompt: 'Article:\n{article}\n\nQ: {question}\n\nA:',
  choices: 'options',
  gold: 'answer',
  labels: ['A', 'B', 'C', 'D'],
};

const storyCloze = (sentences: string[], endings: string[], gold: string): ChoicesForm => ({
  kind: 'choices',
  prompt: sentences.map((name) => `{${name}}`).join(' '),
  choices: endings.map((name) => `{${name}}`),
  gold,
  labels: ['1', '2'],
});

/** The Winograd schemas as Hugging Face has them. */
const schema: GapForm = {
  kind: 'gap',
  text: 'text',
  gap: { word: 'pronoun', at: 'pronoun_loc' },
  choices: 'options',
  gold: 'label',
};

const closedBook = (...answers: string[]): OpenForm => ({
  kind: 'open',
  prompt: 'Q: {question}\n\nA:',
  answers,
});

export const tasks: readonly Task[] = [
  {
    name: 'TriviaQA',
    version: 1,
    stems: ['triviaqa'],
    forms: [closedBook('answer.value', 'answer.aliases')],
  },
  {
    name: 'NQ',
    version: 1,
    stems: ['nq', 'nqs', 'nqopen', 'naturalquestions'],
    forms: [closedBook('answer')],
  },
  { name: 'WebQS', version: 1, stems: ['webqs', 'webq', 'webquestions'], forms: [closedBook('answers')] },
  {
    name: 'SQuADv2',
    version: 1,
    stems: ['squadv2', 'squad2'],
    forms: [
      {
        kind: 'open',
        prompt: 'Title: {title}\n\nBackground: {context}\n\nQ: {question}\n\nA:',
        answers: ['answers.text'],
        none: 'unanswerable',
      },
    ],
  },
  { name: 'ANLI R1', version: 1, stems: ['anlir1', 'r1'], forms: [anli('context'), anli('premise')] },
  { name: 'ANLI R2', version: 1, stems: ['anlir2', 'r2'], forms: [anli('context'), anli('premise')] },
  { name: 'ANLI R3', version: 1, stems: ['anlir3', 'r3'], forms: [anli('context'), anli('premise')] },
  { name: 'ARC-e', version: 1, stems: ['arce', 'arceasy'], forms: arc },
  { name: 'ARC-c', version: 1, stems: ['arcc', 'arcchallenge'], forms: arc },
  { name: 'BoolQ', version: 1, stems: ['boolq'], forms: [boolq('label'), boolq('answer')] },
  {
    name: 'CB',
    version: 1,
    stems: ['cb'],
    forms: [
      {
        kind: 'choices',
        prompt: '{premise}\nquestion: {hypothesis}; true, false, or neither?\nanswer:',
        choices: ['true', 'false', 'neither'],
        gold: 'label',
        labels: ['entailment|0', 'contradiction|1', 'neutral|2'],
      },
    ],
  },
  {
    name: 'COPA',
    version: 1,
    stems: ['copa'],
    forms: [
      {
        kind: 'choices',
        prompt: '{premise|open} {question|connective}',
        choices: ['{choice1|small}', '{choice2|small}'],
        gold: 'label',
      },
    ],
  },
  {
    name: 'HellaSwag',
    version: 1,
    stems: ['hellaswag'],
    forms: [{ kind: 'choices', prompt: '{activity_label}: {ctx}', choices: 'endings', gold: 'label' }],
  },
  {
    name: 'OpenBookQA',
    version: 1,
    stems: ['openbookqa', 'obqa'],
    forms: exam((path) => `{${path}}`, 'question_stem'),
  },
  {
    name: 'PIQA',
    version: 1,
    stems: ['piqa'],
    forms: [
      { kind: 'choices', prompt: 'Question: {goal}\nAnswer:', choices: ['{sol1}', '{sol2}'], gold: 'label' },
    ],
  },
  { name: 'RACE-m', version: 1, stems: ['racem', 'racemiddle'], forms: [race] },
  { name: 'RACE-h', version: 1, stems: ['raceh', 'racehigh'], forms: [race] },
  {
    name: 'ReCoRD',
    version: 1,
    stems: ['record'],
    forms: [
      {
        kind: 'gap',
        prompt: '{passage}\n-',
        text: 'query',
        gap: '@placeholder',
        choices: 'entities',
        gold: 'answers',
        labels: 'entities',
      },
    ],
    unfold: recordQueries,
  },
  {
    name: 'RTE',
    version: 1,
    stems: ['rte'],
    forms: [
      {
        kind: 'choices',
        prompt: '{premise}\nquestion: {hypothesis} True or False?\nanswer:',
        choices: ['True', 'False'],
        gold: 'label',
        labels: ['entailment|0', 'not_entailment|1'],
      },
    ],
  },
  {
    name: 'StoryCloze',
    version: 1,
    stems: ['storycloze'],
    forms: [
      storyCloze(
        [1, 2, 3, 4].map((i) => `InputSentence${i}`),
        ['RandomFifthSentenceQuiz1', 'RandomFifthSentenceQuiz2'],
        'AnswerRightEnding',
      ),
      storyCloze(
        [1, 2, 3, 4].map((i) => `input_sentence_${i}`),
        ['sentence_quiz1', 'sentence_quiz2'],
        'answer_right_ending',
      ),
    ],
  },
  {
    name: 'WiC',
    version: 1,
    stems: ['wic'],
    forms: [
      {
        kind: 'choices',
        prompt:
          "{sentence1}\n{sentence2}\nquestion: Is the word '{word}' used in the same way in the two sentences above?\nanswer:",
        choices: NO_YES,
        gold: 'label',
        labels: FALSE_TRUE,
      },
    ],
  },
  { name: 'Winograd', version: 1, stems: ['winograd', 'winogradwsc'], forms: [schema] },
  {
    name: 'WinoGrande',
    version: 1,
    stems: ['winogrande', 'winograndexl', 'winograndedebiased'],
    forms: [
      {
        kind: 'gap',
        text: 'sentence',
        gap: '_',
        choices: ['{option1}', '{option2}'],
        gold: 'answer',
        labels: ['1', '2'],
      },
    ],
  },
  { name: 'WSC273', version: 1, stems: ['wsc273'], forms: [schema] },
  {
    // Not among the 24.
    name: 'WSC',
    version: 1,
    stems: ['wsc'],
    forms: [
      {
        kind: 'choices',
        prompt:
          '{text}\nquestion: In the passage above, does "{target.span2_text}" refer to "{target.span1_text}"?\nanswer:',
        choices: NO_YES,
        gold: 'label',
        labels: FALSE_TRUE,
      },
    ],
  },
  ...hop24.map(({ name, choices }) => ({
    name,
    version: 1,
    stems: [name],
    forms: choices === 0 ? [uniform.open] : [],
  })),
];

/**
 * SuperGLUE's ReCoRD: a passage, its entities as spans, and several queries; here a row for each, as Hugging Face has it.
 *
 * @throws Error naming the field that is not so
 */
function recordQueries(row: Row): Row[] {
  if (!Array.isArray(row.qas)) return [row];
  const text = textAt(row, 'passage.text');
  const spans = valueAt(row, 'passage.entities');
  if (!Array.isArray(spans) || !spans.every((span) => span?.start >= 0 && span.end >= span.start)) {
    throw new Error('passage.entities must be a list of spans { start, end }');
  }
  const passage = text.replaceAll('\n@highlight\n', '\n- ');
  const entities = [...new Set(spans.map(({ start, end }) => text.slice(start, end + 1)))];
  return row.qas.map((query) => ({
    passage,
    query: query?.query,
    entities,
    answers: valueAt(query ?? {}, 'answers.text'),
  }));
}
