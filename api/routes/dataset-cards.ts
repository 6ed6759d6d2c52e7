import { cardQuery, datasetCard, writeCardBody, writtenCard } from '@/contract/v1/dataset-card'
import { datasetParams, versionParams } from '@/contract/v1/datasets'
import { describeCard, markdownOf } from '@/server/describe-card'
import { writeCard } from '@/server/write-card'
import { projectRoute } from '../route'

const written = { 200: { description: 'What the card says now', schema: writtenCard } }

export const datasetCardRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/datasets/{dataset}/versions/{version}/card',
    tag: 'Datasets',
    summary: 'The card of a frozen version (a datasheet): its facts, and what curators wrote beside them',
    permission: 'datasets.view',
    params: versionParams,
    query: cardQuery,
    answers: { 200: { description: 'As JSON, or as Markdown with `format=md`', schema: datasetCard } },
    handle: async ({ scope, params, query }) => {
      const card = await describeCard(scope, params.dataset, params.version)
      if (query.format === 'json') return card
      return new Response(markdownOf(card), {
        headers: {
          'content-type': 'text/markdown; charset=utf-8',
          'content-disposition': `attachment; filename="${card.dataset}-v${card.version}-card.md"`,
        },
      })
    },
  }),
  projectRoute({
    method: 'put',
    path: '/projects/{project}/datasets/{dataset}/card',
    tag: 'Datasets',
    summary: 'Write parts of the card of a dataset; all its versions say them that say nothing of their own',
    permission: 'datasets.manage',
    params: datasetParams,
    body: writeCardBody,
    answers: written,
    handle: ({ scope, params, body }) => writeCard(scope, params.dataset, null, body),
  }),
  projectRoute({
    method: 'put',
    path: '/projects/{project}/datasets/{dataset}/versions/{version}/card',
    tag: 'Datasets',
    summary: 'Write parts of the card of one version',
    permission: 'datasets.manage',
    params: versionParams,
    body: writeCardBody,
    answers: written,
    handle: ({ scope, params, body }) => writeCard(scope, params.dataset, params.version, body),
  }),
]
