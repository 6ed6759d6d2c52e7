import type { ReadableStream as NodeStream } from 'node:stream/web'
import { z } from 'zod'
import { idParams, pageQuery, projectParams } from '@/contract/v1/common'
import {
  importDetail,
  importList,
  importPreview,
  mappingBody,
  readingBody,
  uploadQuery,
} from '@/contract/v1/imports'
import { changeReading } from '@/server/change-reading'
import { describeImport, previewImport } from '@/server/describe-import'
import { listImports } from '@/server/find-import'
import { reportImport } from '@/server/import-report'
import { startImport } from '@/server/start-import'
import { uploadImport } from '@/server/upload-import'
import { projectRoute } from '../route'

export const importRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/imports',
    tag: 'Imports',
    summary: 'Files that were brought, newest first, and how far each is',
    permission: 'items.import',
    params: projectParams,
    query: pageQuery,
    answers: { 200: { description: 'A page', schema: importList } },
    handle: ({ scope, query }) => listImports(scope, query),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/imports',
    tag: 'Imports',
    summary:
      'Send a file of items, up to 200 MB; nothing is stored as items yet. The same bytes are the same import',
    permission: 'items.import',
    params: projectParams,
    query: uploadQuery,
    rawBody:
      'The file itself: CSV with a first line of names, JSON Lines, a JSON list, Parquet, or a zip. Its bytes say which.',
    answers: { 201: { description: 'What it holds, and a proposed mapping', schema: importDetail } },
    handle: ({ scope, query, c }) =>
      uploadImport(scope, c.req.raw.body as NodeStream | null, {
        fileName: query.fileName,
        announcedBytes: Number(c.req.header('content-length') ?? 0),
      }),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/imports/{id}',
    tag: 'Imports',
    summary: 'An import: columns, first rows, mapping, how far it is, what was refused',
    permission: 'items.import',
    params: idParams,
    answers: { 200: { description: 'The import', schema: importDetail } },
    handle: ({ scope, params }) => describeImport(scope, params.id),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/imports/{id}/reading',
    tag: 'Imports',
    summary: 'Read the rows of a file that was not started as those of another tool, or as plain ones',
    permission: 'items.import',
    params: idParams,
    body: readingBody,
    answers: { 200: { description: 'The import, with a mapping proposed anew', schema: importDetail } },
    handle: ({ scope, params, body }) => changeReading(scope, params.id, body.dialect),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/imports/{id}/preview',
    tag: 'Imports',
    summary: 'The first rows as a mapping would have them; stores nothing',
    permission: 'items.import',
    params: idParams,
    body: mappingBody,
    answers: { 200: { description: 'The first rows', schema: importPreview } },
    handle: ({ scope, params, body }) => previewImport(scope, params.id, body.mapping),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/imports/{id}/start',
    tag: 'Imports',
    summary: 'Import the rows as a job, or let one that ended early go on where it stands',
    permission: 'items.import',
    params: idParams,
    body: mappingBody,
    answers: {
      202: { description: 'Under way; undo it by `actionId` once it has ended', schema: importDetail },
    },
    handle: ({ scope, params, body }) => startImport(scope, params.id, body.mapping),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/imports/{id}/report',
    tag: 'Imports',
    summary: 'The refused rows as CSV: line, field, reason',
    permission: 'items.import',
    params: idParams,
    answers: { 200: { description: 'The report', schema: z.string(), contentType: 'text/csv' } },
    handle: async ({ scope, params }) => {
      const { body, fileName } = await reportImport(scope, params.id)
      return new Response(body, {
        headers: {
          'content-type': 'text/csv; charset=utf-8; header=present',
          'content-disposition': `attachment; filename="${fileName}"`,
        },
      })
    },
  }),
]
