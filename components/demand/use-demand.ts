'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type { DemandPage } from '@/contract/v1/demand'
import { useFeedback } from '../inbox/feedback-kit'
import { createDemandDesk, type DatedDemand } from './demand-desk'

/** The series as the server lists it, the first time drawn by it, and the desk that its periods lie on. */
export function useDemand(initial: DemandPage) {
  const kit = useFeedback()
  const { client, path } = kit
  const queries = useQueryClient()
  const queryKey = useMemo(() => ['demand', path, initial.selected], [path, initial.selected])
  const [first] = useState<DatedDemand>(() => ({ ...initial, askedAt: performance.now() }))
  const [desk] = useState(() => {
    const made = createDemandDesk(kit)
    made.load(first)
    return made
  })
  const { data } = useQuery({
    queryKey,
    queryFn: async (): Promise<DatedDemand> => {
      const askedAt = performance.now()
      const series = initial.selected === null ? '' : `?series=${encodeURIComponent(initial.selected)}`
      return { ...(await client.request<DemandPage>('GET', `${path}/demand${series}`)), askedAt }
    },
    initialData: first,
    // What was taken back on another page may have arrived while this one was drawn: look once more.
    staleTime: 0,
  })
  useEffect(() => desk.load(data), [desk, data])
  // The page was read again, as after an outcome was entered: it may be older than what lies on this device.
  const drawn = useRef(initial)
  useEffect(() => {
    if (drawn.current === initial) return
    drawn.current = initial
    void queries.invalidateQueries({ queryKey })
  }, [initial, queries, queryKey])
  useEffect(() => {
    void desk.restore()
    return desk.start(() => void queries.invalidateQueries({ queryKey }))
  }, [desk, queries, queryKey])
  useSyncExternalStore(desk.subscribe, desk.getVersion, () => 0)
  return { desk, page: data }
}
