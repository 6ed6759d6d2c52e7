import type { Anchoring as Found, MeanFigure } from '@/contract/v1/outcomes'
import { enough } from '@/domain/interval'
import { percent } from '@/domain/percent'
import { Table, Td, Th, Tr } from '../ui/table'

const tenths = (value: number) => percent(value, 1)

/** How people's own numbers differ where the forecast was held back: the distance to it, and to the truth. */
export function Anchoring({ found }: { found: Found }) {
  const { withForecast, heldBack, pull, errorWith, errorHeldBack } = found
  const few = Math.min(withForecast?.n ?? 0, heldBack?.n ?? 0) < enough
  return (
    <>
      <p>
        {heldBack === null
          ? 'No forecast was held back, so nobody can tell. A share of a few per cent is set in Settings.'
          : few || pull === null
            ? 'Too few to tell.'
            : `With the forecast in view people end ${tenths(Math.abs(pull.value))} of it ${pull.value >= 0 ? 'nearer to' : 'further from'} it (95\u00a0% interval ${tenths(pull.low)} to ${tenths(pull.high)}).`}
      </p>
      <Table caption="People’s numbers with the forecast in view, and held back">
        <thead>
          <tr>
            <Th>Measured</Th>
            <Th numeric>In view</Th>
            <Th numeric>Held back</Th>
          </tr>
        </thead>
        <tbody>
          <Tr>
            <Td>Distance from the forecast, as a share of it</Td>
            <Td numeric>{meanWords(withForecast)}</Td>
            <Td numeric>{meanWords(heldBack)}</Td>
          </Tr>
          <Tr>
            <Td>Error against the truth, as a share of it</Td>
            <Td numeric>{meanWords(errorWith)}</Td>
            <Td numeric>{meanWords(errorHeldBack)}</Td>
          </Tr>
        </tbody>
      </Table>
    </>
  )
}

function meanWords(mean: MeanFigure | null): string {
  if (!mean) return 'none'
  if (mean.n < enough || mean.low === null || mean.high === null) return `too few to tell (n ${mean.n})`
  return `${tenths(mean.value)} (${tenths(mean.low)} to ${tenths(mean.high)}, n ${mean.n} in ${mean.groups} groups)`
}
