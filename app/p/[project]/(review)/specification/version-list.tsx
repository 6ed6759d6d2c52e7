import Link from 'next/link'
import { RelativeTime } from '@/components/ui/relative-time'
import type { SpecificationVersion } from '@/contract/v1/specification'
import styles from './specification.module.css'

const list = (words: readonly string[]) => words.map(word => `“${word}”`).join(', ')

/** What a version changed, in sentences. */
function changesOf({
  changes,
  guideline,
  mapping,
  reasons,
  restores,
  version,
}: SpecificationVersion): string[] {
  const { added, removed, renamed, reordered } = changes
  const { addedLines, removedLines } = guideline
  const said: string[] = []
  if (restores !== null) said.push(`Brings back version ${restores}.`)
  if (added.length > 0) said.push(`New: ${list(added.map(r => r.words))}.`)
  for (const { code, words } of removed) {
    const to = reasons.find(reason => reason.code === mapping[code])?.words ?? mapping[code]
    said.push(to ? `“${words}” is read as “${to}”.` : `“${words}” is gone.`)
  }
  for (const { before, after } of renamed) said.push(`“${before}” is called “${after}”.`)
  if (reordered) said.push('Other keys.')
  if (addedLines + removedLines > 0)
    said.push(`Guideline: ${addedLines} ${addedLines === 1 ? 'line' : 'lines'} in, ${removedLines} out.`)
  return said.length > 0 ? said : [version === 1 ? 'As every project begins.' : 'Nothing changed.']
}

/** Every version, newest first, with what it changed and a way to read it. */
export function VersionList({
  here,
  versions,
  shown,
}: {
  here: string
  versions: readonly SpecificationVersion[]
  shown: number
}) {
  return (
    <ol className={styles.versions} reversed>
      {versions.map(one => (
        <li key={one.version}>
          <p>
            <Link
              href={`${here}?version=${one.version}#guideline`}
              aria-current={one.version === shown ? 'page' : undefined}
            >
              Version {one.version}
            </Link>
            {one.current ? ', in force' : ''}
            {one.createdAt ? (
              <span className={styles.quiet}>
                {' '}
                {one.createdBy ?? 'Somebody'}, <RelativeTime at={one.createdAt} show="full" />
              </span>
            ) : null}
          </p>
          {one.note ? <p dir="auto">{one.note}</p> : null}
          <p className={styles.quiet} dir="auto">
            {changesOf(one).join(' ')}
          </p>
        </li>
      ))}
    </ol>
  )
}
