/**
 * Where the vertices of a graph without cycles are drawn: in layers, inputs before what uses them (after Sugiyama). An
 * edge that passes a layer gets a bend there, so that it goes round what stands in it.
 */
export interface LaidOut {
  layers: number;
  /** The most places side by side that a layer needs. */
  breadth: number;
  /** Of every vertex: its layer, and its place across the layers, in vertex widths from 0. */
  vertices: { layer: number; across: number }[];
  /** One per input of every vertex, from the input to the user. */
  edges: { from: number; to: number; input: number; points: { layer: number; across: number }[] }[];
}

interface Place {
  layer: number;
  across: number;
  /** Neighbours in the layers before and after. */
  before: Place[];
  after: Place[];
  /** Of a bend less than of a vertex. */
  width: number;
  /** The bends of its edge, where it is one. */
  chain: Place[];
}

/** @param inputs for every vertex those it uses; they come before it in the list */
export function layOut(inputs: readonly (readonly number[])[]): LaidOut {
  const layerOf = layersOf(inputs);
  const places = layerOf.map(
    (layer): Place => ({ layer, across: 0, before: [], after: [], width: 1, chain: [] }),
  );
  const layers: Place[][] = Array.from({ length: Math.max(0, ...layerOf) + 1 }, () => []);
  const edges: { from: number; to: number; input: number; places: Place[] }[] = [];
  // Depth first from the output, so that what belongs together starts out together.
  const seen = new Set<number>();
  const add = (id: number): void => {
    if (seen.has(id)) return;
    seen.add(id);
    layers[layerOf[id]].push(places[id]);
    inputs[id].forEach((from, input) => {
      add(from);
      const way = [places[from]];
      const chain: Place[] = [];
      for (let layer = layerOf[from] + 1; layer < layerOf[id]; layer++) {
        const bend: Place = { layer, across: 0, before: [], after: [], width: 0.45, chain };
        layers[layer].push(bend);
        chain.push(bend);
        way.push(bend);
      }
      way.push(places[id]);
      for (let i = 1; i < way.length; i++) {
        way[i].before.push(way[i - 1]);
        way[i - 1].after.push(way[i]);
      }
      edges.push({ from, to: id, input, places: way });
    });
  };
  for (let id = inputs.length - 1; id >= 0; id--) add(id);
  for (const layer of layers) spread(layer, (place) => place.across);
  for (let round = 0; round < 8; round++) {
    for (const layer of layers.slice(1)) arrange(layer, (place) => place.before);
    for (const layer of layers.slice(0, -1).reverse()) arrange(layer, (place) => place.after);
  }
  // Once more without a change of order: vertices between their neighbours, and an edge's bends in one line.
  const settled = ({ before, after, across, chain }: Place): number =>
    meanOf(chain.length > 1 ? chain : [...before, ...after], across);
  for (let round = 0; round < 30; round++) {
    for (const layer of layers) spread(layer, settled);
  }
  const all = layers.flat();
  const first = Math.min(...all.map(({ across, width }) => across - width / 2));
  for (const place of all) place.across -= first;
  const at = ({ layer, across }: Place) => ({ layer, across });
  return {
    layers: layers.length,
    breadth: Math.max(...all.map(({ across, width }) => across + width / 2)),
    vertices: places.map(at),
    edges: edges.map(({ places: way, ...edge }) => ({ ...edge, points: way.map(at) })),
  };
}

/** The longest way from a vertex without inputs; those stand right before the first that uses them. */
function layersOf(inputs: readonly (readonly number[])[]): number[] {
  const layers: number[] = [];
  inputs.forEach((own, id) => {
    layers[id] = own.length === 0 ? 0 : Math.max(...own.map((input) => layers[input])) + 1;
  });
  const users = inputs.map((_, id) => layers.filter((_, user) => inputs[user].includes(id)));
  return layers.map((layer, id) =>
    inputs[id].length === 0 && users[id].length > 0 ? Math.min(...users[id]) - 1 : layer,
  );
}

/** Puts a layer in the order of where its neighbours are. */
function arrange(layer: Place[], neighbours: (place: Place) => Place[]): void {
  const wanted = new Map(layer.map((place) => [place, meanOf(neighbours(place), place.across)]));
  layer.sort((a, b) => wanted.get(a)! - wanted.get(b)!);
  spread(layer, (place) => wanted.get(place)!);
}

/** Moves the places of a layer where they want to be, in their order and none upon another. */
function spread(layer: readonly Place[], wanted: (place: Place) => number): void {
  const goals = layer.map(wanted);
  const gap = (i: number): number => (layer[i - 1].width + layer[i].width) / 2;
  // Pushed apart from the left and from the right; the middle of the two keeps the distances.
  const [left, right] = [[...goals], [...goals]];
  for (let i = 1; i < layer.length; i++) left[i] = Math.max(left[i], left[i - 1] + gap(i));
  for (let i = layer.length - 2; i >= 0; i--) right[i] = Math.min(right[i], right[i + 1] - gap(i + 1));
  layer.forEach((place, i) => {
    place.across = (left[i] + right[i]) / 2;
  });
}

function meanOf(places: readonly Place[], otherwise: number): number {
  return places.length === 0
    ? otherwise
    : places.reduce((sum, { across }) => sum + across, 0) / places.length;
}
