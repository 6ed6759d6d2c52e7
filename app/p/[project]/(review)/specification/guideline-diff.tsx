import { diffLines } from 'diff'
import { WordDiff } from '@/components/ui/word-diff'
import styles from './specification.module.css'

const mostMs = 300

interface Piece {
  before: string
  after: string
  /** Lines that stayed, between what changed. */
  same: number
}

/** Neighbours that went out and came in are one change, shown word by word. */
function piecesOf(before: string, after: string): Piece[] | null {
  const parts = diffLines(before, after, { timeout: mostMs })
  if (!parts) return null
  const pieces: Piece[] = []
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at]
    if (!part) continue
    const next = parts[at + 1]
    if (part.removed && next?.added) {
      pieces.push({ before: part.value, after: next.value, same: 0 })
      at += 1
    } else if (part.removed) pieces.push({ before: part.value, after: '', same: 0 })
    else if (part.added) pieces.push({ before: '', after: part.value, same: 0 })
    else pieces.push({ before: '', after: '', same: part.count ?? 0 })
  }
  return pieces
}

/** What changed in a guideline, as its author wrote it: no Markdown is drawn, so that nothing is hidden. */
export function GuidelineDiff({ before, after }: { before: string; after: string }) {
  if (before === after) return <p className={styles.quiet}>The same words.</p>
  const pieces = piecesOf(before, after)
  if (!pieces)
    return (
      <p className={styles.quiet}>So much changed that it is not shown line by line. Read both versions.</p>
    )
  return (
    <div className={styles.diff}>
      {pieces.map((piece, at) => {
        // A diff has no identity beyond its place.
        const key = `${at}`
        return piece.same > 0 ? (
          <p key={key} className={styles.quiet}>
            {piece.same === 1 ? '1 line as before' : `${piece.same} lines as before`}
          </p>
        ) : (
          <p key={key}>
            <WordDiff before={piece.before} after={piece.after} />
          </p>
        )
      })}
    </div>
  )
}
