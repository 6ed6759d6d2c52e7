import { Readable } from 'node:stream'
import type { Context } from 'hono'
import { z } from 'zod'
import { projectParams } from '@/contract/v1/common'
import {
  changeDatasetBody,
  datasetDetail,
  datasetList,
  datasetParams,
  datasetPreview,
  datasetVersion,
  madeDataset,
  makeDatasetBody,
  type PreparedFile,
  preparedFile,
  previewDatasetBody,
  versionDiff,
  versionDiffQuery,
  versionExportQuery,
  versionParams,
  versionRows,
  versionRowsQuery,
} from '@/contract/v1/datasets'
import { getConfig } from '@/platform/config'
import type { ProjectScope } from '@/server/access'
import { changeDataset } from '@/server/change-dataset'
import { diffVersions } from '@/server/diff-versions'
import { exportVersion } from '@/server/export-version'
import { freezeDataset } from '@/server/freeze-dataset'
import { describeDataset, describeVersion, listDatasets } from '@/server/list-datasets'
import { listVersionRows } from '@/server/list-version-rows'
import { makeDataset } from '@/server/make-dataset'
import { previewDataset } from '@/server/preview-dataset'
import { readRange } from '../byte-range'
import { projectRoute } from '../route'

export const datasetRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/datasets',
    tag: 'Datasets',
    summary: 'Saved selections, each with its newest frozen version',
    permission: 'datasets.view',
    params: projectParams,
    answers: { 200: { description: 'All of them', schema: datasetList } },
    handle: ({ scope }) => listDatasets(scope),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/datasets',
    tag: 'Datasets',
    summary: 'Save a selection with its target and rules',
    permission: 'datasets.manage',
    params: projectParams,
    body: makeDatasetBody,
    answers: { 201: { description: 'The dataset', schema: madeDataset } },
    handle: ({ scope, body }) => makeDataset(scope, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/datasets/preview',
    tag: 'Datasets',
    summary: 'How many rows a selection would give now, by split and state, and what is left out and why',
    permission: 'datasets.manage',
    params: projectParams,
    body: previewDatasetBody,
    answers: { 200: { description: 'Counts', schema: datasetPreview } },
    handle: ({ scope, body }) => previewDataset(scope, body),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/datasets/{dataset}',
    tag: 'Datasets',
    summary: 'A dataset with all its versions',
    permission: 'datasets.view',
    params: datasetParams,
    answers: { 200: { description: 'The dataset', schema: datasetDetail } },
    handle: ({ scope, params }) => describeDataset(scope, params.dataset),
  }),
  projectRoute({
    method: 'patch',
    path: '/projects/{project}/datasets/{dataset}',
    tag: 'Datasets',
    summary: 'Change what later versions are made of, or archive it; frozen versions stay as they are',
    permission: 'datasets.manage',
    params: datasetParams,
    body: changeDatasetBody,
    answers: { 200: { description: 'The dataset as it is now', schema: madeDataset } },
    handle: ({ scope, params, body }) => changeDataset(scope, params.dataset, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/datasets/{dataset}/versions',
    tag: 'Datasets',
    summary: 'Freeze the next version as a job; `job` says how far it is',
    permission: 'datasets.freeze',
    params: datasetParams,
    answers: { 202: { description: 'Under way', schema: datasetVersion } },
    handle: ({ scope, params }) => freezeDataset(scope, params.dataset),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/datasets/{dataset}/versions/{version}',
    tag: 'Datasets',
    summary: 'A version: its definition, counts and hashes',
    permission: 'datasets.view',
    params: versionParams,
    answers: { 200: { description: 'The manifest', schema: datasetVersion } },
    handle: ({ scope, params }) => describeVersion(scope, params.dataset, params.version),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/datasets/{dataset}/versions/{version}/rows',
    tag: 'Datasets',
    summary: 'Rows of a frozen version, in its order',
    permission: 'datasets.view',
    params: versionParams,
    query: versionRowsQuery,
    answers: { 200: { description: 'A page', schema: versionRows } },
    handle: ({ scope, params, query }) => listVersionRows(scope, params.dataset, params.version, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/datasets/{dataset}/versions/{version}/export',
    tag: 'Datasets',
    summary: 'Download a frozen version in one of its formats',
    permission: 'datasets.download',
    params: versionParams,
    query: versionExportQuery,
    answers: {
      200: {
        description:
          'The file, streamed. Of JSON Lines, the ETag is the SHA-256 of the bytes; of the others it begins with that. `Range: bytes=N-` goes on where a download ended, in every format.',
        schema: z.string(),
        contentType: 'application/x-ndjson',
      },
      206: { description: 'The part that was asked for' },
      304: { description: 'It is the file of the ETag in If-None-Match' },
    },
    handle: ({ scope, params, query, c }) => sendVersion(c, scope, params.dataset, params.version, query),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/datasets/{dataset}/versions/{version}/export',
    tag: 'Datasets',
    summary: 'Have the file of a format made, and see how far it is; a download needs none of this',
    permission: 'datasets.download',
    params: versionParams,
    query: versionExportQuery,
    answers: { 200: { description: 'How far it is', schema: preparedFile } },
    handle: async ({ scope, params, query }): Promise<PreparedFile> => {
      const { made, total } = await exportVersion(scope, params.dataset, params.version, query, {
        makeOnly: true,
      })
      return made === undefined ? { state: 'ready', bytes: total } : { state: 'making', bytes: made }
    },
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/datasets/{dataset}/versions/{version}/diff',
    tag: 'Datasets',
    summary: 'What a version has that another one has not: added, removed, changed, moved between splits',
    permission: 'datasets.view',
    params: versionParams,
    query: versionDiffQuery,
    answers: { 200: { description: 'Counts, and the first rows of each', schema: versionDiff } },
    handle: ({ scope, params, query }) => diffVersions(scope, params.dataset, params.version, query),
  }),
]

async function sendVersion(
  c: Context,
  scope: ProjectScope,
  dataset: string,
  version: string,
  query: z.output<typeof versionExportQuery>,
): Promise<Response> {
  const { headers: given, url } = c.req.raw
  const headOnly = c.req.raw.method === 'HEAD'
  const file = await exportVersion(scope, dataset, version, query, {
    range: readRange(given.get('range')),
    ifRange: given.get('if-range'),
    ifNoneMatch: given.get('if-none-match'),
    headOnly,
    origin: getConfig().publicUrl ?? new URL(url).origin,
  })
  const { etag, total, range } = file
  const headers = {
    'content-type': file.mediaType,
    'content-disposition': `attachment; filename="${file.fileName}"`,
    ...(etag === null ? {} : { etag, 'accept-ranges': 'bytes' }),
    ...(total === null ? {} : { 'content-length': String(range ? range.to - range.from + 1 : total) }),
    'amend-rows': String(file.version.rows),
    'amend-rows-sha256': file.version.rowsHash ?? '',
    ...(file.version.overtakenReason ? { 'amend-overtaken': file.version.overtakenReason } : {}),
  }
  if (file.stream === null) return new Response(null, { status: headOnly ? 200 : 304, headers })
  if (!range || range.from === 0) await file.begun()
  return new Response(Readable.toWeb(file.stream) as ReadableStream, {
    status: range ? 206 : 200,
    headers: range ? { ...headers, 'content-range': `bytes ${range.from}-${range.to}/${total}` } : headers,
  })
}
