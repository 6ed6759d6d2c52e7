import type { DemandPage } from '@/contract/v1/demand'
import type { Surge } from '@/domain/surge'

/** A number as people read it: no more digits than mean something. */
export function numberWords(value: number): string {
  const size = Math.abs(value)
  return value.toLocaleString('en', { maximumFractionDigits: size < 100 ? 2 : size < 1000 ? 1 : 0 })
}

const nouns = { hour: 'hour', day: 'day', week: 'week', month: 'month' } as const

/** `3 days`, `1 hour`, or `3 periods` where nobody knows how far they lie apart. */
export function periodsWords(n: number, period: DemandPage['period']): string {
  const noun = period ? nouns[period] : 'period'
  return `${n.toLocaleString('en')} ${n === 1 ? noun : `${noun}s`}`
}

export function multiplierWords({ derived, inForce, state, capped }: Surge): string {
  const number = `×${derived.toFixed(2)}`
  if (derived === 1) return `${number}, derived`
  const cut = capped ? ', capped' : ''
  if (state === 'confirmed') return `${number} in force, derived${cut}`
  if (state === 'automatic') return `${number} by itself, derived${cut}`
  return `${number} waits for you, derived${cut}; ×${inForce.toFixed(2)} until then`
}
