'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useRef } from 'react'
import type { UndoImpact } from '@/contract/v1/feedback'
import { ApiError } from '@/sdk/client'
import { Button } from '../ui/button'
import { Skeleton } from '../ui/skeleton'
import { useFeedback } from './feedback-kit'
import styles from './impact-question.module.css'

interface Props {
  eventId: string
  /** What kind of event it is. */
  of?: 'events' | 'review-events'
  onUndo: () => void
  onKeep: () => void
}

/** Before an undo: what rests on it. Where nothing does, the undo goes ahead without a question. */
export function ImpactQuestion({ eventId, of = 'events', onUndo, onKeep }: Props) {
  const { client, path } = useFeedback()
  const keep = useRef<HTMLButtonElement>(null)
  const { data, error } = useQuery({
    queryKey: ['impact', path, eventId],
    queryFn: () => client.request<UndoImpact>('GET', `${path}/${of}/${eventId}/impact`),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  const nothing = data !== undefined && data.restsOnIt.length === 0
  const goAhead = useEffectEvent(onUndo)
  useEffect(() => {
    if (nothing) goAhead()
  }, [nothing])
  const asks = error !== null || (data !== undefined && !nothing)
  useEffect(() => {
    if (asks) keep.current?.focus()
  }, [asks])
  if (!asks) return nothing ? null : <Skeleton lines={['70%']} />
  return (
    // biome-ignore lint/a11y/useSemanticElements: a question with two answers is a group, not a form part.
    <div
      role="group"
      aria-label="What rests on it"
      className={styles.ask}
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onKeep()
      }}
    >
      {data ? (
        <ul className={styles.list}>
          {data.restsOnIt.map(sentence => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      ) : (
        <p className={styles.list}>
          What rests on it can’t be looked up now.{' '}
          {error instanceof ApiError && error.status !== 0 ? error.detail : 'The server can’t be reached.'}{' '}
          Undo still works: it waits on this device.
        </p>
      )}
      <div className={styles.actions}>
        <Button ref={keep} size="small" onClick={onKeep}>
          Keep it
        </Button>
        <Button size="small" kind="danger" onClick={onUndo}>
          Undo anyway
        </Button>
      </div>
    </div>
  )
}
