import { changeKeysBody, personKeys } from '@/contract/v1/keys'
import type { SignedInPerson } from '@/server/access'
import { changeKeys } from '@/server/change-keys'
import { readKeys } from '@/server/read-keys'
import { globalRoute } from '../route'

/** The door lets nobody else through to a route that is for the signed-in. */
const self = (person: SignedInPerson | null) => person as SignedInPerson

export const keyboardRoutes = [
  globalRoute({
    method: 'get',
    path: '/me/keys',
    tag: 'Account',
    summary: 'Your keys, where they differ from the usual ones',
    permission: 'signed-in',
    answers: { 200: { description: 'The keys', schema: personKeys } },
    handle: ({ person }) => readKeys(self(person).userId),
  }),
  globalRoute({
    method: 'patch',
    path: '/me/keys',
    tag: 'Account',
    summary: 'Change your keys or switch them off; a key with two meanings in one scope is refused',
    permission: 'signed-in',
    body: changeKeysBody,
    answers: { 200: { description: 'The keys after the change', schema: personKeys } },
    handle: ({ person, body }) => changeKeys(self(person), body),
  }),
]
