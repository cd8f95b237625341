import * as Plot from '@observablehq/plot';
import { shortLabel, visible } from '../format.ts';
import { layersUsed } from '../layers-used.ts';
import type { SkipMap } from '../types.ts';
import { COLOURS, drawFigure, type FigureOptions } from './figure.ts';

const LONGEST_LABEL = 8;
const MARGIN_LEFT = 34;
const MARGIN_TOP = 30;
/** Room below each row for its tokens. */
const LABEL_HEIGHT = 28;

/**
 * Which layer ran for which token: tokens in reading order, wrapped to the width, layer 1 at the bottom of each row.
 * Each cell's `<title>` says in words what it shows. Cells lie in the groups of class `skip-map-cells`, one for each
 * row, where the cells of a token have the same `x`.
 */
export function skipMap(map: SkipMap, options: FigureOptions): string {
  const layers = map.active.length;
  const used = layersUsed(map);
  const labels = map.tokens.map((token) => shortLabel(token, LONGEST_LABEL));
  const longest = Math.max(1, ...labels.map((label) => label.length));
  const perRow = Math.max(1, Math.floor((options.width - MARGIN_LEFT) / Math.max(14, 7.5 * longest + 4)));
  const rows = Math.max(1, Math.ceil(map.tokens.length / perRow));
  const cellHeight = Math.max(3, Math.min(15, Math.floor(200 / Math.max(1, layers))));
  const rowHeight = layers * cellHeight + LABEL_HEIGHT;

  const cells = map.active.flatMap((row, layer) =>
    row.map((ran, token) => ({ ran, layer: layer + 1, token })),
  );
  const place = {
    x: (d: { token: number }) => d.token % perRow,
    fy: (d: { token: number }) => Math.floor(d.token / perRow),
  };
  const describe = ({ token, layer, ran }: (typeof cells)[number]): string =>
    `${visible(map.tokens[token])}  token ${token + 1}\nlayer ${layer} ${ran ? 'ran' : 'skipped'}\n` +
    `${used[token]} of ${layers} layers used by this token`;
  const layerStep = Math.ceil(layers / 6);
  return drawFigure(
    options,
    `Layers used by each of ${map.tokens.length} tokens of a text, for ${layers} layers.`,
    [
      { sign: '■', colour: COLOURS.orange, label: 'layer ran' },
      { sign: '□', colour: COLOURS.reference, label: 'skipped' },
    ],
    {
      height: MARGIN_TOP + rows * rowHeight,
      marginTop: MARGIN_TOP,
      marginLeft: MARGIN_LEFT,
      marginRight: 0,
      marginBottom: LABEL_HEIGHT,
      x: { domain: Array.from({ length: perRow }, (_, i) => i), axis: null, padding: 0.08 },
      y: {
        domain: Array.from({ length: layers }, (_, i) => layers - i),
        label: null,
        tickSize: 0,
        ticks: 6,
        tickFormat: (layer: number) => (layer === 1 || layer % layerStep === 0 ? String(layer) : ''),
        padding: 0.08,
      },
      fy: {
        domain: Array.from({ length: rows }, (_, i) => i),
        axis: null,
        paddingOuter: 0,
        paddingInner: LABEL_HEIGHT / rowHeight,
      },
      marks: [
        Plot.cell(cells, {
          ...place,
          y: 'layer',
          fill: ({ ran }: { ran: boolean }) => (ran ? COLOURS.orange : 'currentColor'),
          fillOpacity: ({ ran }: { ran: boolean }) => (ran ? 1 : 0.09),
          title: describe,
          className: 'skip-map-cells',
        }),
        Plot.text(
          labels.map((label, token) => ({ label, token })),
          {
            ...place,
            text: 'label',
            frameAnchor: 'bottom',
            dy: 14,
            fontFamily: 'ui-monospace, monospace',
          },
        ),
      ],
    },
  );
}
