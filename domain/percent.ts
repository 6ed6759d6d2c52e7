/** Keeps a number and its sign on one line. */
const noBreak = '\u00a0'

/** A number that is of a hundred already, with its sign: `12.5 %`. The minus is a minus. */
export const ofHundred = (value: number | string): string => `${String(value).replace('-', '−')}${noBreak}%`

/**
 * A share (0–1) as people read it, never broken before its sign: `75 %`. To one decimal where there is one, or to just
 * as many as `decimals` says.
 */
export const percent = (share: number, decimals?: number): string =>
  ofHundred(decimals === undefined ? Math.round(share * 1000) / 10 : (share * 100).toFixed(decimals))
