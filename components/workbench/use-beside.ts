'use client'
import { useEffect, useState } from 'react'
import type { ItemContext } from '@/contract/v1/context'
import type { ReviewKit } from './review-kit'

/** Long enough that whoever goes fast asks for nothing that they won't look at. */
const settleMs = 500
const mostKept = 20

/** What is at hand beside the item in hand, and fetched already for the one after it; never in the way of either. */
export function useBeside({ desk, api }: ReviewKit): ItemContext | null {
  const [known, setKnown] = useState<ReadonlyMap<string, ItemContext | null>>(new Map())
  const ids = desk
    .hands()
    .filter(hand => hand.lost === null && !hand.returning)
    .map(hand => hand.item.assignmentId)
  const wanted = ids.find(id => !known.has(id)) ?? null
  useEffect(() => {
    if (!wanted) return
    let live = true
    const keep = (context: ItemContext | null) => {
      if (live) setKnown(now => new Map([...[...now].slice(-mostKept), [wanted, context]]))
    }
    const timer = setTimeout(
      () =>
        void api.context(wanted).then(keep, () => {
          keep(null)
        }),
      settleMs,
    )
    return () => {
      live = false
      clearTimeout(timer)
    }
  }, [wanted, api])
  return known.get(desk.current()?.item.assignmentId ?? '') ?? null
}
