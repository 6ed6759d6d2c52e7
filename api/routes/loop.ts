import { z } from 'zod'
import { albumPage, bringItemAnswer, bringItemBody } from '@/contract/v1/album'
import { idParams, pageQuery, projectParams, uuid7 } from '@/contract/v1/common'
import {
  type EventAnswer,
  eventAnswer,
  feedbackEventInput,
  historyPage,
  type RecordFeedbackAnswer,
  recordFeedbackAnswer,
  recordFeedbackBody,
  undoImpact,
} from '@/contract/v1/feedback'
import { createItemsAnswer, createItemsBody, inboxPage } from '@/contract/v1/items'
import { openExposureBody, suggestAnswer, suggestBody, whyAnswer } from '@/contract/v1/suggest'
import { bringItem } from '@/server/bring-item'
import { createItems } from '@/server/create-items'
import { explainExposure } from '@/server/explain-exposure'
import { listAlbum } from '@/server/list-album'
import { listInbox } from '@/server/list-inbox'
import { listMyHistory } from '@/server/list-my-history'
import { readUndoImpact } from '@/server/read-undo-impact'
import { recordFeedback, recordOneEvent } from '@/server/record-feedback'
import { openExposure, suggest } from '@/server/suggest'
import { arrivedEvents } from '../arrived-events'
import { projectRoute } from '../route'

const itemBytes = 2 * 1024 * 1024
const batchBytes = 8 * 1024 * 1024

/** From an item to a suggestion to what a person said of it. */
export const loopRoutes = [
  projectRoute({
    method: 'post',
    path: '/projects/{project}/items',
    tag: 'Items',
    summary: 'Add up to 500 items, all or none',
    permission: 'items.create',
    params: projectParams,
    body: createItemsBody,
    maxBodyBytes: batchBytes,
    answers: { 200: { description: 'Stored or found', schema: createItemsAnswer } },
    handle: ({ scope, body }) => createItems(scope, body.items),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/inbox',
    tag: 'Inbox',
    summary: "The caller's threads, newest first",
    permission: 'inbox.use',
    params: projectParams,
    query: pageQuery,
    answers: { 200: { description: 'A page', schema: inboxPage } },
    handle: ({ scope, query }) => listInbox(scope, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/album',
    tag: 'Album',
    summary: "The caller's photos, newest first, with what they decided",
    permission: 'album.use',
    params: projectParams,
    query: pageQuery,
    answers: { 200: { description: 'A page', schema: albumPage } },
    handle: ({ scope, query }) => listAlbum(scope, query),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/my-items',
    tag: 'Items',
    summary: 'Bring an item of your own, that nobody else sees',
    permission: 'items.bring',
    params: projectParams,
    body: bringItemBody,
    maxBodyBytes: itemBytes,
    answers: { 200: { description: 'Stored or found', schema: bringItemAnswer } },
    handle: ({ scope, body }) => bringItem(scope, body.item),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/suggest',
    tag: 'Suggestions',
    summary: 'Ask the live model about an item, known or new',
    permission: 'suggest.run',
    params: projectParams,
    body: suggestBody,
    maxBodyBytes: itemBytes,
    answers: { 200: { description: 'The exposure, shown or withheld and why', schema: suggestAnswer } },
    handle: ({ scope, body }) => suggest(scope, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/exposures',
    tag: 'Suggestions',
    summary: 'Open an exposure without a suggestion, as when the server could not be reached',
    permission: 'suggest.run',
    params: projectParams,
    body: openExposureBody,
    maxBodyBytes: itemBytes,
    answers: { 200: { description: 'The exposure', schema: suggestAnswer } },
    handle: ({ scope, body }) => openExposure(scope, body),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/exposures/{id}/why',
    tag: 'Suggestions',
    summary: 'Why these suggestions, or none',
    permission: 'exposures.own',
    params: idParams,
    answers: { 200: { description: 'Evidence, model version, rules', schema: whyAnswer } },
    handle: ({ scope, params }) => explainExposure(scope, params.id),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/feedback',
    tag: 'Feedback',
    summary: 'Send up to 500 feedback events; each is answered alone',
    permission: 'feedback.record',
    params: projectParams,
    body: recordFeedbackBody,
    documentedBody: z.object({ events: z.array(feedbackEventInput).min(1).max(500) }),
    maxBodyBytes: batchBytes,
    answers: { 200: { description: 'One answer an event, in order', schema: recordFeedbackAnswer } },
    arrived: (body, result) =>
      arrivedEvents(body.events, (result as RecordFeedbackAnswer | null)?.events ?? null),
    handle: async ({ scope, body }) => ({ events: await recordFeedback(scope, body.events) }),
  }),
  projectRoute({
    method: 'put',
    path: '/projects/{project}/feedback/{id}',
    tag: 'Feedback',
    summary: 'Send one feedback event under its id; sending it again is safe',
    permission: 'feedback.record',
    params: projectParams.extend({ id: uuid7 }),
    body: z.looseObject({}).meta({ description: 'As in a batch, without `id`' }),
    answers: { 200: { description: 'Stored, or stored before', schema: eventAnswer } },
    arrived: (body, result) => arrivedEvents([body], result ? [result as EventAnswer] : null),
    handle: ({ scope, params, body }) => recordOneEvent(scope, { ...body, id: params.id }),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/events/{id}/impact',
    tag: 'Feedback',
    summary: 'What rests on an event, before it is undone',
    permission: 'exposures.own',
    params: idParams,
    answers: { 200: { description: 'What an undo touches', schema: undoImpact } },
    handle: ({ scope, params }) => readUndoImpact(scope, params.id),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/my-history',
    tag: 'My data',
    summary: 'What the caller did, newest first',
    permission: 'history.own',
    params: projectParams,
    query: pageQuery,
    answers: { 200: { description: 'A page', schema: historyPage } },
    handle: ({ scope, query }) => listMyHistory(scope, query),
  }),
]
