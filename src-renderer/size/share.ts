/** Share of a whole: `12 %`, `3.4 %`, `<0.1 %`. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0 %'
  const share = (part / whole) * 100
  if (share < 0.1) return '<0.1 %'
  return share < 9.95 ? `${share.toFixed(1)} %` : `${Math.round(share)} %`
}
