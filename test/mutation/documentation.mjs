/** A plugin of Stryker: what only documents an op or an option is no code, and is not mutated. */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const documentation = {
  shouldIgnore(path) {
    const isDoc = path.isObjectProperty() && path.node.key.name === 'doc';
    return isDoc ? 'a documentation string' : undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'documentation', documentation)];
