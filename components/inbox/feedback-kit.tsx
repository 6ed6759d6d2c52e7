'use client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createContext, type ReactNode, use, useEffect, useState, useSyncExternalStore } from 'react'
import { type Client, createClient } from '@/sdk/client'
import { createEventSession, type EventSession } from '@/sdk/event-stamp'
import { emptyOutbox, type Outbox, type OutboxState } from '@/sdk/outbox'
import type { UsePage } from '@/tasks/task-type'
import { createDesk, type Desk } from './desk'
import { type Drafts, openDrafts } from './drafts'
import { type OutboxOwner, openPersonOutbox } from './person-outbox'

/** Who gives feedback where; fixed for as long as a page is open. */
export interface FeedbackOwner extends OutboxOwner {
  /** The page of this project on which items are worked on, where its task has one. */
  usePage: UsePage | null
}

export interface FeedbackKit extends FeedbackOwner {
  path: string
  client: Client
  session: EventSession
  outbox: Outbox
  drafts: Drafts
  desk: Desk
  /** Gives up early: a person never waits for a suggestion. */
  suggestClient: Client
  queries: QueryClient
}

const Context = createContext<FeedbackKit | null>(null)

/** One kit per person and project in a browser tab, whichever page is open. */
const kits = new Map<string, FeedbackKit>()

/** A person waits this long for a suggestion at most; the server itself gives up sooner. */
const suggestTimeoutMs = 4_000

function createKit(owner: FeedbackOwner): FeedbackKit {
  const name = `${owner.projectId}.${owner.userId}`
  const path = `/projects/${encodeURIComponent(owner.slug)}`
  const client = createClient()
  const session = createEventSession()
  const drafts = openDrafts(name)
  const outbox = openPersonOutbox(owner, client)
  const suggestClient = createClient({ timeoutMs: suggestTimeoutMs })
  const desk = createDesk({ slug: owner.slug, client, suggestClient, outbox, session, drafts })
  const queries = new QueryClient({
    defaultOptions: {
      queries: { staleTime: 10_000, retry: 1, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  })
  return { ...owner, path, client, suggestClient, session, outbox, drafts, desk, queries }
}

function kitOf(owner: FeedbackOwner): FeedbackKit {
  // The server draws for many people: it keeps nothing between them.
  if (typeof window === 'undefined') return createKit(owner)
  const name = `${owner.projectId}.${owner.userId}`
  const known = kits.get(name)
  // After an erasure the same person is somebody new in the project's data.
  const kit = known?.pseudonym === owner.pseudonym ? known : createKit(owner)
  kits.set(name, kit)
  return kit
}

/** Gives the page its outbox, its client and its work in progress. */
export function FeedbackProvider({ owner, children }: { owner: FeedbackOwner; children: ReactNode }) {
  const [kit] = useState(() => kitOf(owner))
  useEffect(() => kit.outbox.start(), [kit])
  return (
    <Context value={kit}>
      <QueryClientProvider client={kit.queries}>{children}</QueryClientProvider>
    </Context>
  )
}

export function useFeedback(): FeedbackKit {
  const kit = use(Context)
  if (!kit) throw new Error('Feedback is used outside FeedbackProvider')
  return kit
}

export function useOutboxState(): OutboxState {
  const { outbox } = useFeedback()
  return useSyncExternalStore(outbox.subscribe, outbox.getState, () => emptyOutbox)
}
