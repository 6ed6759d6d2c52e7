import type { ChangeKeysBody } from '@/contract/v1/keys'
import type { PersonKeys } from '@/domain/key-map'

/** Keeps the person's keys on the server; throws `ApiError`. The client comes when it is first needed. */
export async function changeKeys(change: ChangeKeysBody): Promise<PersonKeys> {
  const { createClient } = await import('@/sdk/client')
  return createClient().request<PersonKeys>('PATCH', '/me/keys', change)
}
