/** Every task's prompt forms, read from a file of its fields: what stands in a prompt, and what is scored. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hop24 } from '../../../src/data/hop24/tasks.ts';
import { readTasks } from '../../../src/evaluate/one-shot/files.ts';
import { chance, demonstration, isOpen } from '../../../src/evaluate/one-shot/question.ts';
import { tasks } from '../../../src/evaluate/one-shot/tasks.ts';
import { freshPath } from '../../train/tiny.ts';

/** Lines of our own, in the fields of the original files or of Hugging Face's exports. */
const rows: [file: string, row: object][] = [
  ['triviaqa', { question: 'What do bees make?', answer: { value: 'Honey', aliases: ['the honey'] } }],
  ['nq_open', { question: 'what do bees make', answer: ['honey', 'wax'] }],
  ['webqs', { question: 'what do bees make?', answers: ['honey'] }],
  [
    'squad_v2',
    { title: 'Bees', context: 'Bees make honey.', question: 'Who makes honey?', answers: { text: ['Bees'] } },
  ],
  [
    'squad2.dev',
    { title: 'Bees', context: 'Bees make honey.', question: 'Who makes tea?', answers: { text: [] } },
  ],
  ['anli_r1', { uid: 1, context: 'It rained.', hypothesis: 'It was dry.', label: 'c' }],
  ['anli_r2', { premise: 'It rained.', hypothesis: 'It was cold.', label: 1 }],
  ['R3.dev', { context: 'It rained.', hypothesis: 'It was wet.', label: 'e' }],
  [
    'ARC-Easy-Dev',
    { question: 'What is ice?', choices: { text: ['fire', 'water'], label: ['A', 'B'] }, answerKey: 'B' },
  ],
  [
    'ARC-Challenge-Dev',
    {
      question: {
        stem: 'What is ice?',
        choices: [
          { text: 'fire', label: '1' },
          { text: 'water', label: '2' },
        ],
      },
      answerKey: '2',
    },
  ],
  ['boolq', { question: 'is ice water', passage: 'Ice is frozen water.', answer: true, title: 'Ice' }],
  ['BoolQ.val', { question: 'is ice warm', passage: 'Ice is cold.', label: false }],
  ['CB', { premise: 'I know it rained.', hypothesis: 'it rained', label: 'entailment' }],
  [
    'COPA',
    {
      premise: 'The ice melted.',
      choice1: 'It was warm.',
      choice2: 'It was cold.',
      question: 'cause',
      label: 0,
    },
  ],
  [
    'hellaswag',
    {
      activity_label: 'Baking',
      ctx: 'She takes the bread',
      endings: ['home.', 'apart.', 'up.', 'in.'],
      label: '3',
    },
  ],
  [
    'openbookqa',
    { question_stem: 'Ice is', choices: { text: ['cold', 'hot'], label: ['A', 'B'] }, answerKey: 'A' },
  ],
  [
    'obqa.dev',
    {
      question: {
        stem: 'Ice is',
        choices: [
          { text: 'cold', label: 'A' },
          { text: 'hot', label: 'B' },
        ],
      },
      answerKey: 'A',
    },
  ],
  ['piqa', { goal: 'Cool tea', sol1: 'Add ice.', sol2: 'Add fire.', label: 0 }],
  [
    'race_middle',
    { article: 'Ann fell.', question: 'Who fell?', options: ['Tom', 'Ann', 'Eve', 'Jim'], answer: 'B' },
  ],
  [
    'race_high',
    { article: 'Ann fell.', question: '_ fell.', options: ['Tom', 'Ann', 'Eve', 'Jim'], answer: 'B' },
  ],
  [
    'record',
    {
      passage: 'Ann met Tom.',
      query: '@placeholder was met by Ann.',
      entities: ['Ann', 'Tom'],
      answers: ['Tom'],
    },
  ],
  ['RTE', { premise: 'It rained.', hypothesis: 'It was wet.', label: 'not_entailment' }],
  [
    'storycloze',
    {
      InputSentence1: 'A.',
      InputSentence2: 'B.',
      InputSentence3: 'C.',
      InputSentence4: 'D.',
      RandomFifthSentenceQuiz1: 'E.',
      RandomFifthSentenceQuiz2: 'F.',
      AnswerRightEnding: 2,
    },
  ],
  [
    'story_cloze.val',
    {
      input_sentence_1: 'A.',
      input_sentence_2: 'B.',
      input_sentence_3: 'C.',
      input_sentence_4: 'D.',
      sentence_quiz1: 'E.',
      sentence_quiz2: 'F.',
      answer_right_ending: '1',
    },
  ],
  ['WiC', { word: 'bank', sentence1: 'The bank of the river.', sentence2: 'A bank lends.', label: false }],
  [
    'winograd',
    {
      text: 'The dog saw the cat since it barked.',
      pronoun: 'it',
      pronoun_loc: 26,
      options: ['The dog', 'The cat'],
      label: 0,
    },
  ],
  [
    'wsc273',
    {
      text: 'Ann told Eve that her hat fell.',
      pronoun: 'her',
      pronoun_loc: 18,
      options: ['Ann', 'Eve'],
      label: 1,
    },
  ],
  [
    'winogrande_xl',
    { sentence: 'Ann thanked Eve, for _ had helped.', option1: 'Ann', option2: 'Eve', answer: '2' },
  ],
  ['WSC', { text: 'Tom lost his hat.', target: { span1_text: 'Tom', span2_text: 'his' }, label: true }],
];

