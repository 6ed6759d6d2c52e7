'use client'
import { Pause, Play } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button, ButtonLink } from '@/components/ui/button'
import { Switch } from '@/components/ui/checkbox'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { SelectField } from '@/components/ui/select-field'
import { StatusLane } from '@/components/ui/status-lane'
import { useKeys } from '@/components/ui/use-keys'
import type { ArrivalPage } from '@/contract/v1/arrivals'
import page from '../../project.module.css'
import { ArrivalRow } from './arrival-row'
import styles from './inspector.module.css'
import { noFilter, useArrivals } from './use-arrivals'

interface Props {
  project: string
  initial: ArrivalPage
  keys: { id: string; name: string; prefix: string }[]
  origins: string[]
  mayMakeKeys: boolean
}

/** What arrives, live, and why something was refused. */
export function Inspector({ project, initial, keys, origins, mayMakeKeys }: Props) {
  const [paused, setPaused] = useState(false)
  const [selected, setSelected] = useState<string | null>(null)
  const { rows, held, reachable, filter, setFilter, release, older } = useArrivals(
    project,
    initial,
    paused,
    selected !== null,
  )
  const elements = useRef(new Map<string, HTMLLIElement>())
  const listed = rows.filter(row => row.leftOut === null)
  const seenOrigins = [...new Set([...origins, ...rows.flatMap(row => (row.origin ? [row.origin] : []))])]

  const move = (by: number) => {
    const at = listed.findIndex(row => row.id === selected)
    const next = listed[at === -1 ? 0 : Math.min(listed.length - 1, Math.max(0, at + by))]
    if (next) setSelected(next.id)
  }
  const letGo = () => {
    setSelected(null)
    release()
  }
  useEffect(() => {
    if (selected === null) return
    const element = elements.current.get(selected)
    element?.focus({ preventScroll: true })
    element?.scrollIntoView({ block: 'nearest' })
  }, [selected])

  useKeys('What arrives', [
    { chord: 'j', label: 'next', run: () => move(1), repeat: true },
    { chord: 'k', label: 'previous', run: () => move(-1), repeat: true },
    { chord: 'p', label: paused ? 'go on' : 'pause', run: () => setPaused(!paused) },
    { chord: 'r', label: 'refused only', run: () => void setFilter({ ...filter, refused: !filter.refused }) },
    { chord: 'escape', label: 'let go of the row', enabled: selected !== null, run: letGo },
  ])

  const filtered = filter.refused || filter.key !== '' || filter.origin !== ''
  return (
    <>
      <div className={page.page}>
        <PageHeader
          title="What arrives"
          meta="Each request to this project and what was answered, kept for a day. Never what people wrote."
          actions={<ButtonLink href={`/p/${project}/settings`}>Settings</ButtonLink>}
        />
        <search className={styles.bar} aria-label="Which requests">
          <Switch
            label="Refused only"
            checked={filter.refused}
            onChange={refused => void setFilter({ ...filter, refused })}
          />
          <SelectField
            label="Key"
            labelHidden
            className={styles.choice}
            value={filter.key}
            options={[
              { value: '', label: 'Any key' },
              ...keys.map(key => ({ value: key.id, label: `${key.name} (${key.prefix}…)` })),
            ]}
            onChange={event => void setFilter({ ...filter, key: event.target.value })}
          />
          <SelectField
            label="Origin"
            labelHidden
            className={styles.choice}
            value={filter.origin}
            options={[
              { value: '', label: 'Any origin' },
              ...seenOrigins.map(origin => ({ value: origin, label: origin })),
            ]}
            onChange={event => void setFilter({ ...filter, origin: event.target.value })}
          />
          <span className={styles.grow} />
          <span className={styles.held}>
            {held > 0 ? (
              <Button size="small" kind="quiet" onClick={letGo}>
                Show {held} new
              </Button>
            ) : null}
          </span>
          <Button
            icon={paused ? <Play /> : <Pause />}
            keyHint="p"
            aria-pressed={paused}
            onClick={() => setPaused(!paused)}
          >
            {paused ? 'Go on' : 'Pause'}
          </Button>
        </search>
        {rows.length > 0 ? (
          <ol className={styles.list} aria-label="Requests, newest first">
            {rows.map(row => (
              <ArrivalRow
                key={row.id}
                arrival={row}
                selected={row.id === selected}
                onSelect={() => setSelected(row.id)}
                rowRef={element => {
                  if (element) elements.current.set(row.id, element)
                  else elements.current.delete(row.id)
                }}
              />
            ))}
          </ol>
        ) : filtered ? (
          <EmptyState
            title={filter.refused ? 'Nothing was refused.' : 'Nothing like this arrived.'}
            action={<Button onClick={() => void setFilter(noFilter)}>Show all</Button>}
          >
            Of the last day, with this filter.
          </EmptyState>
        ) : (
          <EmptyState
            title="Nothing has arrived in the last day."
            action={
              <ButtonLink href={`/p/${project}/settings#${mayMakeKeys ? 'host' : 'in-force'}`}>
                {mayMakeKeys ? 'Make a publishable key' : 'Settings'}
              </ButtonLink>
            }
          >
            {mayMakeKeys
              ? 'Make a key, paste its snippet into a page, and open the page: its first request appears here within two seconds.'
              : 'An owner makes a key in the settings. The first request with it appears here within two seconds.'}
          </EmptyState>
        )}
        {older ? (
          <div className={styles.more}>
            <Button onClick={() => void older()}>Older</Button>
          </div>
        ) : null}
      </div>
      <StatusLane
        keys={[
          { chords: ['j', 'k'], label: 'move' },
          { chords: 'p', label: paused ? 'go on' : 'pause' },
          { chords: 'r', label: 'refused only' },
        ]}
        state={
          !reachable
            ? 'The server can’t be reached. Looking again.'
            : paused
              ? 'Paused. Nothing new is shown.'
              : 'Live'
        }
      />
    </>
  )
}
