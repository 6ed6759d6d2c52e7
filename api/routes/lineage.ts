import { versionParams } from '@/contract/v1/datasets'
import { rowLineage, rowLineageParams, versionLineage } from '@/contract/v1/lineage'
import { readRowLineage } from '@/server/read-row-lineage'
import { readVersionLineage } from '@/server/read-version-lineage'
import { projectRoute } from '../route'

export const lineageRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/datasets/{dataset}/versions/{version}/lineage',
    tag: 'Datasets',
    summary: 'Out of what a frozen version was made, and what came of it',
    permission: 'datasets.view',
    params: versionParams,
    answers: { 200: { description: 'Counts of both ways', schema: versionLineage } },
    handle: ({ scope, params }) => readVersionLineage(scope, params.dataset, params.version),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/datasets/{dataset}/versions/{version}/rows/{row}/lineage',
    tag: 'Datasets',
    summary:
      'Where a row came from, event by event, back to what its model was trained on, and where it went',
    permission: 'datasets.view',
    params: rowLineageParams,
    answers: { 200: { description: 'Both ways', schema: rowLineage } },
    handle: ({ scope, params }) => readRowLineage(scope, params.dataset, params.version, Number(params.row)),
  }),
]
