import { idParams, projectParams } from '@/contract/v1/common'
import {
  changedPrecedent,
  changedSpecification,
  changeSpecificationBody,
  madePrecedent,
  makePrecedentBody,
  precedentList,
  specificationParams,
  specificationPreview,
  specificationVersions,
  specificationView,
} from '@/contract/v1/specification'
import { listPrecedents } from '@/server/list-precedents'
import { listSpecifications, readSpecification } from '@/server/list-specification'
import { makePrecedent } from '@/server/make-precedent'
import { restorePrecedent, withdrawPrecedent } from '@/server/precedent-changes'
import { previewSpecification } from '@/server/preview-specification'
import { publishSpecification } from '@/server/publish-specification'
import { projectRoute } from '../route'

export const specificationRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/specification/versions',
    tag: 'Specification',
    summary: 'Every version of the guideline and its reasons, newest first, with what it changed',
    permission: 'specification.view',
    params: projectParams,
    answers: { 200: { description: 'All of them', schema: specificationVersions } },
    handle: ({ scope }) => listSpecifications(scope),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/specification/versions/{version}',
    tag: 'Specification',
    summary: 'One version with its guideline, as Markdown',
    permission: 'specification.view',
    params: specificationParams,
    answers: { 200: { description: 'The version', schema: specificationView } },
    handle: ({ scope, params }) => readSpecification(scope, params.version),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/specification/preview',
    tag: 'Specification',
    summary: 'Which answers, items and frozen dataset versions a change would touch; nothing is stored',
    permission: 'specification.manage',
    params: projectParams,
    body: changeSpecificationBody,
    maxBodyBytes: 512 * 1024,
    answers: { 200: { description: 'Counts', schema: specificationPreview } },
    handle: ({ scope, body }) => previewSpecification(scope, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/specification/versions',
    tag: 'Specification',
    summary: 'Publish the next version; stored answers keep the codes and the version they were given under',
    permission: 'specification.manage',
    params: projectParams,
    body: changeSpecificationBody,
    maxBodyBytes: 512 * 1024,
    answers: {
      201: {
        description: 'Published; `jobId` says how far the sending back is',
        schema: changedSpecification,
      },
    },
    handle: ({ scope, body }) => publishSpecification(scope, body),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/precedents',
    tag: 'Specification',
    summary: 'Settled cases that show how the guideline is meant, newest first',
    permission: 'specification.view',
    params: projectParams,
    answers: { 200: { description: 'Curators see withdrawn ones too', schema: precedentList } },
    handle: ({ scope }) => listPrecedents(scope),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/precedents',
    tag: 'Specification',
    summary: 'Make a precedent of an item that was settled; texts whose author withholds them stay out',
    permission: 'specification.manage',
    params: projectParams,
    body: makePrecedentBody,
    answers: { 201: { description: 'Shown to everybody who reviews', schema: madePrecedent } },
    handle: ({ scope, body }) => makePrecedent(scope, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/precedents/{id}/withdraw',
    tag: 'Specification',
    summary: 'Show a precedent no more',
    permission: 'specification.manage',
    params: idParams,
    answers: { 200: { description: 'Withdrawn', schema: changedPrecedent } },
    handle: ({ scope, params }) => withdrawPrecedent(scope, params.id),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/precedents/{id}/restore',
    tag: 'Specification',
    summary: 'Show a withdrawn precedent again, while what it was made of stands',
    permission: 'specification.manage',
    params: idParams,
    answers: { 200: { description: 'Shown again', schema: changedPrecedent } },
    handle: ({ scope, params }) => restorePrecedent(scope, params.id),
  }),
]
