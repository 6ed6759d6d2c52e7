import type { ChangedRow, VersionDiff } from '@/contract/v1/datasets'
import type { ChangeKind } from '@/domain/dataset-words'
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
export function VersionChanges({ diff }: { diff: VersionDiff }) {
  const all = kinds.reduce((sum, kind) => sum + diff[kind].count, 0)
  const cut = kinds.find(kind => diff[kind].count > diff[kind].first.length)
  if (all === 0) return <p className={styles.quiet}>The same rows as v{diff.against}.</p>
  return (
    <div className={styles.frame}>
      <ul className={styles.counts}>
        {kinds
          .filter(kind => diff[kind].count > 0)
          .map(kind => (
            <li key={kind} data-kind={kind}>
              <strong>
                {marks[kind]}
                {said(diff[kind].count)}
              </strong>{' '}
              {words[kind]}
            </li>
          ))}
      </ul>
      <ul className={styles.rows}>
        {kinds.flatMap(kind =>
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
      {cut ? <p className={styles.quiet}>The first {diff[cut].first.length} of each are listed.</p> : null}
      {diff.moved.count > 0 ? (
        <p className={styles.quiet}>
          Rows move between train and validation when shares change. Nothing ever moves into or out of test.
        </p>
      ) : null}
    </div>
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
