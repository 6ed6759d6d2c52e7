import Link from 'next/link'
import type { ChangedRow, VersionDiff } from '@/contract/v1/datasets'
import type { ChangeKind } from '@/domain/dataset-words'
import { Table, Td, Th, Tr } from '../ui/table'
import { WordDiff } from '../ui/word-diff'
import { said } from './dataset-words'
import styles from './version-changes.module.css'

const marks: Record<ChangeKind, string> = { added: '+', removed: '−', changed: '~', moved: '→' }
const words: Record<ChangeKind, string> = {
  added: 'added',
  removed: 'removed',
  changed: 'decided anew',
  moved: 'moved between splits',
}
const kinds: readonly ChangeKind[] = ['added', 'removed', 'changed', 'moved']

/** What a version has that another one has not, as counts and a readable list. */
export function VersionChanges({
  diff,
  href,
  kind: chosen,
}: {
  diff: VersionDiff
  /** The comparison, as `/p/demo/datasets/kept?v=3&against=2`. */
  href: string
  /** The one kind that is looked at page by page. */
  kind?: ChangeKind | undefined
}) {
  const all = kinds.reduce((sum, kind) => sum + diff[kind].count, 0)
  const listed = chosen ? [chosen] : kinds
  const nextAfter = chosen ? diff[chosen].nextAfter : null
  if (all === 0 && diff.rules.length === 0)
    return <p className={styles.quiet}>The same rows as v{diff.against}.</p>
  return (
    <div className={styles.frame}>
      <ul className={styles.counts}>
        {kinds
          .filter(kind => diff[kind].count > 0)
          .map(kind => (
            <li key={kind} data-kind={kind}>
              <Link
                href={chosen === kind ? href : `${href}&kind=${kind}`}
                aria-current={chosen === kind ? 'true' : undefined}
                scroll={false}
              >
                <strong>
                  {marks[kind]}
                  {said(diff[kind].count)}
                </strong>{' '}
                {words[kind]}
              </Link>
            </li>
          ))}
      </ul>
      <ul className={styles.rows}>
        {listed.flatMap(kind =>
          diff[kind].first.map((row, at) => (
            // A row has no identity beyond its place: one item may stand here twice.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <li key={`${kind}-${at}`} data-kind={kind}>
              <span className={styles.mark} aria-hidden>
                {marks[kind]}
              </span>
              <span className={styles.item}>
                <span className="visually-hidden">{words[kind]}: </span>
                {row.title ?? 'Erased item'}
              </span>
              <span className={styles.text}>
                <Change kind={kind} row={row} />
              </span>
              <span className={styles.why}>
                {kind === 'moved' ? `${row.splitBefore} to ${row.splitAfter}; ${row.why}` : row.why}
              </span>
            </li>
          )),
        )}
      </ul>
      {chosen ? (
        <p className={styles.quiet}>
          {nextAfter === null ? null : (
            <>
              <Link href={`${href}&kind=${chosen}&from=${nextAfter}`} scroll={false}>
                The next ones
              </Link>{' '}
              ·{' '}
            </>
          )}
          <Link href={href} scroll={false}>
            Back to all kinds
          </Link>
        </p>
      ) : kinds.some(kind => diff[kind].count > diff[kind].first.length) ? (
        <p className={styles.quiet}>The first 20 of each; a count above leads to all of its rows.</p>
      ) : null}
      {diff.moved.count > 0 ? (
        <p className={styles.quiet}>
          Rows move between train and validation when shares change. Nothing ever moves into or out of test.
        </p>
      ) : null}
      {diff.rules.length > 0 ? (
        <p className={styles.quiet}>Asked for otherwise: {diff.rules.join('; ')}.</p>
      ) : null}
      <BySlice diff={diff} href={href} />
    </div>
  )
}

const figures = (counts: Record<ChangeKind, number>) =>
  kinds
    .filter(kind => counts[kind] > 0)
    .map(kind => `${marks[kind]}${said(counts[kind])}`)
    .join('  ')

/** The same changes by split and by the values of one slice. */
function BySlice({ diff, href }: { diff: VersionDiff; href: string }) {
  const { names, name, values } = diff.slices
  return (
    <details>
      <summary>By split and slice</summary>
      <Table caption="Changes by split">
        <thead>
          <tr>
            <Th>Split</Th>
            <Th numeric tight>
              Changes
            </Th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(diff.bySplit).map(([split, counts]) => (
            <Tr key={split}>
              <Td>{split}</Td>
              <Td numeric tight>
                {figures(counts) || 'none'}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {names.length > 1 ? (
        <p className={styles.slices}>
          {names.map(one => (
            <Link
              key={one}
              href={`${href}&slice=${encodeURIComponent(one)}`}
              aria-current={one === name ? 'true' : undefined}
              scroll={false}
            >
              {one}
            </Link>
          ))}
        </p>
      ) : null}
      {name === null ? null : (
        <Table caption={`Changes by ${name}`}>
          <thead>
            <tr>
              <Th>{name}</Th>
              <Th numeric tight>
                v{diff.against}
              </Th>
              <Th numeric tight>
                v{diff.number}
              </Th>
              <Th numeric tight>
                Changes
              </Th>
            </tr>
          </thead>
          <tbody>
            {values.map(one => (
              <Tr key={one.value}>
                <Td>{one.value}</Td>
                <Td numeric tight>
                  {said(one.before)}
                </Td>
                <Td numeric tight>
                  {said(one.after)}
                </Td>
                <Td numeric tight>
                  {figures(one) || 'none'}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </details>
  )
}

function Change({ kind, row }: { kind: ChangeKind; row: ChangedRow }) {
  if (row.erased) return <span className={styles.gone}>Words erased</span>
  const [before, after] = [row.before?.[0] ?? null, row.after?.[0] ?? null]
  const more = Math.max(row.before?.length ?? 0, row.after?.length ?? 0) - 1
  return (
    <>
      {kind === 'changed' && before !== null && after !== null ? (
        before === after ? (
          <span dir="auto">
            {after} <span className={styles.gone}>(the same words)</span>
          </span>
        ) : (
          <WordDiff before={before} after={after} />
        )
      ) : (
        <span dir="auto">{after ?? before}</span>
      )}
      {more > 0 ? <span className={styles.gone}> and {more} more acceptable</span> : null}
    </>
  )
}
