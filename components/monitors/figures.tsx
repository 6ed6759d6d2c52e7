import type { Rates } from '@/contract/v1/monitors'
import { enough } from '@/domain/interval'
import { percent as shared } from '@/domain/percent'

type Share = Rates['acceptance']

export const percent = (value: number) => shared(value, Math.abs(value) < 0.1 && value !== 0 ? 1 : 0)

/** “64 % (57 to 70)”, or that it is too few to tell. */
export function ShareWords({ of, few = enough }: { of: Share; few?: number }) {
  if (of === null) return <>none yet</>
  if (of.n < few) return <>too few to tell ({of.n})</>
  return (
    <>
      <strong>{percent(of.value)}</strong> ({percent(of.low)} to {percent(of.high)}), n{' '}
      {of.n.toLocaleString('en-GB')}
    </>
  )
}

export const number = (value: number, digits = 0) =>
  value.toLocaleString('en-GB', { maximumFractionDigits: digits })
