import type { HistoryPage } from '@/contract/v1/feedback'
import { ApiError, type Client } from '@/sdk/client'

/** The exposure that one of the person's own events belongs to, looked up in their history, newest first. */
export async function findExposureOf(client: Client, path: string, eventId: string): Promise<string> {
  let cursor: string | null = null
  do {
    const query: string = `?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`
    const page: HistoryPage = await client.request<HistoryPage>('GET', `${path}/my-history${query}`)
    const entry = page.entries.find(e => e.id === eventId)
    if (entry) return entry.exposureId
    cursor = page.nextCursor
  } while (cursor)
  throw new ApiError({ status: 404, code: 'not_found', detail: 'This reply is no longer in your history.' })
}
