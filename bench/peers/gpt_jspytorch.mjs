// The training step of ../yardstick.ts in js-pytorch, on its CPU loops. Its own transformer block is the nearest there
// is (ReLU in place of GELU), and its optimizer is Adam without decay. A step of the default size takes half a minute:
//   node --max-old-space-size=12000 gpt_jspytorch.mjs [batch,sequence,dim,heads,layers [steps]]
import { torch } from 'js-pytorch';
import { batch, dim, heads, layers, sequence, timeSteps, vocabulary } from './step.mjs';

const { nn } = torch;

class Model extends nn.Module {
  constructor() {
    super();
    this.tokens = new nn.Embedding(vocabulary, dim);
    this.positions = new nn.PositionalEmbedding(sequence, dim);
    for (let i = 0; i < layers; i++) this[`layer${i}`] = new nn.Block(dim, dim, heads, sequence, 0, 'cpu');
    this.norm = new nn.LayerNorm(dim);
    this.head = new nn.Linear(dim, vocabulary, 'cpu');
  }

  forward(ids) {
    let x = torch.add(this.tokens.forward(ids), this.positions.forward(ids));
    for (let i = 0; i < layers; i++) x = this[`layer${i}`].forward(x);
    return this.head.forward(this.norm.forward(x));
  }
}

const model = new Model();
const crossEntropy = new nn.CrossEntropyLoss();
const optimizer = new torch.optim.Adam(model.parameters(), 1e-3, 0);
const ids = torch.randint(0, vocabulary, [batch, sequence, 1]);
const targets = torch.randint(0, vocabulary, [batch, sequence]);

await timeSteps('js-pytorch 0.7.2', {
  steps: 1,
  warmup: 1,
  step: async () => {
    const loss = crossEntropy.forward(model.forward(ids), targets);
    loss.backward();
    optimizer.step();
    optimizer.zero_grad();
    return loss.data[0];
  },
});
