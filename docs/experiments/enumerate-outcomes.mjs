// What the bias and the variance of a gradient estimator are, on a model so small that all its outcomes can be listed.
//
// L layers and T tokens have L · T gates, and so 2^(L·T) outcomes m. Layer by layer the gates are drawn from
// probabilities that depend on what the gates below did, so p(m) is a product of L · T factors. With ℓ(m) the loss once
// the gates are fixed, training wants the gradient of the expected loss
//
//     J = Σ_m p(m) ℓ(m)
//
// with respect to the routers' weights. Written out, J is an ordinary differentiable function: `enumerate` computes it
// for all m at once, one outcome a batch row, and its gradient. An estimator sees one draw of m and answers with a
// vector g. Its bias is E[g] − ∇J, its variance the trace of Cov[g]: `draw` collects answers, `compare` sums them up.
//
// Tests give these functions the sources of hopgrad and experiments the build: that is the argument `hopgrad`.

/** Every way of setting n gates: 2^n lists of 0 and 1. */
export function everyOutcome(n) {
  return Array.from({ length: 2 ** n }, (_, outcome) =>
    Array.from({ length: n }, (_, i) => (outcome >> i) & 1),
  );
}

/**
 * p(m), ℓ(m) and ∇ log p(m) of every outcome m, J and ∇J. ℓ is the mean next-token loss plus λ Σ (r − P)², for one
 * text. Gradients are with respect to every layer's W_G, laid end to end.
 *
 * @param text { ids, targets }: Int32Array of T tokens each
 */
export function enumerate(hopgrad, model, text, lambda) {
  const routers = model.layers.map((layer) => layer.router);
  const tokens = text.ids.length;
  const outcomes = everyOutcome(routers.length * tokens);
  const gates = routers.map((_, layer) => {
    const own = outcomes.flatMap((outcome) => outcome.slice(layer * tokens, (layer + 1) * tokens));
    return hopgrad.fromTypedArray(Uint8Array.from(own), [outcomes.length, tokens, 1]); // (M, T, 1)
  });
  const weights = routers.map((router) => router.gate.weight);
  const copies = copyPerRow(hopgrad, weights, outcomes.length);
  const logProbabilities = [];
  routers.forEach((router, layer) => {
    useCopies(router.gate, copies[layer]);
    router.route = (z) => {
      const active = gates[layer];
      const log = router.gate.forward(z).logSoftmax(-1); // (M, T, 2)
      const taken = active.where(log.slice(-1, 1, 2), log.slice(-1, 0, 1)); // (M, T, 1)
      logProbabilities.push(taken.sum([1, 2]));
      return {
        active,
        readsSkipped: false,
        density: active.to(z.dtype).mean(),
        combine: (x, y) => active.where(y, x),
      };
    };
  });
  try {
    const { logits } = model.forward(repeated(hopgrad, text.ids, outcomes.length));
    const logP = logProbabilities.reduce((sum, term) => sum.add(term)); // (M)
    const p = logP.exp(); // (M)
    const loss = nextTokenLosses(hopgrad, logits, text.targets).add(densityLosses(model, gates).mul(lambda)); // (M)
    const expectedLoss = p.mul(loss).sum();
    // Each outcome has its own copy of the weights, so the gradient of a sum over outcomes comes apart by outcome.
    const parts = rowsOf(hopgrad.gradients(expectedLoss, copies, { retainGraph: true }));
    return {
      probabilities: [...p.toTypedArray()],
      losses: [...loss.toTypedArray()],
      scores: rowsOf(hopgrad.gradients(logP.sum(), copies)),
      expectedLoss: expectedLoss.item(),
      gradient: parts.reduce((sum, part) => sum.map((value, i) => value + part[i])),
    };
  } finally {
    routers.forEach((router) => {
      delete router.route; // their class's own again
      delete router.gate.forward;
    });
  }
}

/**
 * The score function's answers (REINFORCE), one per outcome: (ℓ(m) − baseline) ∇ log p(m). Σ p ∇ log p = ∇ Σ p = 0, so
 * a constant baseline changes their variance and not their mean.
 */
export function scoreFunction({ losses, scores }, baseline) {
  return scores.map((score, outcome) => score.map((value) => (losses[outcome] - baseline) * value));
}

/**
 * The answers of the model's own estimator to `draws` draws of Gumbel noise: `gradients`, a vector per draw, and
 * `outcomes`, which of `everyOutcome` each draw was.
 */
