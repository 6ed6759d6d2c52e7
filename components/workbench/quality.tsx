import type { HeldItem } from '@/contract/v1/review'
import { ofHundred } from '@/domain/percent'
import styles from './quality.module.css'

const whole = (share: number) => Math.round(share * 100)

/** How often the version was right on inputs like this one: measured, never what the model says of itself. */
export function Quality({ quality }: { quality: NonNullable<HeldItem['quality']> }) {
  const { slice, share, rows, on, means } = quality
  return (
    <details className={styles.quality}>
      <summary>
        {slice ? (
          <>
            Where {slice.name} {slice.value === null ? 'is not said' : `= ${slice.value}`}, it was right{' '}
          </>
        ) : (
          'Where it was measured, it was right '
        )}
        <strong>{ofHundred(whole(share.value))}</strong> of the time ({whole(share.low)} to{' '}
        {whole(share.high)}, {share.n.toLocaleString('en')} checked{rows ? ` in ${rows.name}` : ''}
        {on ? `, ${dayWords(on)}` : ''})
      </summary>
      <p>{means}</p>
      {rows?.description ? (
        <p dir="auto">
          {rows.name}: {rows.description}
        </p>
      ) : null}
    </details>
  )
}

/** A day is the same everywhere: no zone moves it. */
const dayWords = (day: string): string =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
