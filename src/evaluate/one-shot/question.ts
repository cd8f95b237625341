/** What a model is asked, once a line of a file has been read by its task's prompt form. */
import { mean } from '../evaluate.ts';

/** Which of some texts is the right one? */
export interface ChoiceQuestion {
  /** What stands before each choice: the same text for all, or one each where it is the context that varies. */
  contexts: string[];
  /** What is scored, with the space it begins with. */
  continuations: string[];
  /** The right ones; mostly one. */
  gold: number[];
}

/** What comes next, up to the end of the line? */
export interface OpenQuestion {
  context: string;
  /** All that counts as right; the first is shown in demonstrations. */
  answers: string[];
}

export type Question = ChoiceQuestion | OpenQuestion;

/** A task, ready to be asked. */
export interface QuestionSet {
  task: string;
  version: number;
  questions: Question[];
  /** What demonstrations are drawn from; null: from the other questions. */
  training: Question[] | null;
}

export function isOpen(question: Question): question is OpenQuestion {
  return 'answers' in question;
}

/** A question with its answer, as a demonstration shows it. */
export function demonstration(question: Question): string {
  if (isOpen(question)) return `${question.context} ${question.answers[0]}`;
  const [right] = question.gold;
  return question.contexts[right] + question.continuations[right];
}

/** The score of guessing: the mean share of right choices; 0 where there is nothing to choose from. */
export function chance(questions: readonly Question[]): number {
  const shares = questions.map((question) =>
    isOpen(question) ? 0 : question.gold.length / question.continuations.length,
  );
  return mean(shares);
}
