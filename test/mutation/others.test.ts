import { loadTests } from './load-tests.ts';

await loadTests(process.env.HOPGRAD_MUTATION_OTHERS ?? 'properties/gradients');
