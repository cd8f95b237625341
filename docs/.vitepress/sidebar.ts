import { sections } from '../site/api-sections.mjs';

/** The order in which the book is read. */
export const sidebar = [
  {
    text: 'The book',
    items: [
      { text: '1. Tensors', link: '/book/01-tensors' },
      { text: '2. Autograd', link: '/book/02-autograd' },
      { text: '3. Backward rules', link: '/book/03-backward-rules' },
      { text: '4. Kernels', link: '/book/04-kernels' },
      { text: '5. A transformer', link: '/book/05-a-transformer' },
      { text: '6. Discrete decisions', link: '/book/06-discrete-decisions' },
      { text: '7. SkipLayer', link: '/book/07-skiplayer' },
      { text: '8. Training at unit scale', link: '/book/08-training' },
      { text: '9. Evaluation', link: '/book/09-evaluation' },
      { text: '10. Write your own router', link: '/book/10-your-own-router' },
      { text: '11. A map of the field', link: '/book/11-a-map-of-the-field' },
      { text: 'Exercises', link: '/exercises' },
    ],
  },
  {
    text: 'Live pages',
    items: [
      { text: 'Tensors and broadcasting', link: '/live/playground' },
      { text: 'An expression and its gradients', link: '/live/graph' },
      { text: 'Gumbel temperature and bias', link: '/live/gumbel' },
      { text: 'Train a SkipLayer model', link: '/live/train' },
      { text: 'Compare two runs', link: '/live/compare' },
    ],
  },
  {
    text: 'Inside hopgrad',
    items: [
      { text: 'The house', link: '/inside/the-house' },
      { text: 'Why trust it', link: '/inside/why-trust-it' },
      { text: 'How fast it is', link: '/inside/how-fast-it-is' },
      { text: 'A kernel grows', link: '/inside/a-kernel-grows' },
      { text: 'On the GPU', link: '/inside/on-the-gpu' },
      { text: 'Results', link: '/results' },
      { text: 'Log', link: '/LOG' },
    ],
  },
  {
    text: 'Reference',
    items: [
      { text: 'Ops', link: '/reference/ops' },
      { text: 'Glossary', link: '/reference/glossary' },
      {
        text: 'API',
        link: '/reference/api/',
        collapsed: true,
        items: sections.map(({ name, title }) => ({ text: title, link: `/reference/api/${name}` })),
      },
    ],
  },
];
