/** A duration for people, from seconds: `0 s`, `< 1 s`, `42 s`, `3 min 20 s`, `2 h 5 min`. Seconds are rounded; minutes beside hours are whole ones. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole === 0 && seconds > 0) return '< 1 s';
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