function read([file, row]: [string, object]): string {
  const folder = freshPath();
  mkdirSync(folder);
  writeFileSync(join(folder, `${file}.jsonl`), JSON.stringify(row));
  const { task, questions } = readTasks(folder).sets[0];
  const [question] = questions;
  const scored = isOpen(question)
    ? question.answers.join(' / ')
    : question.continuations.map((text, i) => (question.gold.includes(i) ? `[${text}]` : text)).join(' /');
  return `— ${task}, chance ${chance(questions).toFixed(2)}, scored: ${scored}\n${demonstration(question)}`;
}

test('prompts with their right answers', () => {
  expect(rows.map(read).join('\n')).toMatchInlineSnapshot(`
    "— TriviaQA, chance 0.00, scored: Honey / the honey
    Q: What do bees make?

    A: Honey
    — NQ, chance 0.00, scored: honey / wax
    Q: what do bees make

    A: honey
    — WebQS, chance 0.00, scored: honey
    Q: what do bees make?

    A: honey
    — SQuADv2, chance 0.00, scored: Bees
    Title: Bees

    Background: Bees make honey.

    Q: Who makes honey?

    A: Bees
    — SQuADv2, chance 0.00, scored: unanswerable
    Title: Bees

    Background: Bees make honey.

    Q: Who makes tea?

    A: unanswerable
    — ANLI R1, chance 0.33, scored:  True / Neither /[ False]
    It rained.
    question: It was dry. True, False, or Neither?
    answer: False
    — ANLI R2, chance 0.33, scored:  True /[ Neither] / False
    It rained.
    question: It was cold. True, False, or Neither?
    answer: Neither
    — ANLI R3, chance 0.33, scored: [ True] / Neither / False
    It rained.
    question: It was wet. True, False, or Neither?
    answer: True
    — ARC-e, chance 0.50, scored:  fire /[ water]
    Question: What is ice?
    Answer: water
    — ARC-c, chance 0.50, scored:  fire /[ water]
    Question: What is ice?
    Answer: water
    — BoolQ, chance 0.50, scored:  no /[ yes]
    Ice is frozen water.
    question: is ice water?
    answer: yes
    — BoolQ, chance 0.50, scored: [ no] / yes
    Ice is cold.
    question: is ice warm?
    answer: no
    — CB, chance 0.33, scored: [ true] / false / neither
    I know it rained.
    question: it rained; true, false, or neither?
    answer: true
    — COPA, chance 0.50, scored: [ it was warm.] / it was cold.
    The ice melted because it was warm.
    — HellaSwag, chance 0.25, scored:  home. / apart. / up. /[ in.]
    Baking: She takes the bread in.
    — OpenBookQA, chance 0.50, scored: [ cold] / hot
    Ice is cold
    — OpenBookQA, chance 0.50, scored: [ cold] / hot
    Ice is cold
    — PIQA, chance 0.50, scored: [ Add ice.] / Add fire.
    Question: Cool tea
    Answer: Add ice.
    — RACE-m, chance 0.25, scored:  Tom /[ Ann] / Eve / Jim
    Article:
    Ann fell.

    Q: Who fell?

    A: Ann
    — RACE-h, chance 0.25, scored:  Tom /[ Ann] / Eve / Jim
    Article:
    Ann fell.

    Q: _ fell.

    A: Ann
    — ReCoRD, chance 0.50, scored:  Ann was met by Ann. /[ Tom was met by Ann.]
    Ann met Tom.
    - Tom was met by Ann.
    — RTE, chance 0.50, scored:  True /[ False]
    It rained.
    question: It was wet. True or False?
    answer: False
    — StoryCloze, chance 0.50, scored:  E. /[ F.]
    A. B. C. D. F.
    — StoryCloze, chance 0.50, scored: [ E.] / F.
    A. B. C. D. E.
    — WiC, chance 0.50, scored: [ no] / yes
    The bank of the river.
    A bank lends.
    question: Is the word 'bank' used in the same way in the two sentences above?
    answer: no
    — Winograd, chance 0.50, scored: [ barked.] / barked.
    The dog saw the cat since the dog barked.
    — WSC273, chance 0.50, scored:  hat fell. /[ hat fell.]
    Ann told Eve that Eve's hat fell.
    — WinoGrande, chance 0.50, scored:  had helped. /[ had helped.]
    Ann thanked Eve, for Eve had helped.
    — WSC, chance 0.50, scored:  no /[ yes]
    Tom lost his hat.
    question: In the passage above, does "his" refer to "Tom"?
    answer: yes"
  `);
});

