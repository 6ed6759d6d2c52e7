import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react'
import type { FeedbackPage, FeedbackRow } from '@/contract/v1/feedback'
import { ApiError, createClient } from '@/sdk/client'
import type { ExplorerAddress } from './explorer-address'
import { filterOf } from './explorer-address'

const client = createClient({ timeoutMs: 30_000 })
const pageSize = 100
/** Read anew at once after something changed; what lies beyond comes again when it is scrolled to. */
const readAnew = 1_000

interface First {
  slug: string
  rows: FeedbackRow[]
  /** The row whose item is open, as it is now. */
  opened: FeedbackRow | null
  nextCursor: string | null
  address: ExplorerAddress
  cursor: string | undefined
}

interface List {
  rows: FeedbackRow[]
  next: string | null
}

const known = (error: unknown) =>
  error instanceof ApiError
    ? error
    : new ApiError({ status: 0, code: 'page_failed', detail: 'The rows could not be read. Try again.' })

/** Rows page by page without end. What is in sight stays while more come, and while the same are read anew. */
export function useEndlessRows({ slug, rows: firstRows, opened, nextCursor, address, cursor }: First) {
  const [list, setList] = useState<List>({ rows: firstRows, next: nextCursor })
  const [loading, setLoading] = useState(false)
  const [failed, setFailed] = useState<ApiError | null>(null)
  const running = useRef(false)

  const fetchPage = useCallback(
    (after: string | null | undefined, limit: number) => {
      const query = new URLSearchParams({
        ...filterOf(address),
        ...(address.order ? { order: address.order } : {}),
        limit: String(limit),
      })
      if (after) query.set('cursor', after)
      return client.request<FeedbackPage>('GET', `/projects/${slug}/feedback?${query}`)
    },
    [slug, address],
  )
  const next = list.next
  const loadMore = useCallback(async () => {
    if (running.current || !next) return
    running.current = true
    setLoading(true)
    setFailed(null)
    try {
      const page = await fetchPage(next, pageSize)
      setList(now => {
        const there = new Set(now.rows.map(row => row.exposureId))
        return {
          rows: [...now.rows, ...page.rows.filter(row => !there.has(row.exposureId))],
          next: page.nextCursor,
        }
      })
    } catch (error) {
      setFailed(known(error))
    } finally {
      running.current = false
      setLoading(false)
    }
  }, [next, fetchPage])

  const reload = useEffectEvent(async () => {
    const wanted = Math.min(list.rows.length, readAnew)
    const fresh: FeedbackRow[] = []
    let after: string | null | undefined = cursor
    try {
      do {
        const page: FeedbackPage = await fetchPage(after, 200)
        fresh.push(...page.rows)
        after = page.nextCursor
      } while (after && fresh.length < wanted)
      setList({ rows: fresh, next: after ?? null })
    } catch (error) {
      setFailed(known(error))
    }
  })
  // The page was read again. Where its first rows are others, something changed, here or elsewhere.
  const before = useRef(firstRows)
  useEffect(() => {
    const same = JSON.stringify(before.current) === JSON.stringify(firstRows)
    before.current = firstRows
    if (!same) void reload()
    else if (opened)
      setList(now => ({
        ...now,
        rows: now.rows.map(row => (row.exposureId === opened.exposureId ? opened : row)),
      }))
  }, [firstRows, opened])

  return { rows: list.rows, more: list.next !== null, loading, failed, loadMore, reload: () => reload() }
}
