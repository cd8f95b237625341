// #region nats
const given = [0.5, 0.1, 0.8, 0.9]; // what a model gave to each of the four characters that came
const logs = given.map((p) => Math.log(p));
const total = logs.reduce((sum, log) => sum + log);
console.log('probability of the text', given.reduce((product, p) => product * p).toFixed(3));
console.log('log-likelihood', total.toFixed(2), 'nats; e to this power is', Math.exp(total).toFixed(3));

const loss = -total / given.length;
console.log('loss', loss.toFixed(3), 'nats per character');
console.log('perplexity', Math.exp(loss).toFixed(2));
console.log('bits per character', (loss / Math.LN2).toFixed(2));
// #endregion

// #region tokens
const bits = (natsPerToken: number, charactersPerToken: number) =>
  (natsPerToken / Math.LN2 / charactersPerToken).toFixed(2);
console.log('by characters: 1.70 nats per token,', bits(1.7, 1), 'bits per character');
console.log('by word pieces: 4.20 nats per token,', bits(4.2, 4), 'bits per character');
// #endregion
