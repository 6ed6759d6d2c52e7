import type { BulkWithdrawn, JudgedTogether, JudgeTogetherBody } from '@/contract/v1/bulk'
import type { Comparison, ItemContext } from '@/contract/v1/context'
import type {
  ClaimAnswer,
  ClaimBody,
  HeartbeatAnswer,
  QueueView,
  ReleaseBody,
  ReviewedPage,
  SaveDraftBody,
} from '@/contract/v1/review'
import type { Client } from '@/sdk/client'

/** The calls of the workbench that don't wait in the outbox. */
export type ReviewApi = ReturnType<typeof createReviewApi>

export function createReviewApi(client: Pick<Client, 'request'>, path: string, queueId: string) {
  const queue = `${path}/queues/${queueId}`
  const assignment = (id: string) => `${path}/assignments/${id}`
  return {
    claim: (body: ClaimBody) => client.request<ClaimAnswer>('POST', `${queue}/claim`, body),
    read: () => client.request<QueueView>('GET', queue),
    reviewed(cursor: string | null) {
      const from = cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''
      return client.request<ReviewedPage>('GET', `${queue}/mine?limit=30${from}`)
    },
    heartbeat: (id: string, token: number) =>
      client.request<HeartbeatAnswer>('POST', `${assignment(id)}/heartbeat`, { token }),
    /** `keepalive` lets it outlive the page. */
    saveDraft: (id: string, body: SaveDraftBody, keepalive = false) =>
      client.request<unknown>('PUT', `${assignment(id)}/draft`, body, { keepalive }),
    context: (id: string) => client.request<ItemContext>('GET', `${assignment(id)}/context`),
    comparison: (eventId: string) =>
      client.request<Comparison>('GET', `${path}/review-events/${eventId}/comparison`),
    judgeTogether: (body: JudgeTogetherBody) => client.request<JudgedTogether>('POST', `${queue}/bulk`, body),
    withdrawTogether: (bulkId: string, step: 'undo' | 'redo') =>
      client.request<BulkWithdrawn>('POST', `${queue}/bulk/${bulkId}/${step}`, {}),
    release: (body: ReleaseBody) =>
      client.request<unknown>('POST', `${path}/assignments/release`, body, { keepalive: true }),
  }
}
