import type { SavedView } from '@/contract/v1/explore'
import type { FeedbackRow } from '@/contract/v1/feedback'
import type { ExploreColumn } from '@/domain/explore-words'
import { feedbackHref } from '../study/feedback-address'
import type { ExplorerAddress } from './explorer-address'

export interface ExplorerTableProps {
  slug: string
  /** The first page, as the server has drawn it in `children`. */
  rows: FeedbackRow[]
  /** The row whose item is open, as it is now, wherever in the list it stands. */
  opened: FeedbackRow | null
  nextCursor: string | null
  address: ExplorerAddress
  /** Where in the list the first page begins. */
  cursor: string | undefined
  columns: readonly ExploreColumn[]
  /** The exposure whose item is open beside the table. */
  openId: string | undefined
  now: string
  /** Whether rows can be selected, to act on their items. */
  mayMark: boolean
  /** Where D leads. */
  datasetHref: string | null
}

/** What the first use of the list was for. */
export interface Wish {
  toggle?: string
  everything?: boolean
  /** To be focused, by its place. */
  focusAt?: number
}

export interface LiveTableProps extends ExplorerTableProps {
  wish: Wish
}

export const rowHref = (
  slug: string,
  address: ExplorerAddress,
  cursor: string | undefined,
  row: FeedbackRow,
) => feedbackHref(slug, { ...address, cursor, item: row.itemId, at: row.exposureId })

export type ViewTool = 'save' | 'columns' | 'change'

export interface ViewToolsProps {
  slug: string
  address: ExplorerAddress
  columns: readonly ExploreColumn[]
  /** The saved view that this is, or was before the filter was changed. */
  view: Omit<SavedView, 'figures'> | null
  mayManage: boolean
  /** Whether there is anything to make a slice of. */
  filtered: boolean
}

export interface ViewToolProps extends ViewToolsProps {
  tool: ViewTool
  onLeave: () => void
}
