'use client'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { type Client, createClient } from '@/sdk/client'
import { newId } from '@/sdk/new-id'
import { emptyOutbox, type Outbox, type OutboxState } from '@/sdk/outbox'
import { openTexts } from '../inbox/kept-texts'
import { type OutboxOwner, openPersonOutbox } from '../inbox/person-outbox'
import { keepDrafts } from './draft-keeper'
import { createReviewApi, type ReviewApi } from './review-api'
import { createReviewDesk, type ReviewDesk } from './review-desk'

export interface ReviewKit {
  api: ReviewApi
  outbox: Outbox
  desk: ReviewDesk
  sessionId: string
}

function openKit(owner: OutboxOwner, queueId: string): ReviewKit {
  const client: Client = createClient()
  const outbox = openPersonOutbox(owner, client)
  const api = createReviewApi(client, `/projects/${encodeURIComponent(owner.slug)}`, queueId)
  const drafts = keepDrafts(openTexts(`${owner.projectId}.${owner.userId}`))
  const sessionId = newId()
  return { api, outbox, sessionId, desk: createReviewDesk({ queueId, sessionId, api, outbox, drafts }) }
}

/** The outbox, the desk and the calls of an open workbench. */
export function useReviewKit(owner: OutboxOwner, queueId: string): ReviewKit {
  const [kit] = useState(() => openKit(owner, queueId))
  useEffect(() => kit.outbox.start(), [kit])
  useSyncExternalStore(kit.desk.subscribe, kit.desk.getVersion, () => 0)
  return kit
}

export function useOutboxStateOf(outbox: Outbox): OutboxState {
  return useSyncExternalStore(outbox.subscribe, outbox.getState, () => emptyOutbox)
}

/** Delivers what waits on this device while a page without work of its own is open. */
export function useDelivery(owner: OutboxOwner): OutboxState {
  const [outbox] = useState(() => openPersonOutbox(owner, createClient()))
  useEffect(() => outbox.start(), [outbox])
  return useOutboxStateOf(outbox)
}
