import { Ban, FilePlus2, ListPlus, ShieldCheck, Tag, X } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import type { BulkSelection } from '@/contract/v1/bulk-acts'
import type { FeedbackRow } from '@/contract/v1/feedback'
import type { BulkKind } from '@/domain/bulk-acts'
import { Button } from '../ui/button'
import styles from './bulk-bar.module.css'
import { BulkSteps } from './bulk-steps'
import { type ExplorerAddress, filterOf } from './explorer-address'
import { number, plural } from './explorer-words'
import { chosenCount, type Selected, selectNothing } from './selected'

export interface BulkBarProps {
  slug: string
  address: ExplorerAddress
  /** As far as they are loaded. */
  rows: readonly FeedbackRow[]
  more: boolean
  selected: Selected
  /** An act that a key has asked for. */
  wanted: BulkKind | null
  onWantedTaken: () => void
  onSelect: (selected: Selected) => void
  onDone: () => void
}

const choices: { kind: BulkKind; label: string; icon: ReactNode }[] = [
  { kind: 'tag', label: 'Tag', icon: <Tag /> },
  { kind: 'untag', label: 'Untag', icon: <X /> },
  { kind: 'queue', label: 'Send to a queue', icon: <ListPlus /> },
  { kind: 'exclude', label: 'Keep out of datasets', icon: <Ban /> },
  { kind: 'include', label: 'Let into datasets', icon: <FilePlus2 /> },
  { kind: 'redact', label: 'Take personal data out', icon: <ShieldCheck /> },
]

/** Rows that one request may name; more are told by their filter. */
const mostNamed = 1_000

/** What can be done with the selected rows. Each choice shows first what it will change. */
export function BulkBar({
  slug,
  address,
  rows,
  more,
  selected,
  wanted,
  onWantedTaken,
  onSelect,
  onDone,
}: BulkBarProps) {
  const [kind, setKind] = useState<BulkKind | null>(null)
  const [running, setRunning] = useState(false)
  useEffect(() => {
    if (!wanted) return
    setKind(wanted)
    onWantedTaken()
  }, [wanted, onWantedTaken])
  const count = chosenCount(selected)
  const all = selected.kind === 'all'
  const tooMany = count !== null && count > mostNamed
  const selection: BulkSelection = all
    ? {
        filter: { simulated: 'exclude', ...filterOf(address) } as never,
        except: [...selected.except],
      }
    : { exposureIds: [...selected.ids] }
  const said = all
    ? selected.except.size > 0
      ? `All that match but ${number(selected.except.size)}`
      : 'All that match'
    : plural(count ?? 0, 'row selected', 'rows selected')
  return (
    <section className={styles.bar} aria-label="Selected rows">
      <div className={styles.line}>
        <strong aria-live="polite">{said}</strong>
        {!all && (more || rows.length > (count ?? 0)) ? (
          <Button
            size="small"
            kind="quiet"
            disabledReason={running ? 'Something is being done with these.' : null}
            onClick={() => onSelect({ kind: 'all', except: new Set() })}
          >
            Select all that match
          </Button>
        ) : null}
        <Button
          size="small"
          kind="quiet"
          disabledReason={running ? 'Something is being done with these.' : null}
          onClick={() => onSelect(selectNothing)}
        >
          Clear
        </Button>
      </div>
      <fieldset className={styles.acts}>
        <legend className="visually-hidden">What to do with them</legend>
        {choices.map(choice => (
          <Button
            key={choice.kind}
            size="small"
            icon={choice.icon}
            aria-pressed={kind === choice.kind}
            disabledReason={
              running
                ? 'Something is being done with these.'
                : tooMany
                  ? `More than ${number(mostNamed)} single rows. Select all that match instead, and take some out.`
                  : null
            }
            onClick={() => setKind(now => (now === choice.kind ? null : choice.kind))}
          >
            {choice.label}
          </Button>
        ))}
      </fieldset>
      {kind && !tooMany ? (
        <BulkSteps
          key={kind}
          slug={slug}
          kind={kind}
          selection={selection}
          onRunning={setRunning}
          onLeave={() => setKind(null)}
          onDone={() => {
            setKind(null)
            onSelect(selectNothing)
            onDone()
          }}
        />
      ) : null}
    </section>
  )
}
