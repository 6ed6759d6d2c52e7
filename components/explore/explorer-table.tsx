'use client'
import { CloudOff } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type ComponentType, type ReactNode, startTransition, useEffect, useRef, useState } from 'react'
import { useToast } from '../ui/toast'
import { useKeys } from '../ui/use-keys'
import { type ExplorerTableProps, type LiveTableProps, rowHref, type Wish } from './explorer-props'

/** From which row on the rest of the list is fetched: a page is 50. */
const wakeAt = 20

/**
 * The list. What the server drew can be read and walked at once; the code that goes on without end, selects and acts on
 * many comes with the first use of it, and takes the same place.
 */
export function ExplorerTable(props: ExplorerTableProps & { children: ReactNode }) {
  const { slug, rows, nextCursor, address, cursor, openId, mayMark, datasetHref, children } = props
  const router = useRouter()
  const toast = useToast()
  const root = useRef<HTMLDivElement>(null)
  const [live, setLive] = useState<{ Table: ComponentType<LiveTableProps>; wish: Wish } | null>(null)
  const wake = (wish: Wish, quiet = false) =>
    import('./live-table').then(
      ({ LiveTable }) => startTransition(() => setLive(now => now ?? { Table: LiveTable, wish })),
      () => {
        if (!quiet)
          toast.show({
            icon: <CloudOff />,
            text: 'The server can’t be reached, so this can’t be done now. Try again.',
          })
      },
    )
  const openAt = rows.findIndex(row => row.exposureId === openId)
  const links = () => [...(root.current?.querySelectorAll<HTMLAnchorElement>('a[data-row]') ?? [])]
  const move = (step: number) => {
    const all = links()
    const here = all.indexOf(document.activeElement as HTMLAnchorElement)
    const from = here >= 0 ? here : openAt >= 0 ? openAt : step > 0 ? -1 : all.length
    const to = from + step
    if (to >= all.length && nextCursor) return void wake({ focusAt: to })
    all[Math.min(all.length - 1, Math.max(0, to))]?.focus()
  }
  const turn = (step: number) => {
    const next = rows[openAt + step]
    if (openAt >= 0 && next) router.push(rowHref(slug, address, cursor, next), { scroll: false })
  }
  const asleep = live === null
  useKeys('Feedback', [
    { chord: 'j', label: 'next row', run: () => move(1), repeat: true, enabled: asleep },
    { chord: 'k', label: 'previous row', run: () => move(-1), repeat: true, enabled: asleep },
    { chord: ']', label: 'open the next row', run: () => turn(1), enabled: asleep && openAt >= 0 },
    { chord: '[', label: 'open the previous row', run: () => turn(-1), enabled: asleep && openAt >= 0 },
    {
      chord: 'd',
      label: 'add to a dataset',
      run: () => datasetHref && router.push(datasetHref),
      enabled: asleep && datasetHref !== null,
    },
  ])
  const go = useRef(wake)
  useEffect(() => {
    go.current = wake
  })
  // Whoever scrolls down this far will go on.
  useEffect(() => {
    if (!asleep || !nextCursor) return
    const mark = root.current?.querySelectorAll('tbody tr')[wakeAt]
    if (!mark) return
    const watcher = new IntersectionObserver(entries => {
      if (entries.some(entry => entry.isIntersecting) && window.scrollY > 0) void go.current({}, true)
    })
    watcher.observe(mark)
    return () => watcher.disconnect()
  }, [asleep, nextCursor])

  if (live) return <live.Table {...props} wish={live.wish} />
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the controls are inside; this only hears their first use.
    <div
      ref={root}
      onClick={event => {
        const box = event.target instanceof HTMLInputElement && mayMark ? event.target : null
        if (!box) return
        void wake(box.dataset.select === 'all' ? { everything: true } : { toggle: box.dataset.select ?? '' })
      }}
      onKeyDown={event => {
        if (event.key !== ' ' || !mayMark) return
        const row = event.target instanceof HTMLElement ? event.target.dataset.row : undefined
        if (!row) return
        event.preventDefault()
        void wake({ toggle: row })
      }}
    >
      {children}
    </div>
  )
}
