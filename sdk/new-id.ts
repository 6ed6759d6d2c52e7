import { v7 } from 'uuid'

/** A new id for an exposure or an event: UUID version 7, so that the log stays in order of time. */
export function newId(): string {
  return v7()
}
