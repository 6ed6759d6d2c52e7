import 'server-only'
import type { Me } from '@/contract/v1/account'
import { describePerson } from '@/db/queries/people'
import { AmendError } from '@/domain/errors'
import type { SignedInPerson } from './access'
import { placeholderEmail } from './first-sign-in'

/** @throws AmendError not_signed_in when the account is gone */
export async function describeMe(person: SignedInPerson): Promise<Me> {
  const me = await describePerson(person.userId)
  if (!me) throw new AmendError('not_signed_in', 'This account is gone. Sign in with another one.')
  return { ...me, placeholder: me.email === placeholderEmail }
}
