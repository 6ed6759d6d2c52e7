import type { Consent } from '@/contract/v1/actor'
import type { Client } from '@/sdk/client'
import { createOutbox, type Outbox } from '@/sdk/outbox'

/** Whose outbox, in which project. */
export interface OutboxOwner {
  slug: string
  projectId: string
  userId: string
  /** The person's name in this project's data; how the outbox knows that nobody else has signed in. */
  pseudonym: string
}

/** The queue that all pages of a person in a project share, whichever of them is open. */
export function openPersonOutbox(owner: OutboxOwner, client: Client): Outbox {
  const isSamePerson = async () => {
    const now = await client.request<Consent>('GET', `/projects/${encodeURIComponent(owner.slug)}/consent`)
    return now.pseudonym === owner.pseudonym
  }
  return createOutbox({
    name: `${owner.projectId}.${owner.userId}`,
    project: owner.slug,
    client,
    isSamePerson,
  })
}
