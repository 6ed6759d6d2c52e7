export interface ImportCounts {
  state: 'uploaded' | 'running' | 'done' | 'failed' | 'cancelled' | 'undone'
  position: number
  total: number | null
  stored: number
  /** Rows whose item was there already. */
  known: number
  refused: number
  /** The first lines that were refused. */
  lines: readonly number[]
  /** What is counted are pictures, not rows. */
  pictures?: boolean
}

const figure = (n: number) => n.toLocaleString('en')

/** Where an import stands: “1,200 of 1,500 rows, 3 refused: lines 7, 19, 800”. */
export function sayImport(counts: ImportCounts): string {
  const { state, total, stored, known, refused } = counts
  if (state === 'uploaded') return 'Not started.'
  const arrived = stored + known
  const of = total === null ? '' : ` of ${figure(total)}`
  const noun = counts.pictures ? 'picture' : 'row'
  const rows = `${figure(arrived)}${of} ${(total ?? arrived) === 1 ? noun : `${noun}s`}`
  if (state === 'undone')
    return `Undone. ${figure(stored)} ${stored === 1 ? 'item was' : 'items were'} erased.`
  return [
    rows,
    ...(known > 0 ? [`${figure(known)} there already`] : []),
    ...sayRefused(refused, counts.lines, counts.pictures ? 'number' : 'line'),
  ].join(', ')
}

function sayRefused(refused: number, lines: readonly number[], place: string): string[] {
  if (refused === 0) return []
  const more = refused > lines.length ? ` and ${figure(refused - lines.length)} more` : ''
  return [
    `${figure(refused)} refused: ${refused === 1 ? place : `${place}s`} ${lines.map(figure).join(', ')}${more}`,
  ]
}
