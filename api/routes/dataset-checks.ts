import {
  checkFindings,
  checkParams,
  findingsQuery,
  versionChecks,
  waiveBody,
  waived,
} from '@/contract/v1/dataset-checks'
import { datasetVersion, versionParams } from '@/contract/v1/datasets'
import { giveUpFreezing, goOnFreezing } from '@/server/go-on-freezing'
import { listChecks, listFindings } from '@/server/list-checks'
import { waiveCheck } from '@/server/waive-check'
import { projectRoute } from '../route'

const version = '/projects/{project}/datasets/{dataset}/versions/{version}'

export const datasetCheckRoutes = [
  projectRoute({
    method: 'get',
    path: `${version}/checks`,
    tag: 'Datasets',
    summary: 'What was looked at before the version was frozen: a number each, and who waived what',
    permission: 'datasets.view',
    params: versionParams,
    answers: { 200: { description: 'The checks', schema: versionChecks } },
    handle: ({ scope, params }) => listChecks(scope, params.dataset, params.version),
  }),
  projectRoute({
    method: 'get',
    path: `${version}/checks/{check}`,
    tag: 'Datasets',
    summary: 'The rows behind the number of a check, worst first',
    permission: 'datasets.view',
    params: checkParams,
    query: findingsQuery,
    answers: { 200: { description: 'A page', schema: checkFindings } },
    handle: ({ scope, params, query }) =>
      listFindings(scope, params.dataset, params.version, params.check, query),
  }),
  projectRoute({
    method: 'post',
    path: `${version}/checks/{check}/waive`,
    tag: 'Datasets',
    summary: 'Let the version pass although this check found something; who, when and why stays with it',
    permission: 'datasets.waive',
    params: checkParams,
    body: waiveBody,
    answers: { 200: { description: 'Waived', schema: waived } },
    handle: ({ scope, params, body }) =>
      waiveCheck(scope, params.dataset, params.version, params.check, body.reason),
  }),
  projectRoute({
    method: 'post',
    path: `${version}/go-on`,
    tag: 'Datasets',
    summary: 'Go on freezing once all that blocked the version was waived',
    permission: 'datasets.freeze',
    params: versionParams,
    answers: { 202: { description: 'Under way', schema: datasetVersion } },
    handle: ({ scope, params }) => goOnFreezing(scope, params.dataset, params.version),
  }),
  projectRoute({
    method: 'post',
    path: `${version}/give-up`,
    tag: 'Datasets',
    summary: 'Give up a version that its checks hold back; its number stays used',
    permission: 'datasets.freeze',
    params: versionParams,
    answers: { 200: { description: 'Given up', schema: datasetVersion } },
    handle: ({ scope, params }) => giveUpFreezing(scope, params.dataset, params.version),
  }),
]
