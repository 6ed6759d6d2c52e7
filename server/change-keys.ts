import 'server-only'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { type PersonKeys, whyNoKeys, withKeys } from '@/domain/key-map'
import type { SignedInPerson } from './access'
import { readKeys } from './read-keys'

interface Change {
  lettersOn?: boolean | undefined
  own?: PersonKeys['own'] | undefined
}

/**
 * Changes one's own keys, all that are named or none. Two that change places are named together.
 *
 * @throws AmendError invalid_input, by key, where a chord does something else already or is no key
 */
export async function changeKeys(person: SignedInPerson, change: Change): Promise<PersonKeys> {
  return withTransaction(async tx => {
    await tx.$client.query('SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE', [person.userId])
    const before = await readKeys(person.userId, tx)
    const asked = change.own ?? {}
    const keys = {
      lettersOn: change.lettersOn ?? before.lettersOn,
      own: withKeys(before.own, asked),
    }
    const wrong = whyNoKeys({ ...asked, ...keys.own })
    if (wrong) throw new AmendError('invalid_input', wrong.why, { field: `own.${wrong.id}` })
    await tx.$client.query(
      `INSERT INTO person_keys (user_id, letters_on, own) VALUES ($1, $2, $3)
       ON CONFLICT (user_id) DO UPDATE SET letters_on = excluded.letters_on, own = excluded.own, changed_at = amend.now()`,
      [person.userId, keys.lettersOn, JSON.stringify(keys.own)],
    )
    return keys
  })
}
