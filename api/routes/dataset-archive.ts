import { Readable } from 'node:stream'
import { z } from 'zod'
import { versionArchiveQuery, versionParams } from '@/contract/v1/datasets'
import { archiveVersion } from '@/server/archive-version'
import { projectRoute } from '../route'

export const datasetArchiveRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/datasets/{dataset}/versions/{version}/archive',
    tag: 'Datasets',
    summary:
      'A frozen version with its evidence as one tar, for `amend verify`: rows, log, consent, splits, checks, card',
    permission: 'datasets.download',
    params: versionParams,
    query: versionArchiveQuery,
    answers: {
      200: { description: 'The archive, streamed', schema: z.string(), contentType: 'application/x-tar' },
    },
    handle: async ({ scope, params, query, c }) => {
      const archive = await archiveVersion(scope, params.dataset, params.version, query.consumer)
      const headers = {
        'content-type': archive.mediaType,
        'content-disposition': `attachment; filename="${archive.fileName}"`,
      }
      if (c.req.raw.method === 'HEAD') {
        archive.stream.destroy()
        return new Response(null, { headers })
      }
      await archive.begun()
      return new Response(Readable.toWeb(archive.stream) as ReadableStream, { headers })
    },
  }),
]
