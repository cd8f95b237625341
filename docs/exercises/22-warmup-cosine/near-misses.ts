import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import { learningRate } from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'the first step has a learning rate of 0',
    learningRate: (step, schedule) =>
      step < schedule.warmup ? (schedule.peak * step) / schedule.warmup : learningRate(step, schedule),
  },
  {
    mistake: 'after the end the cosine rises again',
    learningRate(step, schedule) {
      const { peak, warmup, total, floor } = schedule;
      if (step < warmup) return learningRate(step, schedule);
      return floor + ((peak - floor) * (1 + Math.cos((Math.PI * (step - warmup)) / (total - warmup)))) / 2;
    },
  },
  {
    mistake: 'a quarter of the cosine: it falls too late',
    learningRate(step, schedule) {
      const { peak, warmup, total, floor } = schedule;
      if (step < warmup || step >= total) return learningRate(step, schedule);
      return floor + (peak - floor) * Math.cos(((Math.PI / 2) * (step - warmup)) / (total - warmup));
    },
  },
  {
    mistake: 'progress is counted from step 0, and not from the end of the warm-up',
    learningRate(step, schedule) {
      const { peak, warmup, total, floor } = schedule;
      if (step < warmup || step >= total) return learningRate(step, schedule);
      return floor + ((peak - floor) * (1 + Math.cos((Math.PI * step) / total))) / 2;
    },
  },
  {
    mistake: 'the floor is forgotten',
    learningRate: (step, schedule) => learningRate(step, { ...schedule, floor: 0 }),
  },
]);
