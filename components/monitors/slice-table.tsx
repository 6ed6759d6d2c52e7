import type { SliceRow } from '@/contract/v1/monitors'
import { feedbackHref } from '../study/feedback-address'
import { Table, Td, Th, Tr } from '../ui/table'
import { percent, ShareWords } from './figures'
import { MakeQueue } from './make-queue'
import styles from './monitors.module.css'

const verdicts = { insufficient: 'too few to tell', fine: 'as the rest', weak: 'weak' }
const ratioVerdicts = {
  insufficient: 'too few to tell',
  best: 'compared with',
  fine: 'fine',
  watch: 'below .8, may be chance',
  flagged: 'below .8',
}

/** Slices with their acceptance beside all else: declared ones, and values of attributes, weakest first. */
export function SliceTable({
  slug,
  rows,
  from,
  to,
  simulated,
  mayQueue,
}: {
  slug: string
  rows: readonly SliceRow[]
  from: string
  to: string
  simulated: boolean
  mayQueue: boolean
}) {
  if (rows.length === 0)
    return (
      <p className={styles.quiet}>
        No slice yet. Save a filter as a slice under Feedback, or send attributes with your items.
      </p>
    )
  return (
    <Table caption="Slices beside all else">
      <thead>
        <tr>
          <Th>Slice</Th>
          <Th>Acceptance</Th>
          <Th>Impact ratio</Th>
          <Th>Error gap</Th>
          <Th numeric>Effect</Th>
          <Th>Verdict</Th>
          {mayQueue ? <Th>Do</Th> : null}
        </tr>
      </thead>
      <tbody>
        {rows.map(row => {
          const at = row.slice.indexOf('=')
          const attribute = at > 0 ? { name: row.slice.slice(0, at), value: row.slice.slice(at + 1) } : null
          return (
            <Tr key={row.slice}>
              <Td tight>
                <a
                  href={feedbackHref(slug, {
                    ...(attribute ? { attribute: row.slice } : {}),
                    from,
                    to,
                    simulated: simulated ? 'include' : undefined,
                  })}
                >
                  {row.name}
                </a>
                {row.declared ? ' (saved)' : ''}
              </Td>
              <Td>
                <ShareWords of={row.acceptance} />
              </Td>
              <Td>
                {row.ratio
                  ? `${row.ratio.value.toFixed(2)} (${row.ratio.low.toFixed(2)} to ${row.ratio.high.toFixed(2)}), ${ratioVerdicts[row.ratioVerdict]}`
                  : ratioVerdicts[row.ratioVerdict]}
              </Td>
              <Td>
                {row.errorGap
                  ? `${percent(row.errorGap.value)} (${percent(row.errorGap.low)} to ${percent(row.errorGap.high)})`
                  : 'too few to tell'}
              </Td>
              <Td numeric>{row.effect === null ? '' : row.effect.toFixed(2)}</Td>
              <Td tight>{verdicts[row.verdict]}</Td>
              {mayQueue ? (
                <Td>
                  {attribute && row.verdict !== 'insufficient' ? (
                    <MakeQueue slug={slug} name={`Slice: ${row.slice}`} slice={attribute} />
                  ) : null}
                </Td>
              ) : null}
            </Tr>
          )
        })}
      </tbody>
    </Table>
  )
}
