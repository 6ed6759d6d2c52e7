/**
 * One range of bytes as a request names it (RFC 9110), both ends from 0 and included: `last` is null for all that follow,
 * `from` is below 0 for so many from the end. Null where there is none, or several: then the whole is sent.
 */
export function readRange(header: string | null): { from: number; last: number | null } | null {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (first !== '') return { from: Number(first), last: last === '' ? null : Number(last) }
  return Number(last) > 0 ? { from: -Number(last), last: null } : null
}
