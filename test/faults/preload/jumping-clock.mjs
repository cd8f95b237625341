// Preloaded: at every look both clocks are a year further on, a year further back, or on and back in turn, as CLOCK says.
const YEAR = 365 * 24 * 3600 * 1000;
const jump = { forward: () => 1, back: () => -1, both: (look) => (look % 2 === 0 ? 3 : -4) }[
  process.env.CLOCK
];
let look = 0;
let years = 0;
for (const clock of [Date, performance]) {
  const now = clock.now.bind(clock);
  clock.now = () => {
    years += jump(look++);
    return now() + years * YEAR;
  };
}
