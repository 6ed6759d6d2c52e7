import Link from 'next/link'
import type { LineageEvent, RowLineage } from '@/contract/v1/lineage'
import { checkWords } from '@/domain/dataset-check-words'
import { FieldList } from '../ui/field-list'
import { RelativeTime } from '../ui/relative-time'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './row-lineage.module.css'

const unknown = 'unknown'
const shareWords = (share: number | null) => (share === null ? unknown : String(Number(share.toPrecision(4))))
const yes = (is: boolean) => (is ? 'yes' : 'no')

const splitWords: Record<string, string> = {
  hash: 'by hash of its group',
  time: 'by its time',
  cluster: 'with its near-duplicates',
  'was-test': 'its group was test before',
  'was-trained-on': 'its group was trained on before',
  'not-unbiased': 'not fit to measure, so not in test',
}

const standingWords: Record<LineageEvent['atFreeze'], string> = {
  active: 'counted',
  undone: 'taken back',
  pending: 'waited for another',
  no_op: 'changed nothing',
  later: 'came later',
}

/** One row of a version, from the file back to who said it and on to what learned from it. */
export function RowLineageView({ lineage, project }: { lineage: RowLineage; project: string }) {
  const { row, item, exposures, events, model, specification, split, wentTo, findings } = lineage
  const base = `/p/${project}`
  const ground = exposures.find(one => one.ground)
  const entry = item.queues.find(one => one.ground)
  return (
    <div className={styles.chain}>
      <section aria-labelledby="row-itself">
        <h2 id="row-itself">The row</h2>
        {row.erased ? (
          <p className={styles.quiet}>Its words were erased; what it rests on is still here.</p>
        ) : null}
        {row.values.map(value => (
          <p key={value.hash} className={styles.value} dir="auto">
            {value.text ?? 'Erased'}
          </p>
        ))}
        {row.rejected.length > 0 ? (
          <p className={styles.quiet}>
            Preferred to: {row.rejected.map(one => one.text ?? 'erased').join(' · ')}
          </p>
        ) : null}
        <FieldList
          items={[
            {
              term: 'Said',
              value: `${row.label ?? unknown}, by ${row.annotators.join(', ') || 'nobody of ours'}`,
            },
            { term: 'When', value: <RelativeTime at={row.decidedAt} show="full" /> },
            { term: 'Could see a suggestion', value: yes(row.modelInfluenced) },
            { term: 'Judged blind', value: yes(row.blind) },
            { term: 'Agreement', value: shareWords(row.agreement) },
            { term: 'Licence', value: row.licence ?? 'not stated' },
            {
              term: 'Consent',
              value: row.consentVersion === null ? unknown : `version ${row.consentVersion}`,
            },
            ...(row.redacted.length > 0 ? [{ term: 'Taken out', value: row.redacted.join(', ') }] : []),
            { term: 'Hash', value: <code>{row.rowHash.slice(0, 16)}…</code> },
          ]}
        />
      </section>
      <section aria-labelledby="row-split">
        <h2 id="row-split">Why it is in {split.split}</h2>
        <FieldList
          items={[
            { term: 'Placed', value: split.reason ? (splitWords[split.reason] ?? split.reason) : unknown },
            { term: 'Group', value: <code>{split.groupKey.slice(0, 12)}…</code> },
            {
              term: 'Near-duplicates',
              value: split.cluster ? <code>{split.cluster.slice(0, 12)}</code> : 'none',
            },
            {
              term: 'Group was first',
              value: split.first
                ? `${split.first.split}, in ${split.first.name} v${split.first.number}`
                : 'in this version',
            },
            {
              term: 'Checks',
              value:
                findings.length === 0
                  ? 'none found it'
                  : findings.map(one => checkWords[one.check]?.label ?? one.check).join(', '),
            },
          ]}
        />
      </section>
      <section aria-labelledby="row-item">
        <h2 id="row-item">Its item</h2>
        <FieldList
          items={[
            {
              term: 'Item',
              value: item.erasedAt ? (
                'erased'
              ) : (
                <Link href={`${base}/feedback?item=${item.id}`}>{row.title ?? item.id}</Link>
              ),
            },
            { term: 'Came', value: <RelativeTime at={item.createdAt} show="full" /> },
            {
              term: 'Brought by',
              value: item.import ? `${item.import.fileName}, line ${item.import.line}` : 'the API or a page',
            },
            {
              term: 'Selected',
              value: entry
                ? `${entry.strategy}, ${entry.rank} of ${entry.poolSize}, with probability ${shareWords(entry.inclusionProbability)}`
                : `${row.strategy}; how likely is ${shareWords(row.inclusionProbability)}`,
            },
            ...(entry
              ? [
                  {
                    term: 'Queue',
                    value: <Link href={`${base}/queues/${entry.queueId}/manage`}>{entry.queue}</Link>,
                  },
                ]
              : []),
          ]}
        />
      </section>
      <section aria-labelledby="row-shown">
        <h2 id="row-shown">What had been suggested</h2>
        {ground ? (
          <>
            <FieldList
              items={[
                {
                  term: 'Shown',
                  value: ground.shown ? (
                    <RelativeTime at={ground.at} show="full" />
                  ) : (
                    `nothing: ${ground.suppressedReason ?? 'held back'}`
                  ),
                },
                { term: 'To', value: `${ground.by}, ${ground.role}` },
                { term: 'Arm', value: `${ground.arm}${ground.holdback ? ', held back' : ''}` },
                { term: 'Propensity', value: shareWords(row.propensity) },
              ]}
            />
            <ol className={styles.candidates}>
              {ground.candidates.map(one => (
                <li key={one.id}>
                  <span dir="auto">{one.text ?? 'Erased'}</span>
                  <small>{shareWords(one.confidence)}</small>
                </li>
              ))}
            </ol>
          </>
        ) : (
          <p className={styles.quiet}>
            {entry
              ? 'It was judged in review, not on a moment of use.'
              : 'No suggestion of ours had a part in it.'}
          </p>
        )}
        <FieldList
          items={[
            {
              term: 'Model version',
              value: model ? (
                <Link href={`${base}/models`}>{`${model.model} ${model.version}`}</Link>
              ) : (
                'none'
              ),
            },
            ...(model
              ? [
                  {
                    term: 'Trained on',
                    value:
                      model.trainedOn.length === 0
                        ? 'no version of ours'
                        : model.trainedOn.map((one, at) => (
                            <span key={`${one.dataset} ${one.number}`}>
                              {at > 0 ? ', ' : ''}
                              <Link href={`${base}/datasets/${one.dataset}?v=${one.number}`}>
                                {one.name} v{one.number}
                              </Link>
                            </span>
                          )),
                  },
                ]
              : []),
            {
              term: 'Guideline',
              value: specification ? `version ${specification.version}` : 'none in force',
            },
          ]}
        />
      </section>
      <section aria-labelledby="row-events" className={styles.wide}>
        <h2 id="row-events">What was said of it, in order</h2>
        {events.length === 0 ? (
          <p className={styles.quiet}>A file brought its value; there is no event of ours behind it.</p>
        ) : (
          <Table caption="Events on what the row rests">
            <thead>
              <tr>
                <Th>Event</Th>
                <Th tight>By</Th>
                <Th tight>When</Th>
                <Th tight>At the freeze</Th>
                <Th tight>Today</Th>
              </tr>
            </thead>
            <tbody>
              {events.map(event => (
                <Tr key={event.id}>
                  <Td>
                    {event.type}
                    {event.reason ? `, ${event.reason}` : ''}
                    {event.ground ? <span className={styles.quiet}> (the row rests on it)</span> : null}
                  </Td>
                  <Td tight>{event.by ?? 'this server'}</Td>
                  <Td tight>
                    <RelativeTime at={event.at} show="full" />
                  </Td>
                  <Td tight>{standingWords[event.atFreeze]}</Td>
                  <Td tight>{standingWords[event.standing]}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        )}
      </section>
      <section aria-labelledby="row-went" className={styles.wide}>
        <h2 id="row-went">Where it went</h2>
        {wentTo.versions.length + wentTo.models.length === 0 ? (
          <p className={styles.quiet}>No later version holds its item, and no model has learned from it.</p>
        ) : (
          <ul className={styles.went}>
            {wentTo.versions.map(one => (
              <li key={`${one.dataset} ${one.number} ${one.row}`}>
                <Link href={`${base}/datasets/${one.dataset}/rows/${one.row}?v=${one.number}`}>
                  {one.name} v{one.number}, row {one.row}
                </Link>
                , {one.split}
              </li>
            ))}
            {wentTo.models.map(one => (
              <li key={`${one.id} ${one.row}`}>
                <Link href={`${base}/models`}>{`${one.model} ${one.version}`}</Link>{' '}
                {one.withdrawn ? 'had learned it; it was withdrawn' : 'has learned it'}
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  )
}
