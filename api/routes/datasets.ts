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
  previewDatasetBody,
  versionDiff,
  versionDiffQuery,
  versionExportQuery,
  versionParams,
  versionRows,
  versionRowsQuery,
} from '@/contract/v1/datasets'
import { changeDataset } from '@/server/change-dataset'
import { diffVersions } from '@/server/diff-versions'
import { exportVersion } from '@/server/export-version'
import { freezeDataset } from '@/server/freeze-dataset'
import { describeDataset, describeVersion, listDatasets } from '@/server/list-datasets'
import { listVersionRows } from '@/server/list-version-rows'
import { makeDataset } from '@/server/make-dataset'
import { previewDataset } from '@/server/preview-dataset'
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
    summary: 'Download a frozen version as JSON Lines, CSV or Parquet',
    permission: 'datasets.download',
    params: versionParams,
    query: versionExportQuery,
    answers: {
      200: {
        description:
          'The file, streamed. Of JSON Lines, the ETag is the SHA-256 of the bytes, and `Range: bytes=N-` goes on where a download ended.',
        schema: z.string(),
        contentType: 'application/x-ndjson',
      },
    },
    handle: ({ scope, params, query, c }) => sendVersion(c, scope, params.dataset, params.version, query),
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

async function sendVersion(c: Context, ...wish: Parameters<typeof exportVersion>): Promise<Response> {
  const [scope, dataset, version, query] = wish
  const first = /^bytes=(\d{1,15})-$/.exec(c.req.header('range') ?? '')?.[1]
  const resume = first ? { from: Number(first), etag: c.req.header('if-range') ?? null } : null
  const file = await exportVersion(scope, dataset, version, query, resume)
  const headers = {
    'content-type': file.mediaType,
    'content-disposition': `attachment; filename="${file.fileName}"`,
    etag: file.etag,
    ...(query.format === 'jsonl' ? { 'accept-ranges': 'bytes' } : {}),
    ...(file.bytes === null ? {} : { 'content-length': String(file.bytes) }),
    'amend-rows': String(file.version.rows),
    'amend-rows-sha256': file.version.rowsHash ?? '',
    ...(file.version.overtakenReason ? { 'amend-overtaken': file.version.overtakenReason } : {}),
  }
  // Nobody would read the body of an answer to HEAD, and its query would run on.
  if (c.req.raw.method === 'HEAD' || c.req.header('if-none-match') === file.etag) {
    file.stream.destroy()
    return new Response(null, { status: c.req.raw.method === 'HEAD' ? 200 : 304, headers })
  }
  if (file.from === 0) await file.begun()
  const total = file.version.contentBytes ?? 0
  return new Response(Readable.toWeb(file.stream) as ReadableStream, {
    status: file.from > 0 ? 206 : 200,
    headers:
      file.from > 0 ? { ...headers, 'content-range': `bytes ${file.from}-${total - 1}/${total}` } : headers,
  })
}
