/** Thrown where the reader has not written anything yet. */
export class Hole extends Error {
  constructor() {
    super('not written yet');
    this.name = 'Hole';
  }
}
