import { ones, type Tensor } from 'hopgrad';
import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

const visible = (tokens: number): Tensor => ones([tokens, tokens]).tril().gt(0);
const scores = (query: Tensor, key: Tensor): Tensor => query.matmul(key.transpose());

export default nearMisses<typeof Solution>([
  {
    mistake: 'the scores are not scaled',
    attention: (query, key, value) =>
      visible(query.shape[0]).where(scores(query, key), -Infinity).softmax().matmul(value),
  },
  {
    mistake: 'scaled by D, not by its root',
    attention: (query, key, value) =>
      visible(query.shape[0])
        .where(scores(query, key).div(query.shape[1]), -Infinity)
        .softmax()
        .matmul(value),
  },
  {
    mistake: 'scaled by the number of tokens',
    attention: (query, key, value) =>
      visible(query.shape[0])
        .where(scores(query, key).div(Math.sqrt(query.shape[0])), -Infinity)
        .softmax()
        .matmul(value),
  },
  {
    mistake: 'masked with 0, which is a score like any other',
    attention: (query, key, value) =>
      visible(query.shape[0])
        .where(scores(query, key).div(Math.sqrt(query.shape[1])), 0)
        .softmax()
        .matmul(value),
  },
  {
    mistake: 'masked after the softmax: the weights no longer sum to 1',
    attention: (query, key, value) =>
      visible(query.shape[0])
        .where(scores(query, key).div(Math.sqrt(query.shape[1])).softmax(), 0)
        .matmul(value),
  },
  {
    mistake: 'not masked',
    attention: (query, key, value) =>
      scores(query, key).div(Math.sqrt(query.shape[1])).softmax().matmul(value),
  },
  {
    mistake: 'the softmax runs over the queries',
    attention: (query, key, value) =>
      visible(query.shape[0])
        .where(scores(query, key).div(Math.sqrt(query.shape[1])), -1e30)
        .softmax(0)
        .matmul(value),
  },
]);
