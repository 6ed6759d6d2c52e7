import { idParams, pageQuery, projectParams } from '@/contract/v1/common'
import { job, jobPage } from '@/contract/v1/jobs'
import { cancelJob, listJobs, readJob } from '@/server/list-jobs'
import { projectRoute } from '../route'

export const jobRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/jobs',
    tag: 'Jobs',
    summary: 'Work that takes longer than a request, newest first',
    permission: 'jobs.view',
    params: projectParams,
    query: pageQuery,
    answers: { 200: { description: 'A page', schema: jobPage } },
    handle: ({ scope, query }) => listJobs(scope, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/jobs/{id}',
    tag: 'Jobs',
    summary: 'A job: how far it is, how it ended',
    permission: 'jobs.view',
    params: idParams,
    answers: { 200: { description: 'The job', schema: job } },
    handle: ({ scope, params }) => readJob(scope, params.id),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/jobs/{id}/cancel',
    tag: 'Jobs',
    summary: 'Stop a job before its next chunk; what it stored stays',
    permission: 'jobs.cancel',
    params: idParams,
    answers: { 200: { description: 'Asked to stop', schema: job } },
    handle: ({ scope, params }) => cancelJob(scope, params.id),
  }),
]