test('no task is left out, but for those of hop-24, which are written in the uniform form', () => {
  const seen = new Set(rows.map((row) => read(row).match(/^— ([^,]+)/)?.[1]));
  for (const { name } of hop24) seen.add(name);
  expect(tasks.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
});

test("SuperGLUE's ReCoRD asks several questions a line", () => {
  const text = 'Ann met Tom.\n@highlight\nAnn sings';
  const spans = [
    [0, 2],
    [8, 10],
    [24, 26],
  ].map(([start, end]) => ({ start, end }));
  const qas = ['@placeholder met Tom.', 'Ann met @placeholder.'].map((query, i) => ({
    query,
    answers: [{ text: ['Ann', 'Tom'][i] }],
  }));
  const folder = freshPath();
  mkdirSync(folder);
  writeFileSync(join(folder, 'record.jsonl'), JSON.stringify({ passage: { text, entities: spans }, qas }));
  const { questions } = readTasks(folder).sets[0];
  expect(questions).toEqual([
    {
      contexts: Array(2).fill('Ann met Tom.\n- Ann sings\n-'),
      continuations: [' Ann met Tom.', ' Tom met Tom.'],
      gold: [0],
    },
    {
      contexts: Array(2).fill('Ann met Tom.\n- Ann sings\n-'),
      continuations: [' Ann met Ann.', ' Ann met Tom.'],
      gold: [1],
    },
  ]);
});

test('the uniform forms: whose context varies, and a question that wants its last line', () => {
  const uniform: [string, object][] = [
    ['copa', { query: 'The ice melted, because ', choices: ['it was warm.', 'it was cold.'], gold: 0 }],
    ['piqa', { query: 'Question: cool tea\n', choices: ['Add ice.', 'Add fire.'], gold: 0 }],
    ['piqa.dev', { query: 'Question: cool tea\nAnswer:', choices: ['Add ice.', 'Add fire.'], gold: 0 }],
    [
      'winograd',
      {
        context_options: ['Ice cooled the tea, for ice', 'Ice cooled the tea, for tea'],
        continuation: 'is cold.',
        gold: 0,
      },
    ],
    ['triviaqa', { context: 'Question: What is ice?\nAnswer:', answer: 'water', aliases: ['Water', 'H2O'] }],
  ];
  expect(uniform.map(read).join('\n')).toMatchInlineSnapshot(`
    "— COPA, chance 0.50, scored: [ it was warm.] / it was cold.
    The ice melted, because it was warm.
    — PIQA, chance 0.50, scored: [ Add ice.] / Add fire.
    Question: cool tea
    Answer: Add ice.
    — PIQA, chance 0.50, scored: [ Add ice.] / Add fire.
    Question: cool tea
    Answer: Add ice.
    — Winograd, chance 0.50, scored: [ is cold.] / is cold.
    Ice cooled the tea, for ice is cold.
    — TriviaQA, chance 0.00, scored: water / Water / H2O
    Question: What is ice?
    Answer: water"
  `);
});
