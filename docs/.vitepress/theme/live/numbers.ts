/** Numbers as live pages write them. */

/** A few digits, for a cell or a label: 0.1235, 12.35, 1.2e+7, −3. */
export function short(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value).replace('-', '−');
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text =
    size >= 1e6 || size < 1e-4 ? value.toExponential(1) : String(Number(value.toPrecision(digits)));
  return text.replace('-', '−');
}

/** (2, 3), as shapes are written everywhere. */
export function shapeText(shape: readonly number[]): string {
  return `(${shape.join(', ')})`;
}
