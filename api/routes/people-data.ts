import { z } from 'zod'
import { askedConsent, consent, eraseAnswer, setConsentBody } from '@/contract/v1/actor'
import { idParams, projectParams } from '@/contract/v1/common'
import { askConsent, setConsent } from '@/server/consent'
import { downloadMyData } from '@/server/download-my-data'
import { eraseItem, eraseMyData, erasePersonByPseudonym } from '@/server/erase-content'
import { projectRoute } from '../route'

/** Consent, and the rights people have over what is kept about them. */
export const peopleDataRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/consent',
    tag: 'My data',
    summary: "The caller's consent and opt-outs, and the wording to agree to",
    permission: 'consent.own',
    params: projectParams,
    answers: { 200: { description: 'As it stands', schema: askedConsent } },
    handle: ({ scope }) => askConsent(scope),
  }),
  projectRoute({
    method: 'put',
    path: '/projects/{project}/consent',
    tag: 'My data',
    summary: 'Agree, or opt out of suggestions or of training use; in force at once',
    permission: 'consent.own',
    params: projectParams,
    body: setConsentBody,
    answers: { 200: { description: 'As it stands now', schema: consent } },
    handle: ({ scope, body }) => setConsent(scope, body),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/my-data',
    tag: 'My data',
    summary: 'Everything kept about the caller',
    permission: 'data.own',
    params: projectParams,
    answers: { 200: { description: 'A JSON document', schema: z.looseObject({}) } },
    handle: async ({ scope }) => {
      const parts = downloadMyData(scope)
      const encoder = new TextEncoder()
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { done, value } = await parts.next()
          if (done) controller.close()
          else controller.enqueue(encoder.encode(value))
        },
        async cancel() {
          await parts.return(undefined)
        },
      })
      return new Response(body, {
        headers: {
          'content-type': 'application/json',
          'content-disposition': `attachment; filename="my-data-${scope.project.slug}.json"`,
        },
      })
    },
  }),
  projectRoute({
    method: 'delete',
    path: '/projects/{project}/my-data',
    tag: 'My data',
    summary: "Erase the caller's words and items here; can't be undone",
    permission: 'data.own',
    params: projectParams,
    answers: { 200: { description: 'What was erased', schema: eraseAnswer } },
    handle: ({ scope }) => eraseMyData(scope),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/people/{pseudonym}/erase',
    tag: 'Erasure',
    summary: "Erase a person's words and items; can't be undone",
    permission: 'people.erase',
    params: projectParams.extend({ pseudonym: z.string().max(40) }),
    answers: { 200: { description: 'What was erased', schema: eraseAnswer } },
    handle: ({ scope, params }) => erasePersonByPseudonym(scope, params.pseudonym),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/items/{id}/erase',
    tag: 'Erasure',
    summary: "Erase an item's content and all that was suggested and written about it; can't be undone",
    permission: 'items.erase',
    params: idParams,
    answers: { 200: { description: 'What was erased', schema: eraseAnswer } },
    handle: ({ scope, params }) => eraseItem(scope, params.id),
  }),
]
