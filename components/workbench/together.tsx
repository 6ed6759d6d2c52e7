'use client'
import { useState } from 'react'
import type { JudgedTogether } from '@/contract/v1/bulk'
import type { ItemContext } from '@/contract/v1/context'
import { newId } from '@/sdk/new-id'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import styles from './beside.module.css'

interface Props {
  near: ItemContext['nearDuplicates']
  mediaBase: string
  /** Why nothing can be saved yet; null when it can. */
  whyNot: string | null
  /** The same id again is the same decision: a retry judges nothing twice. */
  judge: (entryIds: string[], bulkId: string) => Promise<JudgedTogether>
  onClose: () => void
}

/** A look at the items that one answer would be given to, before it is. */
export default function Together({ near, mediaBase, whyNot, judge, onClose }: Props) {
  const [out, setOut] = useState<readonly string[]>([])
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<{ code: string; detail: string } | null>(null)
  const [bulkId, setBulkId] = useState(() => newId())
  const chosen = near.filter(({ entryId }) => !out.includes(entryId)).map(({ entryId }) => entryId)
  const save = async () => {
    setBusy(true)
    setFailed(null)
    try {
      await judge(chosen, bulkId)
    } catch (error) {
      const problem = error as { code?: string; detail?: string; status?: number }
      setFailed({
        code: problem.code ?? 'internal',
        detail:
          problem.status === 0
            ? 'The server can’t be reached. Your answer is kept as a draft.'
            : (problem.detail ?? 'Your answer is kept as a draft.'),
      })
      setBusy(false)
    }
  }
  return (
    <section id="together" className={styles.guide} aria-label="Judge together">
      <h2>One answer for all of these</h2>
      <p className={styles.quiet}>
        They say nearly the same. One undo takes all of it back. Where the suggestions differ an item is left
        as it is.
      </p>
      <ul className={styles.near}>
        {near.map(({ entryId, title, input, media }) => (
          <li key={entryId}>
            <label>
              <input
                type="checkbox"
                checked={!out.includes(entryId)}
                disabled={busy}
                onChange={event => {
                  setOut(event.target.checked ? out.filter(id => id !== entryId) : [...out, entryId])
                  // Another choice is another decision.
                  setBulkId(newId())
                }}
              />
              {media ? (
                // biome-ignore lint/performance/noImgElement: an item's own file, as the API serves it.
                <img src={`${mediaBase}/${media.id}`} alt={media.alt ?? title} />
              ) : null}
              <span dir="auto">{input || title}</span>
            </label>
          </li>
        ))}
      </ul>
      {failed ? (
        <ErrorNote title="That didn’t save." code={failed.code} onRetry={() => void save()}>
          {failed.detail}
        </ErrorNote>
      ) : null}
      <div className={styles.acts}>
        <Button
          busy={busy}
          disabledReason={whyNot ?? (chosen.length === 0 ? 'Choose at least one.' : null)}
          onClick={() => void save()}
        >
          Judge {chosen.length + 1} together
        </Button>
        <Button kind="quiet" onClick={onClose}>
          Close
        </Button>
      </div>
    </section>
  )
}
