'use client'
import { useEffect, useState, useSyncExternalStore } from 'react'
import type { ClaimAnswer } from '@/contract/v1/review'
import { type Client, createClient } from '@/sdk/client'
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

/** A claim that was made while the page was drawn, and the session it was made for. */
export interface Opened {
  sessionId: string
  claim: ClaimAnswer
}

function openKit(owner: OutboxOwner, queueId: string, { sessionId, claim }: Opened): ReviewKit {
  const client: Client = createClient()
  const outbox = openPersonOutbox(owner, client)
  const api = createReviewApi(client, `/projects/${encodeURIComponent(owner.slug)}`, queueId)
  const drafts = keepDrafts(openTexts(`${owner.projectId}.${owner.userId}`))
  const desk = createReviewDesk({ queueId, sessionId, api, outbox, drafts, opened: claim })
  return { api, outbox, sessionId, desk }
}

/** The outbox, the desk and the calls of an open workbench. */
export function useReviewKit(owner: OutboxOwner, queueId: string, opened: Opened): ReviewKit {
  const [kit] = useState(() => openKit(owner, queueId, opened))
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