export function draw(hopgrad, model, text, { lambda, temperature, random, draws }) {
  const gates = model.layers.map((layer) => layer.router.gate);
  const weights = gates.map((gate) => gate.weight);
  const copies = copyPerRow(hopgrad, weights, draws);
  gates.forEach((gate, layer) => {
    useCopies(gate, copies[layer]);
  });
  try {
    const ids = repeated(hopgrad, text.ids, draws);
    const { logits, routes } = model.train().forward(ids, { random, temperature, noiseScale: 1 });
    const loss = nextTokenLosses(hopgrad, logits, text.targets).sum();
    const total = hopgrad.gradients(loss, copies, { retainGraph: true }); // per layer (N, 2, D)
    for (const { active, density } of routes) {
      // The density loss is meant for each draw by itself: d (r − P)² = 2 (r − P) dr, and N · density = Σ of the draws' r.
      const pull = shareOfRows(active, density.dtype)
        .sub(model.config.density)
        .mul(2 * lambda); // (N)
      const slopes = hopgrad.gradients(density.mul(draws), copies, { retainGraph: true });
      slopes.forEach((slope, layer) => {
        total[layer] = total[layer].add(slope.mul(pull.reshape([draws, 1, 1])));
      });
    }
    const masks = routes.map(({ active }) => active.toTypedArray());
    const tokens = text.ids.length;
    const outcomes = Array.from({ length: draws }, (_, n) =>
      masks
        .flatMap((mask) => [...mask.slice(n * tokens, (n + 1) * tokens)])
        .reduce((m, bit, i) => m + bit * 2 ** i, 0),
    );
    return { gradients: rowsOf(total), outcomes };
  } finally {
    for (const gate of gates) delete gate.forward; // their class's own again
  }
}

/**
 * An estimator's answers beside the exact gradient, everything in units of its length: how far their mean is from it,
 * the cosine between the two, and the variance of one answer (the trace of the covariance).
 *
 * @param chances the probability of each answer; without them all are equally likely
 */
export function compare(answers, exact, chances = answers.map(() => 1 / answers.length)) {
  const mean = exact.map((_, i) => answers.reduce((sum, answer, n) => sum + chances[n] * answer[i], 0));
  const spread = answers.reduce((sum, answer, n) => sum + chances[n] * squared(minus(answer, mean)), 0);
  return {
    relativeBias: Math.sqrt(squared(minus(mean, exact)) / squared(exact)),
    cosine:
      exact.reduce((dot, value, i) => dot + value * mean[i], 0) / Math.sqrt(squared(mean) * squared(exact)),
    relativeVariance: spread / squared(exact),
  };
}

const minus = (a, b) => a.map((value, i) => value - b[i]);
const squared = (a) => a.reduce((sum, value) => sum + value * value, 0);

/** Weights (2, D) once per batch row: leaves (N, 2, D), whose gradients are the rows' own. */
function copyPerRow(hopgrad, weights, rows) {
  return weights.map((weight) =>
    hopgrad.parameter(
      weight
        .detach()
        .unsqueeze(0)
        .expand([rows, ...weight.shape]),
    ),
  );
}

/** Lets a gate multiply each batch row (T, D) by that row's own weights, of copies (N, 2, D). */
function useCopies(gate, copies) {
  gate.forward = (z) => z.matmul(copies.transpose()); // (N, T, 2)
}

/** One text in every batch row: (N, T). */
function repeated(hopgrad, ids, rows) {
  return hopgrad.fromTypedArray(ids, [1, ids.length]).expand([rows, ids.length]).contiguous();
}

/** The mean loss of each row's next tokens: (N), from logits (N, T, V). */
function nextTokenLosses({ fromTypedArray }, logits, targets) {
  const [, tokens, vocabularySize] = logits.shape;
  const wanted = fromTypedArray(targets, [tokens]).oneHot(vocabularySize, logits.dtype); // (T, V)
  return logits.logSoftmax(-1).mul(wanted).sum([1, 2]).div(-tokens);
}

/** Σ (r − P)² over layers, of each row by itself: (N). */
function densityLosses(model, gates) {
  const { dtype } = model.head.weight;
  return gates
    .map((active) => shareOfRows(active, dtype).sub(model.config.density).square())
    .reduce((sum, term) => sum.add(term));
}

/** The share of active tokens in each row: (N), from (N, T, 1). */
function shareOfRows(active, dtype) {
  return active.to(dtype).mean([1, 2]);
}

/** Gradients (N, 2, D), one tensor a layer, as N lists: all layers of a row end to end. */
function rowsOf(gradients) {
  const data = gradients.map((gradient) => gradient.toTypedArray());
  return Array.from({ length: gradients[0].shape[0] }, (_, n) =>
    data.flatMap((values, layer) => {
      const size = values.length / gradients[layer].shape[0];
      return [...values.slice(n * size, (n + 1) * size)];
    }),
  );
}
