'use client'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { Arrival, ArrivalPage } from '@/contract/v1/arrivals'
import { createClient } from '@/sdk/client'

const client = createClient()
const lookEveryMs = 1_500
/** A day of a busy project is more than a page can draw. */
const mostRows = 500

export interface ArrivalFilter {
  refused: boolean
  key: string
  origin: string
}

export const noFilter: ArrivalFilter = { refused: false, key: '', origin: '' }

function address(project: string, filter: ArrivalFilter, place: Record<string, string | null>): string {
  const query = new URLSearchParams({ limit: '100' })
  if (filter.refused) query.set('refused', 'only')
  if (filter.key) query.set('key', filter.key)
  if (filter.origin) query.set('origin', filter.origin)
  for (const [name, value] of Object.entries(place)) if (value) query.set(name, value)
  return `/projects/${project}/arrivals?${query}`
}

interface Lists {
  rows: readonly Arrival[]
  /** Arrived while somebody reads: they wait, so that nothing moves under the eyes. */
  held: readonly Arrival[]
  nextCursor: string | null
}

/**
 * What arrives, newest first, looked for again and again while the page is in view and not paused.
 * With `reading` new rows are held back until `release`.
 */
export function useArrivals(project: string, initial: ArrivalPage, paused: boolean, reading: boolean) {
  const [filter, setFilterState] = useState(noFilter)
  const [lists, setLists] = useState<Lists>({
    rows: initial.arrivals,
    held: [],
    nextCursor: initial.nextCursor,
  })
  const [reachable, setReachable] = useState(true)
  const newest = useRef(initial.newestCursor)
  const chosen = useRef(noFilter)
  const holds = useRef(reading)
  holds.current = reading

  const add = useCallback((found: readonly Arrival[]) => {
    setLists(before => {
      const known = new Set([...before.rows, ...before.held].map(row => row.id))
      const fresh = found.filter(row => !known.has(row.id))
      if (fresh.length === 0) return before
      if (holds.current) return { ...before, held: [...fresh, ...before.held].slice(0, mostRows) }
      return { ...before, rows: inOrder([...fresh, ...before.rows]).slice(0, mostRows) }
    })
  }, [])

  useEffect(() => {
    if (paused) return
    let over = false
    const look = async () => {
      while (!over) {
        await new Promise(resolve => setTimeout(resolve, lookEveryMs))
        if (over || document.visibilityState !== 'visible') continue
        const page = await client
          .request<ArrivalPage>('GET', address(project, filter, { after: newest.current }))
          .catch(() => null)
        if (over) return
        setReachable(page !== null)
        if (!page) continue
        newest.current = page.newestCursor
        add(page.arrivals)
      }
    }
    void look()
    return () => {
      over = true
    }
  }, [project, filter, paused, add])

  const setFilter = useCallback(
    async (next: ArrivalFilter) => {
      chosen.current = next
      setFilterState(next)
      const page = await client.request<ArrivalPage>('GET', address(project, next, {})).catch(() => null)
      // An answer that was overtaken by the next choice says nothing any more.
      if (chosen.current !== next) return
      setReachable(page !== null)
      if (!page) return
      newest.current = page.newestCursor
      setLists({ rows: page.arrivals, held: [], nextCursor: page.nextCursor })
    },
    [project],
  )

  return {
    rows: lists.rows,
    held: lists.held.length,
    reachable,
    filter,
    setFilter,
    release: useCallback(
      () => setLists(before => ({ ...before, rows: inOrder([...before.held, ...before.rows]), held: [] })),
      [],
    ),
    older: lists.nextCursor
      ? async () => {
          const page = await client
            .request<ArrivalPage>('GET', address(project, filter, { cursor: lists.nextCursor }))
            .catch(() => null)
          if (chosen.current !== filter) return
          setReachable(page !== null)
          if (page)
            setLists(before => {
              const known = new Set(before.rows.map(row => row.id))
              const rows = [...before.rows, ...page.arrivals.filter(row => !known.has(row.id))]
              return { ...before, rows, nextCursor: page.nextCursor }
            })
        }
      : null,
  }
}

const inOrder = (rows: readonly Arrival[]) =>
  [...rows].sort((a, b) => (a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1))
