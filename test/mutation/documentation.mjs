/** A plugin of Stryker: what only documents an op or an option is no code, and is not mutated. */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const documentation = {
  shouldIgnore(path) {
    const isDoc = path.isObjectProperty() && path.node.key.name === 'doc';
    // Its text is the cell of a table, too.
    const isReason = path.isCallExpression() && path.node.callee.name === 'notDifferentiable';
    return isDoc || isReason ? 'a documentation string' : undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'documentation', documentation)];
