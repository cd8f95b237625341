/**
 * Reading strided views in GLSL. Strides and extents stand in the source; offsets are numbers, and the extent of the
 * outermost axis does not matter, so that neither a cache that fills up nor another count of rows asks for a new kernel.
 */
import type { View } from '../contract.ts';

/** How a view lies in its buffer, after joining neighbouring axes; what a kernel's source depends on. */
export interface ViewLayout {
  /** Extents of all axes but the outermost. */
  readonly inner: readonly number[];
  /** In elements, of all axes; empty where there is a single element. */
  readonly strides: readonly number[];
  /** Whether no offset keeps it from being read by texels. */
  readonly aligned: boolean;
}

/** Layouts of views of one shape, with axes joined where all views allow it. */
export function layoutsOf(
  shape: readonly number[],
  views: readonly Pick<View<unknown>, 'strides' | 'offset'>[],
): ViewLayout[] {
  const axes: number[] = [];
  const extents: number[] = [];
  const strides: number[][] = views.map(() => []);
  for (let axis = shape.length - 1; axis >= 0; axis--) axes.push(axis);
  for (const axis of axes) {
    const extent = shape[axis];
    if (extent === 1) continue;
    const last = extents.length - 1;
    const joins =
      last >= 0 && views.every((view, v) => view.strides[axis] === extents[last] * strides[v][last]);
    if (joins) extents[last] *= extent;
    else {
      extents.push(extent);
      for (const [v, view] of views.entries()) strides[v].push(view.strides[axis]);
    }
  }
  const inner = extents.slice(0, -1).reverse();
  return views.map(({ offset }, v) => {
    const layout = { inner, strides: strides[v].reverse(), aligned: true };
    // Where an offset makes no difference to the source, it makes none to its name.
    return accessOf(layout) === 'texel' && offset % 4 !== 0 ? { ...layout, aligned: false } : layout;
  });
}

/** The layout of one view. */
export function layoutOf(view: Pick<View<unknown>, 'shape' | 'strides' | 'offset'>): ViewLayout {
  return layoutsOf(view.shape, [view])[0];
}

/** The number that a reader takes: the view's offset, in elements. */
export function offsetOf(name: string): string {
  return `${name}Offset`;
}

/** How a view gives four neighbouring elements: as a texel of its buffer, one element four times, or one by one. */
export function accessOf({ inner, strides, aligned }: ViewLayout): 'texel' | 'spread' | 'lanes' {
  if (strides.length === 0) return 'spread';
  const last = strides[strides.length - 1];
  const rows = strides.slice(0, -1);
  // Texels must not reach over the end of a row; the end of the view does not matter.
  if (rows.length > 0 && inner[inner.length - 1] % 4 !== 0) return 'lanes';
  if (last === 0) return 'spread';
  return last === 1 && aligned && rows.every((stride) => stride % 4 === 0) ? 'texel' : 'lanes';
}

/**
 * GLSL for reading a view of the texture `name`: `float name_place(float e)`, where in the buffer element e stands, in
 * reading order, and `vec4 name_read(float t)`, its elements 4 t … 4 t + 3. Needs the number `offsetOf(name)`.
 */
export function reader(name: string, layout: ViewLayout): string {
  const { inner, strides } = layout;
  const offset = `n_${offsetOf(name)}`;
  const place = placeFunction(`${name}_place`, inner, strides, offset);
  switch (accessOf(layout)) {
    case 'spread': {
      const steps = strides.length === 0 ? [] : [...strides.slice(0, -1), 0];
      return `${place}
${placeFunction(`${name}_placeOfTexel`, quartered(inner), steps, offset)}
vec4 ${name}_read(float t) { return vec4(${name}_at(${name}_placeOfTexel(t))); }`;
    }
    case 'texel': {
      const steps = [...strides.slice(0, -1).map((stride) => stride / 4), 1];
      return `${place}
${placeFunction(`${name}_placeOfTexel`, quartered(inner), steps, `${offset} * 0.25`)}
vec4 ${name}_read(float t) { return ${name}_texel(${name}_placeOfTexel(t)); }`;
    }
    default:
      return `${place}
float ${name}_lane(float e) { return ${name}_at(${name}_place(e)); }
vec4 ${name}_read(float t) {
  float e = 4.0 * t;
  return vec4(${name}_lane(e), ${name}_lane(e + 1.0), ${name}_lane(e + 2.0), ${name}_lane(e + 3.0));
}`;
  }
}

function quartered(inner: readonly number[]): number[] {
  return inner.map((extent, i) => (i === inner.length - 1 ? extent / 4 : extent));
}

/** A GLSL function from a position in reading order to a place: offset + Σ index · stride. */
export function placeFunction(
  name: string,
  inner: readonly number[],
  strides: readonly number[],
  offset: string,
): string {
  const lines: string[] = [];
  for (let axis = strides.length - 1; axis > 0; axis--) {
    lines.push(`q = divide(q.x, ${inner[axis - 1]}.0); at += q.y * ${strides[axis]}.0;`);
  }
  if (strides.length > 0) lines.push(`at += q.x * ${strides[0]}.0;`);
  return `float ${name}(float position) {
  vec2 q = vec2(position, 0.0);
  float at = ${offset};
  ${lines.join('\n  ')}
  return at;
}`;
}

/**
 * The same with everything but the count of axes handed over as numbers, for what is read with ever other extents: a function
 * `float name_place(float position)`, without an offset.
 */
export function placeByNumbers(name: string, axes: number): { numbers: string[]; code: string } {
  const numbers: string[] = [];
  const lines: string[] = [];
  for (let axis = 0; axis < axes; axis++) numbers.push(`${name}Extent${axis}`, `${name}Stride${axis}`);
  for (let axis = axes - 1; axis > 0; axis--) {
    lines.push(`q = divide(q.x, n_${name}Extent${axis}); at += q.y * n_${name}Stride${axis};`);
  }
  if (axes > 0) lines.push(`at += q.x * n_${name}Stride0;`);
  const code = `float ${name}_place(float position) {
  vec2 q = vec2(position, 0.0);
  float at = 0.0;
  ${lines.join('\n  ')}
  return at;
}`;
  return { numbers, code };
}
