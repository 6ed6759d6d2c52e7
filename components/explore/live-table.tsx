'use client'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { FeedbackRow } from '@/contract/v1/feedback'
import tableStyles from '../study/feedback-table.module.css'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { Skeleton } from '../ui/skeleton'
import { Table, Td, Tr } from '../ui/table'
import { useKeys } from '../ui/use-keys'
import { BulkBar } from './bulk-bar'
import { type LiveTableProps, rowHref } from './explorer-props'
import styles from './live-table.module.css'
import { HeadCells, RowCells } from './row-cells'
import { SelectAll, SelectRow } from './select-cells'
import { chosenCount, isChosen, type Selected, selectNothing, toggled, withRange } from './selected'
import { useEndlessRows } from './use-endless-rows'

/** A row on the desktop; measured where it is drawn in another way. */
const rowPx = 61

/** The whole list: rows come as they are needed and only those in sight are drawn. Rows can be selected and acted on. */
export function LiveTable(props: LiveTableProps) {
  const { slug, address, columns, cursor, openId, now, mayMark, datasetHref, wish } = props
  const router = useRouter()
  const body = useRef<HTMLTableSectionElement>(null)
  const { rows, more, failed, loading, loadMore, reload } = useEndlessRows(props)
  const [selected, setSelected] = useState<Selected>(() =>
    wish.everything
      ? { kind: 'all', except: new Set() }
      : wish.toggle
        ? toggled(selectNothing, wish.toggle)
        : selectNothing,
  )
  const lastToggled = useRef<string | null>(wish.toggle ?? null)
  const [margin, setMargin] = useState(0)
  useLayoutEffect(() => {
    const measure = () => {
      const top = body.current?.getBoundingClientRect().top
      if (top !== undefined) setMargin(top + window.scrollY)
    }
    measure()
    window.addEventListener('resize', measure)
    return () => window.removeEventListener('resize', measure)
  }, [])
  const virtual = useWindowVirtualizer<HTMLTableRowElement>({
    count: rows.length,
    estimateSize: () => rowPx,
    overscan: 12,
    scrollMargin: margin,
    getItemKey: at => rows[at]?.exposureId ?? at,
  })
  const items = virtual.getVirtualItems()
  const [first, last] = [items[0], items.at(-1)]
  const nearEnd = last !== undefined && last.index >= rows.length - 15
  useEffect(() => {
    if (nearEnd && more && !loading && !failed) void loadMore()
  }, [nearEnd, more, loading, failed, loadMore])

  const openAt = rows.findIndex(row => row.exposureId === openId)
  const linkAt = (at: number) =>
    body.current?.querySelector<HTMLAnchorElement>(`tr[data-index="${at}"] a[data-row]`)
  // The table that this one replaces may hold the focus.
  const [wanted, setWanted] = useState<number | null>(() => {
    const { activeElement: held } = document
    const id = wish.toggle ?? (held instanceof HTMLElement ? held.dataset.row : undefined)
    const at = rows.findIndex(row => row.exposureId === id)
    return wish.focusAt ?? (at >= 0 ? at : null)
  })
  // A row that is not drawn yet takes focus once it is.
  useEffect(() => {
    if (wanted === null || wanted >= rows.length) return
    const link = linkAt(wanted)
    if (!link) return virtual.scrollToIndex(wanted, { align: 'auto' })
    link.focus({ preventScroll: true })
    link.scrollIntoView({ block: 'nearest' })
    setWanted(null)
  })
  const tooFar = wanted !== null && wanted >= rows.length
  useEffect(() => {
    if (!tooFar || loading) return
    if (!more) setWanted(rows.length - 1)
    else if (!failed) void loadMore()
  }, [tooFar, more, loading, failed, loadMore, rows.length])
  const here = () => {
    const index = document.activeElement?.closest('tr[data-index]')?.getAttribute('data-index')
    return index === null || index === undefined ? null : Number(index)
  }
  // Held down, the key goes on from the row that is about to take focus.
  const move = (step: number) =>
    setWanted(now => {
      const from = now ?? here() ?? (openAt >= 0 ? openAt : (first?.index ?? 0) - step)
      const to = Math.max(0, from + step)
      return to < rows.length || more ? to : now
    })
  const turn = (step: number) => {
    const next = rows[openAt + step]
    if (openAt < 0 || !next) return
    virtual.scrollToIndex(openAt + step, { align: 'auto' })
    router.push(rowHref(slug, address, cursor, next), { scroll: false })
  }
  const toggle = (row: FeedbackRow, range: boolean) => {
    const from = range ? rows.findIndex(other => other.exposureId === lastToggled.current) : -1
    const at = rows.indexOf(row)
    const between = rows.slice(Math.min(from, at), Math.max(from, at) + 1).map(other => other.exposureId)
    setSelected(now => (from >= 0 ? withRange(now, between) : toggled(now, row.exposureId)))
    lastToggled.current = row.exposureId
  }
  const chosen = chosenCount(selected)
  const [act, setAct] = useState<'tag' | null>(null)
  useKeys('Feedback', [
    { chord: 'j', label: 'next row', run: () => move(1), repeat: true },
    { chord: 'k', label: 'previous row', run: () => move(-1), repeat: true },
    { chord: ']', label: 'open the next row', run: () => turn(1), enabled: openAt >= 0 },
    { chord: '[', label: 'open the previous row', run: () => turn(-1), enabled: openAt >= 0 },
    {
      chord: 'd',
      label: chosen === 0 ? 'add to a dataset' : 'tag, for a dataset',
      run: () => (chosen === 0 ? datasetHref && router.push(datasetHref) : setAct('tag')),
      enabled: chosen !== 0 || datasetHref !== null,
    },
    {
      chord: 'escape',
      label: 'select nothing',
      run: () => setSelected(selectNothing),
      enabled: chosen !== 0,
    },
  ])
  const space = (height: number): ReactNode =>
    height > 0 ? (
      <tr aria-hidden className={styles.space} style={{ height }}>
        <td colSpan={columns.length + 2} />
      </tr>
    ) : null
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: space on a row's link selects it, as its checkbox does. */}
      <div
        onKeyDown={event => {
          const id = event.target instanceof HTMLElement ? event.target.dataset.row : undefined
          const row = rows.find(one => one.exposureId === id)
          if (event.key !== ' ' || !row || !mayMark) return
          event.preventDefault()
          toggle(row, event.shiftKey)
        }}
      >
        <Table
          caption={address.order === 'oldest' ? 'Feedback, oldest first' : 'Feedback, newest first'}
          className={tableStyles.table}
          aria-rowcount={more ? -1 : rows.length + 1}
        >
          <thead>
            <tr>
              {mayMark ? (
                <SelectAll
                  state={
                    selected.kind === 'all'
                      ? selected.except.size > 0
                        ? 'some'
                        : 'all'
                      : chosen
                        ? 'some'
                        : 'none'
                  }
                  onChange={on => setSelected(on ? { kind: 'all', except: new Set() } : selectNothing)}
                />
              ) : null}
              <HeadCells columns={columns} />
            </tr>
          </thead>
          <tbody ref={body}>
            {space(first ? first.start - margin : 0)}
            {items.map(item => {
              const row = rows[item.index]
              if (!row) return null
              return (
                <Tr
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  aria-rowindex={item.index + 2}
                  selected={row.exposureId === openId}
                  data-chosen={isChosen(selected, row.exposureId) || undefined}
                >
                  {mayMark ? (
                    <SelectRow
                      row={row}
                      on={isChosen(selected, row.exposureId)}
                      onToggle={range => toggle(row, range)}
                    />
                  ) : null}
                  <RowCells
                    slug={slug}
                    row={row}
                    columns={columns}
                    href={rowHref(slug, address, cursor, row)}
                    now={now}
                  />
                </Tr>
              )
            })}
            {space(last ? virtual.getTotalSize() - (last.end - margin) : 0)}
            {loading ? (
              <tr>
                <Td colSpan={columns.length + 2}>
                  <Skeleton lines={['100%']} lineHeight="2rem" />
                </Td>
              </tr>
            ) : null}
          </tbody>
        </Table>
      </div>
      {failed ? (
        <ErrorNote title="The next rows didn’t come." code={failed.code} onRetry={() => void loadMore()}>
          {failed.detail}
        </ErrorNote>
      ) : null}
      {!more && rows.length > 0 ? (
        <p className={styles.end}>These are all: {rows.length.toLocaleString('en')} rows.</p>
      ) : null}
      {more && !loading && !failed ? (
        <p className={styles.end}>
          <Button size="small" onClick={() => void loadMore()}>
            More rows
          </Button>
        </p>
      ) : null}
      {mayMark && chosen !== 0 ? (
        <BulkBar
          slug={slug}
          address={address}
          rows={rows}
          more={more}
          selected={selected}
          wanted={act}
          onWantedTaken={() => setAct(null)}
          onSelect={setSelected}
          onDone={() => void reload()}
        />
      ) : null}
    </>
  )
}
