import { tensor } from 'hopgrad';

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

// #region errors
const mistakes = [
  () => x.add(tensor([1, 2])),
  () => x.matmul(tensor([[1, 2, 3]])),
  () => x.reshape([4, 2]),
  () => x.transpose(0, 2),
  () => tensor([[1, 2], [3]]),
];
for (const mistake of mistakes) {
  try {
    mistake();
  } catch (error) {
    console.log((error as Error).message);
  }
}
// #endregion
