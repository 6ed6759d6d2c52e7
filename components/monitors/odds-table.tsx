import type { OddsView } from '@/contract/v1/monitors'
import { Table, Td, Th, Tr } from '../ui/table'
import { number, percent, ShareWords } from './figures'
import styles from './monitors.module.css'

const verdicts = {
  insufficient: 'insufficient',
  'within-chance': 'may be chance',
  apart: 'apart',
}

type Group = OddsView['groups'][number]

/** A share of a group, and beneath it how far that lies from all else. */
function Reached({ of, gap }: { of: Group['rightShown']; gap: Group['rightGap'] }) {
  return (
    <Td>
      <ShareWords of={of} />
      <br />
      {gap ? `gap ${percent(gap.value)} (${percent(gap.low)} to ${percent(gap.high)})` : 'gap: insufficient'}
    </Td>
  )
}

/** Whether right suggestions reach each group as often, and wrong ones as seldom. */
export function OddsTable({ slug, odds }: { slug: string; odds: OddsView }) {
  const { measured, groups, threshold } = odds
  if (!measured)
    return (
      <p className={styles.quiet}>
        Nothing to compare yet: the live version has no evaluation whose rows are right or wrong.{' '}
        <a href={`/p/${slug}/models`}>Evaluate it on a frozen version.</a>
      </p>
    )
  return (
    <>
      <p className={styles.quiet}>
        {measured.version} on{' '}
        <a href={`/p/${slug}/models/evaluations/${measured.evaluation}`}>{measured.dataset}</a>,{' '}
        {measured.split}, {measured.at.slice(0, 10)}: {number(measured.n)} rows. Shown is what reaches{' '}
        {percent(threshold)} confidence and passes the guardrails of today. Each value stands beside all
        others of its attribute.
      </p>
      {groups.length === 0 ? (
        <p className={styles.quiet}>Its rows have no attribute with two values or more.</p>
      ) : (
        <Table caption="Equalised odds by group">
          <thead>
            <tr>
              <Th>Group</Th>
              <Th>Right ones shown</Th>
              <Th>Wrong ones shown</Th>
              <Th numeric>Larger gap</Th>
              <Th>Verdict</Th>
            </tr>
          </thead>
          <tbody>
            {groups.map(group => (
              <Tr key={group.slice}>
                <Td tight>{group.slice.replace('=', ': ')}</Td>
                <Reached of={group.rightShown} gap={group.rightGap} />
                <Reached of={group.wrongShown} gap={group.wrongGap} />
                <Td numeric>{group.gap === null ? '' : percent(group.gap)}</Td>
                <Td>{verdicts[group.verdict]}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </>
  )
}
