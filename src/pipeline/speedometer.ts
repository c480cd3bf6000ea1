const tellEveryMs = 1000;

/** How fast a run trains, and when whoever watches it should hear of it. */
export interface Speedometer {
  /** Takes a step of so many images. */
  readonly count: (images: number) => void;
  /** Images per second since the last restart; null before the first step. */
  readonly rate: () => number | null;
  /** True at most once per second. */
  readonly isDue: () => boolean;
  /** Leaves out what was no training, such as measuring. */
  readonly restart: () => void;
}

export const startSpeedometer = (now = () => performance.now()): Speedometer => {
  let since = now();
  let told = now();
  let images = 0;
  return {
    count: (more) => {
      images += more;
    },
    rate: () => (images === 0 ? null : (images * 1000) / (now() - since)),
    isDue: () => {
      const due = now() - told >= tellEveryMs;
      if (due) told = now();
      return due;
    },
    restart: () => {
      since = now();
      images = 0;
    },
  };
};
