import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { z } from 'zod'
import { idParams, projectParams } from '@/contract/v1/common'
import { mediaAnswer, signedMediaParams, signedMediaQuery } from '@/contract/v1/media'
import { AmendError } from '@/domain/errors'
import { type OpenMedia, openMedia } from '@/server/read-media'
import { openSignedMedia } from '@/server/signed-media'
import { mostUploadBytes, storeMedia } from '@/server/store-media'
import { globalRoute, projectRoute } from '../route'

const picture = { schema: z.string(), contentType: 'image/*' }

/** Files of items: up by stream, down from a path that runs nothing. */
export const mediaRoutes = [
  projectRoute({
    method: 'post',
    path: '/projects/{project}/media',
    tag: 'Media',
    summary:
      'Upload a picture: JPEG, PNG, WebP, GIF (its first frame) or AVIF, up to 20 MB and 40 megapixels',
    permission: 'media.create',
    params: projectParams,
    rawBody: 'The picture itself. Its bytes say what it is; place and camera are taken out.',
    answers: { 201: { description: 'Stored; name it in an item', schema: mediaAnswer } },
    handle: ({ scope, c }) => {
      const { body, headers } = c.req.raw
      if (Number(headers.get('content-length') ?? 0) > mostUploadBytes)
        throw new AmendError(
          'body_too_large',
          `A picture may be ${mostUploadBytes / 1024 / 1024} MB at most. Nothing was stored; make it smaller and send it again.`,
        )
      if (!body)
        throw new AmendError('invalid_input', 'There is no picture in the body. Send its bytes as they are.')
      return storeMedia(scope, Readable.fromWeb(body as NodeStream))
    },
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/media/{id}',
    tag: 'Media',
    summary: 'A stored picture',
    permission: 'media.view',
    params: idParams,
    answers: { 200: { description: 'The picture', ...picture } },
    handle: async ({ scope, params }) => sendMedia(await openMedia(scope, params.id, 'whole')),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/media/{id}/thumbnail',
    tag: 'Media',
    summary: 'A stored picture, 480 px wide',
    permission: 'media.view',
    params: idParams,
    answers: { 200: { description: 'The picture as WebP', ...picture } },
    handle: async ({ scope, params }) => sendMedia(await openMedia(scope, params.id, 'thumbnail')),
  }),
  globalRoute({
    method: 'get',
    path: '/signed-media/{project}/{id}',
    tag: 'Media',
    summary: 'A picture by a link of an export, which opens it for a day without a key',
    permission: 'public',
    params: signedMediaParams,
    query: signedMediaQuery,
    answers: { 200: { description: 'The picture', ...picture } },
    handle: async ({ params, query }) => {
      const response = sendMedia(await openSignedMedia(params.project, params.id, query))
      // Whoever has the link may show it: tools of annotation draw it on pages of their own.
      response.headers.set('cross-origin-resource-policy', 'cross-origin')
      response.headers.set('cache-control', 'private, max-age=3600')
      return response
    },
  }),
]

/** What lies under an id never changes, so a browser may keep it for itself; nothing in it is ever run. */
function sendMedia({ stream, contentType, bytes }: OpenMedia): Response {
  return new Response(Readable.toWeb(stream) as ReadableStream, {
    headers: {
      'content-type': contentType,
      'content-length': String(bytes),
      'content-disposition': 'inline',
      'cache-control': 'private, max-age=31536000, immutable',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'same-origin',
    },
  })
}
