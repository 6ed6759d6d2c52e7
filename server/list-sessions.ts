import 'server-only'
import type { SessionList } from '@/contract/v1/account'
import { listSessions as listSessionsOfPerson } from '@/db/queries/people'
import type { SignedInPerson } from './access'

export function listSessions(person: SignedInPerson): Promise<SessionList['sessions']> {
  return listSessionsOfPerson(person.userId, person.sessionId)
}
