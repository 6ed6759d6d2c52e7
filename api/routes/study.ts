import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Context } from 'hono'
import { z } from 'zod'
import { idParams, projectParams } from '@/contract/v1/common'
import { exportQuery, feedbackPage, feedbackQuery, timeline } from '@/contract/v1/feedback'
import { exportFeedback } from '@/server/export-feedback'
import { listFeedback } from '@/server/list-feedback'
import { readTimeline } from '@/server/read-timeline'
import { projectRoute } from '../route'

export const studyRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/feedback',
    tag: 'Feedback',
    summary: 'What was shown and what people decided, newest first',
    permission: 'feedback.view',
    params: projectParams,
    query: feedbackQuery,
    answers: { 200: { description: 'A page', schema: feedbackPage } },
    handle: async ({ scope, query }) => {
      const { rows, nextCursor } = await listFeedback(scope, query)
      return { rows, nextCursor }
    },
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/feedback/export',
    tag: 'Feedback',
    summary: 'Download live, settled feedback as JSON Lines or CSV, stamped as a draft',
    permission: 'feedback.download',
    params: projectParams,
    query: exportQuery,
    answers: {
      200: {
        description:
          'One row a line, streamed. `Amend-Draft`, `Amend-Query` and `Amend-Taken-At` say what it is; every row says it too.',
        schema: z.string(),
        contentType: 'application/x-ndjson',
      },
    },
    handle: ({ scope, query, c }) => sendExport(c, scope, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/items/{id}/timeline',
    tag: 'Feedback',
    summary: 'Everything that happened to an item',
    permission: 'items.view',
    params: idParams,
    answers: { 200: { description: 'Its timeline', schema: timeline } },
    handle: ({ scope, params }) => readTimeline(scope, params.id),
  }),
]

async function sendExport(c: Context, ...wish: Parameters<typeof exportFeedback>): Promise<Response> {
  // Nobody would read the body of an answer to HEAD, and its query would run on.
  if (c.req.raw.method === 'HEAD') return new Response(null)
  const file = await exportFeedback(...wish)
  const zipped = acceptsGzip(c.req.header('accept-encoding'))
  const body = zipped ? compress(file.stream) : file.stream
  return new Response(Readable.toWeb(body) as ReadableStream, {
    headers: {
      'content-type': file.mediaType,
      'content-disposition': `attachment; filename="${file.fileName}"`,
      ...(zipped ? { 'content-encoding': 'gzip' } : {}),
      vary: 'accept-encoding',
      'amend-draft': 'true',
      'amend-query': file.query,
      'amend-taken-at': file.takenAt,
    },
  })
}

function acceptsGzip(header = ''): boolean {
  const match = /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=([\d.]+))?\s*(?:,|$)/i.exec(header)
  return match !== null && Number(match[1] ?? 1) > 0
}

/** Level 1: text shrinks to a seventh or so already, and the next levels cost more time than the network saves. */
function compress(stream: Readable): Readable {
  const gzip = createGzip({ level: 1, chunkSize: 64 * 1024 })
  stream.on('error', error => gzip.destroy(error))
  gzip.once('close', () => stream.destroy())
  return stream.pipe(gzip)
}
