import { z } from 'zod'
import { instant, uuid } from './common'

/** What changed of who answers, said once to those whom it concerns. */
export const notice = z.object({
  id: uuid,
  kind: z.enum(['live', 'canary', 'back', 'none']),
  title: z.string(),
  detail: z.string(),
  at: instant,
})
export type Notice = z.infer<typeof notice>
export const noticeList = z.object({ notices: z.array(notice) })
export type NoticeList = z.infer<typeof noticeList>
