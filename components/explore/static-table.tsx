import Link from 'next/link'
import type { FeedbackRow } from '@/contract/v1/feedback'
import type { ExploreColumn } from '@/domain/explore-words'
import { feedbackHref } from '../study/feedback-address'
import styles from '../study/feedback-table.module.css'
import { ButtonLink } from '../ui/button'
import { Table, Tr } from '../ui/table'
import type { ExplorerAddress } from './explorer-address'
import { rowHref } from './explorer-props'
import { HeadCells, RowCells } from './row-cells'
import { SelectAll, SelectRow } from './select-cells'

export interface StaticTableProps {
  slug: string
  rows: FeedbackRow[]
  address: ExplorerAddress
  cursor: string | undefined
  olderCursor: string | null
  newerCursor: string | null
  columns: readonly ExploreColumn[]
  openId: string | undefined
  now: string
  mayMark: boolean
}

/** A page of the list as the server draws it: readable before any script, with links to the pages around it. */
export function StaticTable({
  slug,
  rows,
  address,
  cursor,
  olderCursor,
  newerCursor,
  columns,
  openId,
  now,
  mayMark,
}: StaticTableProps) {
  const oldest = address.order === 'oldest'
  return (
    <>
      <Table caption={oldest ? 'Feedback, oldest first' : 'Feedback, newest first'} className={styles.table}>
        <thead>
          <tr>
            {mayMark ? <SelectAll /> : null}
            <HeadCells columns={columns} />
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <Tr key={row.exposureId} selected={row.exposureId === openId}>
              {mayMark ? <SelectRow row={row} /> : null}
              <RowCells
                slug={slug}
                row={row}
                columns={columns}
                href={rowHref(slug, address, cursor, row)}
                now={now}
              />
            </Tr>
          ))}
        </tbody>
      </Table>
      {olderCursor || newerCursor ? (
        <nav className={styles.pages} aria-label="Pages">
          {newerCursor ? (
            <ButtonLink size="small" href={feedbackHref(slug, { ...address, cursor: newerCursor })}>
              {oldest ? 'Older' : 'Newer'}
            </ButtonLink>
          ) : null}
          {olderCursor ? (
            <ButtonLink size="small" href={feedbackHref(slug, { ...address, cursor: olderCursor })}>
              {oldest ? 'Newer' : 'Older'}
            </ButtonLink>
          ) : null}
          {cursor ? (
            <Link className={styles.first} href={feedbackHref(slug, { ...address })}>
              To the first page
            </Link>
          ) : null}
        </nav>
      ) : null}
    </>
  )
}
